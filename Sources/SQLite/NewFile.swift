import CSQLite
import Glibc

/// Makes the file with these permissions, and makes its name durable; does nothing to a file that exists.
///
/// The descriptor of a file that exists is never opened and closed here: closing it would drop the locks that this
/// process's other connections hold on it (sqlite.org/howtocorrupt.html, section 2.2).
func createFile(_ path: String, permissions: UInt32) throws(SQLiteError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    guard descriptor >= 0 else {
        if errno == EEXIST { return }
        throw .file("create", errno)
    }
    defer { Glibc.close(descriptor) }
    // The process's umask may have taken away more than was asked for.
    guard fchmod(descriptor, permissions) == 0 else { throw .file("create", errno) }

    let directory = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw .file("create", errno) }
    defer { Glibc.close(directory) }
    guard fsync(directory) == 0 else { throw .file("create", errno) }
}

extension SQLiteError {
    fileprivate static func file(_ operation: String, _ error: Int32) -> SQLiteError {
        SQLiteError(
            operation: operation, code: .cannotOpen, systemError: error,
            message: String(cString: strerror(error)))
    }
}
