import Glibc

/// The right to write a log: an exclusive lock on `PATH.lock`, which the kernel ends with the process, however it ends.
///
/// The file stays when the lock is released: a lock file that is removed can be locked twice under one name.
struct PenLock: ~Copyable {
    private let descriptor: Int32

    init(_ path: String) throws(StoreError) {
        let name = path + ".lock"
        descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PenLock.error(name, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            let holder = PenLock.holder(descriptor)
            close(descriptor)
            guard error == EWOULDBLOCK else { throw PenLock.error(name, error) }
            throw StoreError(
                operation: "open", path: path, cause: .locked,
                detail: "\(holder) holds \(name): probably another running hub",
                remedy: "Stop that one, or give this one a database of its own")
        }
        // For people, and for the sentence above; the lock does not depend on it.
        let line = "\(getpid())\n"
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.utf8.count, 0) }
    }

    /// Whether a pen is on the log now.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path + ".lock", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    deinit {
        // A child process between fork and exec has the descriptor too, and closing ours alone would leave it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(count, 0)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
    }

    private static func error(_ name: String, _ error: Int32) -> StoreError {
        let (cause, remedy): (StoreError.Cause, String) =
            switch error {
            case EACCES, EPERM, EROFS:
                (.readOnly, "Give the program's user the right to write the file and its directory")
            case ENOENT, ENOTDIR: (.missing, "Make the directory")
            case ENOSPC, EDQUOT: (.full, "Make room on the disk")
            default: (.other, "")
            }
        return StoreError(
            operation: "open", path: name, cause: cause, detail: String(cString: strerror(error)),
            remedy: remedy)
    }
}
