internal import Glibc
internal import Synchronization

/// Our end of a process's standard input. From any thread.
final class InputPipe: Sendable {
    private let descriptor: Mutex<Int32?>

    init(_ descriptor: Int32) {
        self.descriptor = Mutex(descriptor)
    }

    deinit { close() }

    func write(_ bytes: [UInt8]) -> Bool {
        descriptor.withLock { descriptor in
            guard let number = descriptor else { return false }
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Glibc.write(number, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                }
                if count >= 0 {
                    done += count
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    func close() {
        descriptor.withLock { descriptor in
            if let number = descriptor { _ = Glibc.close(number) }
            descriptor = nil
        }
    }
}
