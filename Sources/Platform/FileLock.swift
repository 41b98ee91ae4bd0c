internal import Glibc

/// An advisory lock on a file, held until it is dropped or the process ends, however it ends (flock(2)).
public struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// - Returns: nil when another process holds it.
    public static func acquire(_ path: String) throws(PlatformError) -> FileLock? {
        let descriptor = try retrying("open", path) { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor: descriptor) }
        let code = errno
        close(descriptor)
        guard code == EWOULDBLOCK else { throw PlatformError(operation: "flock", object: path, code: code) }
        return nil
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // A child process between fork and exec has the descriptor too, and closing ours alone would leave it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
