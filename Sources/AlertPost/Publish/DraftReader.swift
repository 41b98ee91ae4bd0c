internal import Glibc
public import Settings

/// Reads drafts from a descriptor, one JSON object a line, and gives what is there without waiting for more than one line:
/// a program that writes an alert now and then gets each one queued at once. Used from one thread.
public struct DraftReader: ~Copyable {
    /// Bytes of a line kept; a longer one is given cut at this length, which is above what an alert may have, so that it is
    /// refused by its size.
    public static let longestLine = 70_000

    /// A line and its number, from 1. Empty lines are counted and left out.
    public struct Line: Sendable, Equatable {
        public var number: Int
        public var bytes: [UInt8]
    }

    private let descriptor: Int32
    private let path: String
    private var rest: [UInt8] = []
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
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        lines.append(Line(number: number, bytes: Array(line.prefix(DraftReader.longestLine))))
    }

    private mutating func readMore() throws(FileError) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                rest.append(contentsOf: buffer[..<count])
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
