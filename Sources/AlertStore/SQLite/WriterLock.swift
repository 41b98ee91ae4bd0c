import Glibc
import Platform

/// The right to write a log: an exclusive lock on `PATH.lock`, which the kernel ends with the process, however it ends.
struct WriterLock: ~Copyable {
    private let lock: FileLock

    init(_ path: String) throws(StoreError) {
        let name = path + ".lock"
        let taken: FileLock?
        do throws(PlatformError) { taken = try FileLock.acquire(name) } catch {
            throw WriterLock.error(error)
        }
        guard let taken else {
            throw StoreError(
                operation: "open", path: path, cause: .locked,
                detail: "\(WriterLock.holder(name)) holds \(name): probably another running hub",
                remedy: "Stop that one, or give this one a database of its own")
        }
        lock = taken
        // For people, and for the sentence above; the lock does not depend on it.
        let line = "\(getpid())\n"
        if ftruncate(lock.descriptor, 0) == 0 { _ = pwrite(lock.descriptor, line, line.utf8.count, 0) }
    }

    /// Whether a writer is on the log now.
    static func isHeld(_ path: String) throws(StoreError) -> Bool {
        do throws(PlatformError) { return try FileLock.isHeld(path + ".lock") } catch {
            throw WriterLock.error(error)
        }
    }

    private static func holder(_ name: String) -> String {
        let digits = FileLock.text(name).prefix { $0.isASCII && $0.isNumber }
        return digits.isEmpty ? "another process" : "process \(digits)"
    }

    private static func error(_ error: PlatformError) -> StoreError {
        let (cause, remedy): (StoreError.Cause, String) =
            switch error.code {
            case EPERM where error.detail != nil: (.readOnly, "")
            case EACCES, EPERM, EROFS:
                (.readOnly, "Give the program's user the right to write the file and its directory")
            case ENOENT, ENOTDIR: (.missing, "Make the directory")
            case ENOSPC, EDQUOT: (.full, "Make room on the disk")
            default: (.other, "")
            }
        return StoreError(
            operation: error.operation, path: error.object, cause: cause,
            detail: error.detail ?? String(cString: strerror(error.code)), remedy: remedy)
    }
}
