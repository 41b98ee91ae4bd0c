import CSQLite

/// A result code of SQLite, extended where SQLite gives one (sqlite.org/rescode.html).
///
/// A primary code used as a pattern matches its extended codes too: `case .ioError` matches `SQLITE_IOERR_WRITE`.
public struct ResultCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let busy = ResultCode(rawValue: SQLITE_BUSY)
    public static let cannotOpen = ResultCode(rawValue: SQLITE_CANTOPEN)
    public static let constraint = ResultCode(rawValue: SQLITE_CONSTRAINT)
    public static let corrupt = ResultCode(rawValue: SQLITE_CORRUPT)
    public static let full = ResultCode(rawValue: SQLITE_FULL)
    public static let ioError = ResultCode(rawValue: SQLITE_IOERR)
    public static let locked = ResultCode(rawValue: SQLITE_LOCKED)
    public static let misuse = ResultCode(rawValue: SQLITE_MISUSE)
    public static let notDatabase = ResultCode(rawValue: SQLITE_NOTADB)
    public static let permission = ResultCode(rawValue: SQLITE_PERM)
    public static let readOnly = ResultCode(rawValue: SQLITE_READONLY)

    /// The code without its extension, which is in the upper bits (sqlite.org/rescode.html, section 2).
    public var primary: ResultCode { ResultCode(rawValue: rawValue & 0xFF) }

    public static func ~= (pattern: ResultCode, code: ResultCode) -> Bool {
        pattern == code || pattern == code.primary
    }

    /// SQLite's own words for the code, e.g. `disk I/O error`.
    public var description: String { String(cString: sqlite3_errstr(rawValue)) }
}
