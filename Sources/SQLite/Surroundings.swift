import CSQLite
import Glibc

// What the file system around a database allows. SQLite says little of it: what it can't open it tries to open for reading
// only, and the error number of the second try is all that is left.

/// Why the files that WAL mode needs beside a database can't be made, where the database itself is there.
/// - Returns: an errno; nil where nothing is known to be in the way.
func hindranceBesideDatabase(of connection: OpaquePointer?) -> Int32? {
    guard let name = sqlite3_db_filename(connection, "main"), name.pointee != 0, access(name, F_OK) == 0
    else { return nil }
    let directory = folder(of: String(cString: name))
    var facts = statvfs()
    guard statvfs(directory, &facts) == 0 else { return errno }
    if facts.f_flag & UInt(ST_RDONLY) != 0 { return EROFS }
    if access(directory, W_OK) != 0 { return errno }
    // A file system that doesn't count its inodes says 0 of 0.
    if facts.f_files > 0, facts.f_favail == 0 { return ENOSPC }
    return facts.f_bavail == 0 ? ENOSPC : nil
}

/// How a database on a file system that is mounted read-only can be read (sqlite.org/wal.html#readonly).
enum ReadOnlyMedium {
    /// It has no write-ahead log: as a file that nobody changes (`immutable=1`).
    case immutable
    /// It has one, and no index of it: that is kept in memory, and nothing is locked.
    case unlocked

    /// - Returns: nil where it is opened as any other: it can be written, or whoever mounted it for writing may have it open,
    ///   and it has all of its files.
    init?(_ path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0, facts.f_flag & UInt(ST_RDONLY) != 0 else { return nil }
        var log = stat()
        let hasLog = stat(path + "-wal", &log) == 0
        if hasLog, access(path + "-shm", F_OK) == 0 { return nil }
        self = hasLog && log.st_size > 0 ? .unlocked : .immutable
    }
}

/// Everything before the last slash; `.` for a bare name.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// A path as the path of a `file:` URI (sqlite.org/uri.html): percent signs for all but plain letters, digits and slashes.
func uriPath(_ path: String) -> String {
    path.utf8.map { byte in
        switch byte {
        case 0x2D...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: String(UnicodeScalar(byte))
        default: "%" + String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
        }
    }.joined()
}
