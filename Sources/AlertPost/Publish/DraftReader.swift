internal import Glibc
public import Platform
internal import Settings

/// Reads drafts from a descriptor, one JSON object a line, and gives what is there without waiting for more than one line:
/// a program that writes an alert now and then gets each one queued at once. A byte order mark before the first is passed
/// over. Used from one thread.
public struct DraftReader: ~Copyable {
    /// Bytes of a line kept; a longer one is given cut at this length, whatever is in it: that is more than an alert may
    /// have, so that it is refused by its size and never passed over.
    public static let longestLine = 70_000

    /// A line and its number, from 1. Empty lines are counted and left out.
    public struct Line: Sendable, Equatable {
        public var number: Int
        public var bytes: [UInt8]
    }

    private let descriptor: Int32
    private let path: String
    /// Bytes of the file, for a regular one; nil where nobody can know.
    public let size: UInt64?
    /// Bytes taken from it so far.
    public private(set) var taken: UInt64 = 0
    private var rest: [UInt8] = []
    private var isAtStart = true
    private var isCutting = false
    private var number = 0
    private var isAtEnd = false

    /// - path: `-` is standard input.
    public init(_ path: String) throws(FileError) {
        self.path = path == "-" ? "standard input" : path
        if path == "-" {
            descriptor = dup(STDIN_FILENO)
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw FileError("read", self.path, errno) }
        var facts = stat()
        let isRegular = fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
        size = isRegular ? UInt64(clamping: facts.st_size) : nil
    }

    /// U+FEFF in UTF-8: some editors and spreadsheets begin a file with it (RFC 8259, section 8.1, lets readers pass it over).
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// A text without a byte order mark before it.
    public static func withoutMark(_ text: [UInt8]) -> [UInt8] {
        text.starts(with: mark) ? Array(text.dropFirst(mark.count)) : text
    }

    deinit {
        close(descriptor)
    }

    /// At least one line, and more up to `most` if they have arrived; empty at the end.
    public mutating func next(_ most: Int) throws(FileError) -> [Line] {
        var lines: [Line] = []
        while true {
            takeLines(most, into: &lines)
            if !lines.isEmpty || isAtEnd { return lines }
            try readMore()
        }
    }

    private mutating func takeLines(_ most: Int, into lines: inout [Line]) {
        if isAtStart {
            // A part of a mark is not yet known for one.
            if !isAtEnd, rest.count < DraftReader.mark.count, DraftReader.mark.starts(with: rest) { return }
            rest = DraftReader.withoutMark(rest)
            isAtStart = false
        }
        var start = 0
        while lines.count < most, let end = rest[start...].firstIndex(of: 0x0A) {
            add(rest[start..<end], to: &lines)
            start = end + 1
        }
        if start > 0 { rest.removeFirst(start) }
        if isAtEnd, lines.count < most, !rest.isEmpty, !rest.contains(0x0A) {
            add(rest[...], to: &lines)
            rest = []
        }
        if rest.count > DraftReader.longestLine, !rest.contains(0x0A) {
            // The rest of this line is read and dropped; what is kept is long enough to be refused.
            if !isCutting { add(rest.prefix(DraftReader.longestLine), to: &lines) }
            isCutting = true
            rest = []
        }
    }

    private mutating func add(_ line: ArraySlice<UInt8>, to lines: inout [Line]) {
        if isCutting {
            isCutting = false
            return
        }
        number += 1
        guard
            line.count >= DraftReader.longestLine
                || line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D })
        else { return }
        lines.append(Line(number: number, bytes: Array(line.prefix(DraftReader.longestLine))))
    }

    private mutating func readMore() throws(FileError) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                rest.append(contentsOf: buffer[..<count])
                taken += UInt64(count)
                return
            }
            if count == 0 {
                isAtEnd = true
                return
            }
            guard errno == EINTR else { throw FileError("read", path, errno) }
        }
    }
}
