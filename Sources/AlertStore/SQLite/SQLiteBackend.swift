import Glibc
import SQLite

/// A log in one SQLite file, and who reads it in another one beside it.
public struct SQLiteBackend: LogBackend {
    public let location: String
    public let auditLocation: String

    /// A hub's own: `alerts.db` and `audit.db` in its directory.
    public init(directory: String) {
        let place = directory.isEmpty || directory.hasSuffix("/") ? directory : directory + "/"
        location = place + "alerts.db"
        auditLocation = place + "audit.db"
    }

    /// A backup's files.
    public init(backup: String) {
        location = backup
        auditLocation = SQLiteBackend.audit(beside: backup)
    }

    public var files: [String] {
        [location, auditLocation].flatMap { [$0, $0 + "-wal", $0 + "-shm"] } + [location + ".lock"]
    }

    public func isInUse() throws(StoreError) -> Bool { try WriterLock.isHeld(location) }
    public func isMade() -> Bool { SQLiteBackend.isThere(location) }
    public func isAuditMade() -> Bool { SQLiteBackend.isThere(auditLocation) }

    public func writer() throws(StoreError) -> any AlertWriter { try SQLiteWriter(path: location) }

    public func reader(patience: Duration?) throws(StoreError) -> any AlertReader {
        try SQLiteReader(path: location, busyTimeout: patience ?? SQLiteReader.busyTimeout)
    }

    public func eraser() throws(StoreError) -> any AlertEraser { try SQLiteEraser(path: location) }
    public func audit() throws(StoreError) -> any AuditLog { try SQLiteAuditLog(path: auditLocation) }

    public func auditReader() throws(StoreError) -> any AuditReader {
        try SQLiteAuditReader(path: auditLocation)
    }

    public func inspector() throws(StoreError) -> any LogInspector { try SQLiteReader(path: location) }

    public func backup(to file: String) throws(StoreError) -> any LogCopy {
        try SQLiteCopy(from: location, to: file)
    }

    public func restore(from file: String) throws(StoreError) -> any LogCopy {
        let lock = try WriterLock(location)
        let names = ["", "-wal", "-shm", "-journal"].map { location + $0 }
        if let taken = names.first(where: SQLiteBackend.isThere) {
            throw StoreError(
                operation: "restore", path: taken, cause: .outOfOrder, detail: "there is a file already",
                remedy: "A restore never replaces a log: move alerts.db and what begins like it away first")
        }
        return try SQLiteCopy(from: file, to: location, lock: lock)
    }

    public func auditBackup(beside file: String) -> String { SQLiteBackend.audit(beside: file) }

    /// `alerts.audit.db` beside `alerts.db`.
    private static func audit(beside file: String) -> String {
        (file.hasSuffix(".db") ? String(file.dropLast(3)) : file) + ".audit.db"
    }

    public func backupAudit(to file: String) throws(StoreError) {
        try SQLiteBackend.copyAudit(auditLocation, to: file)
    }

    public func restoreAudit(from file: String) throws(StoreError) {
        try SQLiteBackend.copyAudit(file, to: auditLocation)
    }

    private static func copyAudit(_ source: String, to path: String) throws(StoreError) {
        let temporary = path + ".part"
        for name in [temporary, temporary + "-journal"] { unlink(name) }
        defer { unlink(temporary) }
        let reader = try SQLiteAuditReader(path: source)
        try reader.copy(to: temporary)
        try reader.close()
        _ = try place(temporary, at: path)
    }

    private static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Gives a finished file its name, durably; a name that is taken stays as it is (link(2), as rename(2) would replace).
    /// - Returns: its size.
    static func place(_ temporary: String, at path: String) throws(StoreError) -> Int64 {
        var file = stat()
        guard lstat(temporary, &file) == 0, link(temporary, path) == 0 else {
            throw failure("create", path)
        }
        unlink(temporary)
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        let descriptor = open(String(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("sync the directory of", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync the directory of", path) }
        return Int64(file.st_size)
    }

    private static func failure(_ operation: String, _ path: String) -> StoreError {
        StoreError(operation: operation, path: path, cause: .other, detail: String(cString: strerror(errno)))
    }
}
