internal import Glibc

/// Our end of a pipe that a process writes lines into. Used from the testbed's thread.
struct LineReader {
    /// Bytes taken at a time.
    private static let chunk = 65_536
    /// Where they are taken to first: kept, so that a look costs a system call and no more.
    private var buffer = [UInt8](repeating: 0, count: chunk)

    /// Below zero once the pipe is closed.
    private(set) var descriptor: Int32
    private var rest: [UInt8] = []
    private let onLines: @Sendable ([String]) -> Void

    init(_ descriptor: Int32, onLines: @escaping @Sendable ([String]) -> Void) {
        self.descriptor = descriptor
        self.onLines = onLines
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Takes what is there.
    /// - Returns: whether there may be more.
    @discardableResult
    mutating func read() -> Bool {
        guard descriptor >= 0 else { return false }
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 {
            rest += buffer[..<count]
            takeLines()
            return true
        }
        if count < 0, errno == EINTR { return true }
        // EIO: nobody has the terminal's other end any more.
        if count == 0 || errno == EIO { end() }
        return false
    }

    /// Takes what is left, an unfinished last line too, and closes the pipe.
    mutating func finish() {
        while read() {}
        end()
    }

    private mutating func takeLines() {
        guard let last = rest.lastIndex(of: 0x0A) else { return }
        let lines = rest[..<last].split(separator: 0x0A, omittingEmptySubsequences: false)
        onLines(lines.map { String(decoding: $0, as: UTF8.self) })
        rest.removeSubrange(...last)
    }

    private mutating func end() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        if !rest.isEmpty { onLines([String(decoding: rest, as: UTF8.self)]) }
        rest = []
    }
}
