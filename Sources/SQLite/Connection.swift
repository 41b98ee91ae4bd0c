import CSQLite
import Glibc
internal import Platform

/// One connection to one database file, used from one thread at a time.
///
/// Opened without SQLite's own mutexes (SQLITE_OPEN_NOMUTEX): the type is not Sendable, so the compiler keeps it on
/// one thread. A connection that is dropped closes itself; nothing that was committed depends on closing.
public final class Connection {
    public enum Mode: Sendable, Equatable {
        /// The file must exist.
        case readWrite
        /// A file made here gets these permissions, and SQLite gives them to its `-wal` and `-shm` too. The permissions
        /// of a file that exists stay as they are.
        case create(permissions: UInt32)
        /// The file must exist, and statements can't change it (`PRAGMA query_only`). It's still opened for writing where
        /// that is allowed, since a reader of a WAL database shares its `-shm` (sqlite.org/wal.html#readonly). On a file
        /// system that is mounted read-only, what lacks a `-shm` is read without one, and without locks: nothing may change
        /// it meanwhile by another way.
        case read
    }

    /// Statements kept prepared. A caller with more different statements than this prepares some again.
    public static let mostStatements = 64

    let handle: Handle
    private var statements: [String: Statement] = [:]

    /// The file itself may be no symbolic link: root opens databases in directories of a service's user, who may have put
    /// one there. The directories on the way to it may be some, as they are now. (SQLite never follows one to a `-wal`,
    /// `-shm` or `-journal`.)
    /// - busyTimeout: how long a call waits for another connection's lock before it fails with `.busy`.
    public init(path: String, mode: Mode, busyTimeout: Duration) throws(SQLiteError) {
        _ = withoutMemoryStatistics
        handle = Handle()
        var flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW
        if case .create(let permissions) = mode {
            flags |= SQLITE_OPEN_CREATE
            try createFile(path, permissions: permissions)
        }
        let file = withResolvedDirectory(path)
        let medium = mode == .read ? ReadOnlyMedium(file) : nil
        let code =
            switch medium {
            case .immutable:
                sqlite3_open_v2(
                    "file:\(uriPath(file))?immutable=1", &handle.pointer, flags | SQLITE_OPEN_URI, nil)
            case .unlocked: sqlite3_open_v2(file, &handle.pointer, flags, "unix-none")
            case nil: sqlite3_open_v2(file, &handle.pointer, flags, nil)
            }
        guard code != symbolicLink else {
            throw SQLiteError(
                operation: "open", code: .cannotOpen, systemError: EPERM,
                message: "it is a symbolic link: give the path of the file itself")
        }
        guard code == SQLITE_OK else { throw SQLiteError("open", code, connection: handle.pointer) }
        sqlite3_busy_timeout(handle.pointer, busyTimeout.wholeMilliseconds)
        if mode == .read { try execute("PRAGMA query_only = 1") }
        // The write-ahead log's index is then kept in memory.
        if medium == .unlocked { try execute("PRAGMA locking_mode = EXCLUSIVE") }
    }

    /// Ends every statement of the connection. Calls on it fail from then on.
    public func close() throws(SQLiteError) {
        for statement in statements.values { statement.finalize() }
        statements = [:]
        let code = sqlite3_close(handle.pointer)
        guard code == SQLITE_OK else { throw SQLiteError("close", code, connection: handle.pointer) }
        handle.pointer = nil
    }

    /// The statement of this text, reset and with nothing bound. The connection keeps it and gives the same one again:
    /// two uses of one text can't be interleaved.
    public func statement(_ sql: String) throws(SQLiteError) -> Statement {
        if let statement = statements[sql] {
            statement.reset()
            statement.clear()
            return statement
        }
        if statements.count >= Connection.mostStatements { statements = [:] }
        let statement = try Statement(handle, sql)
        statements[sql] = statement
        return statement
    }

    /// Runs a script of one or more statements; rows that they give are dropped.
    public func execute(_ script: String) throws(SQLiteError) {
        guard handle.pointer != nil else { throw .closed("execute", sql: script) }
        let code = sqlite3_exec(handle.pointer, script, nil, nil, nil)
        guard code == SQLITE_OK else {
            throw SQLiteError("execute", code, connection: handle.pointer, sql: script)
        }
    }

    /// Whether SQLite could open the file only for reading.
    public var isReadOnly: Bool { handle.pointer != nil && sqlite3_db_readonly(handle.pointer, "main") == 1 }

    /// Rows that the last insert, update or delete changed.
    public var changes: Int64 { handle.pointer == nil ? 0 : sqlite3_changes64(handle.pointer) }

    /// Whether a transaction is open. SQLite ends one by itself on some errors (sqlite.org/c3ref/get_autocommit.html).
    public var isInTransaction: Bool { handle.pointer != nil && sqlite3_get_autocommit(handle.pointer) == 0 }
}

/// Belongs to one thread, with all its statements.
@available(*, unavailable)
extension Connection: Sendable {}

/// Done once, before the first connection: SQLite counts its memory under a mutex of the whole process, which is a
/// fifteenth of the time of an insert (sqlite.org/c3ref/c_config_covering_index_scan.html, SQLITE_CONFIG_MEMSTATUS).
/// Refused where SQLite runs already; then only the speed is lost.
private let withoutMemoryStatistics: Void = {
    _ = sqlite3_config_memstatus(0)
}()

/// The C connection. Each statement holds it too, so that it can't be freed under one.
final class Handle {
    var pointer: OpaquePointer?
    /// As ``Connection/watchWAL()`` last saw it.
    var walPages = 0

    deinit {
        // close_v2 is made for owners that end in any order (sqlite.org/c3ref/close.html).
        sqlite3_close_v2(pointer)
    }
}

/// SQLITE_CANTOPEN_SYMLINK, a macro that Swift does not see.
private let symbolicLink = SQLITE_CANTOPEN | 6 << 8

/// SQLite's own check would take a link anywhere on the way for one to the file.
private func withResolvedDirectory(_ path: String) -> String {
    guard !path.isEmpty, path != ":memory:", !path.hasPrefix("file:") else { return path }
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard let resolved = realpath(directory, nil) else { return path }
    defer { free(resolved) }
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    return String(cString: resolved) + "/" + name
}
