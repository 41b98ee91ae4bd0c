internal import Glibc

/// An open file with its name for errors. Whoever opened it closes it.
package struct Descriptor {
    /// Bytes asked of the kernel at once: 64 KiB.
    private static let chunk = 64 << 10

    let number: Int32
    let path: String
    let operation: String

    package init(_ number: Int32, path: String, operation: String) {
        self.number = number
        self.path = path
        self.operation = operation
    }

    init(opening path: String, flags: Int32, mode: UInt32 = 0, operation: String) throws(FileError) {
        guard !path.utf8.contains(0) else {
            throw FileError(operation: operation, path: path, cause: "a path can't hold a zero byte")
        }
        var number: Int32
        repeat {
            number = open(path, flags | O_CLOEXEC, mode_t(truncatingIfNeeded: mode))
        } while number < 0 && errno == EINTR
        guard number >= 0 else { throw FileError(operation, path, errno) }
        self.init(number, path: path, operation: operation)
    }

    func error(_ code: Int32) -> FileError { FileError(operation, path, code) }

    func facts() throws(FileError) -> FileFacts {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw error(errno) }
        return FileFacts(status)
    }

    /// - limit: bytes, at most; one more is an error.
    func readAll(limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Descriptor.chunk)
        while true {
            let count = Glibc.read(number, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN {
                    wait(for: Int16(POLLIN))
                    continue
                }
                throw error(errno)
            }
            guard bytes.count + count <= limit else {
                throw FileError(
                    operation: operation, path: path, code: EFBIG,
                    cause: "larger than \(ByteCount(bytes: limit))")
            }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// All of it, however many calls that takes (write(2) may take less than it is given).
    package func write(_ bytes: [UInt8]) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(number, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            }
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                // Someone who shares our terminal or pipe made it non-blocking.
                wait(for: Int16(POLLOUT))
            } else if errno != EINTR {
                throw error(errno)
            }
        }
    }

    func sync() throws(FileError) {
        guard fsync(number) == 0 else { throw error(errno) }
    }

    func close() { _ = Glibc.close(number) }

    private func wait(for events: Int16) {
        var entry = pollfd(fd: number, events: events, revents: 0)
        _ = poll(&entry, 1, -1)
    }
}
