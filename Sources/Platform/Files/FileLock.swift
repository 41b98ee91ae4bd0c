internal import Glibc

/// An advisory lock on a file, held until it is dropped or the process ends, however it ends (flock(2)).
///
/// The file stays when the lock is released: a lock file that is removed can be locked twice under one name.
///
/// Root locks files in directories of a service's user, who may have put anything there: so nothing is changed, and nothing
/// waited for, before it is known that the file is what a lock file is: no symbolic link, a plain file with one name, of
/// root, of who asks, or, where root asks, of the directory's owner.
public struct FileLock: ~Copyable, Sendable {
    private static let tries = 5
    private static let pauseMicroseconds: UInt32 = 5_000

    /// Of an acquired lock: for reading and writing.
    public let descriptor: Int32

    /// Who asks ``isHeld(_:)`` has it for a moment: so a lock is taken to be held after some tries.
    /// - mode: permission bits of a file that is made.
    /// - Returns: nil when another process holds it.
    public static func acquire(_ path: String, mode: UInt32 = 0o600) throws(PlatformError) -> FileLock? {
        let lock = FileLock(descriptor: try open(path, O_RDWR | O_CREAT, mode))
        for _ in 0..<tries {
            if try lock.take(LOCK_EX, path) { return lock }
            usleep(pauseMicroseconds)
        }
        return nil
    }

    /// Whether another holds it now; a file that is not there is held by nobody.
    public static func isHeld(_ path: String) throws(PlatformError) -> Bool {
        let lock: FileLock
        do throws(PlatformError) { lock = FileLock(descriptor: try open(path, O_RDONLY)) } catch {
            guard error.code == ENOENT else { throw error }
            return false
        }
        return try !lock.take(LOCK_SH, path)
    }

    /// What the file holds, at most 64 bytes: of a lock that another holds, who that is.
    public static func text(_ path: String) -> String {
        guard let descriptor = try? open(path, O_RDONLY) else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // A child process between fork and exec has the descriptor too, and closing ours alone would leave it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private borrowing func take(_ kind: Int32, _ path: String) throws(PlatformError) -> Bool {
        if flock(descriptor, kind | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else {
            throw PlatformError(operation: "flock", object: path, code: errno)
        }
        return false
    }

    private static func open(_ path: String, _ flags: Int32, _ mode: UInt32 = 0) throws(PlatformError)
        -> Int32
    {
        // O_NONBLOCK: a named pipe must not make us wait before we have seen what it is.
        let flags = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor: Int32
        do throws(PlatformError) {
            descriptor = try retrying("open", path) { Glibc.open(path, flags, mode_t(mode)) }
        } catch {
            guard error.code == ELOOP else { throw error }
            throw .foreign(path, "it is a symbolic link")
        }
        guard let objection = objection(to: descriptor, path) else { return descriptor }
        close(descriptor)
        throw .foreign(path, objection)
    }

    private static func objection(to descriptor: Int32, _ path: String) -> String? {
        var file = stat()
        guard fstat(descriptor, &file) == 0 else { return String(cString: strerror(errno)) }
        guard file.st_mode & S_IFMT == S_IFREG else { return "it is no plain file" }
        guard file.st_nlink <= 1 else { return "it has \(file.st_nlink) names" }
        let user = geteuid()
        if file.st_uid == 0 || file.st_uid == user { return nil }
        var directory = stat()
        if user == 0, stat(FileLock.directory(of: path), &directory) == 0, directory.st_uid == file.st_uid {
            return nil
        }
        return "it belongs to user \(file.st_uid), not to user \(user), who runs this"
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension PlatformError {
    fileprivate static func foreign(_ path: String, _ why: String) -> PlatformError {
        PlatformError(
            operation: "lock", object: path, code: EPERM,
            detail: "\(why); look who has put it there, and remove it")
    }
}
