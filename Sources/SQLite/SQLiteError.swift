import CSQLite
import Glibc

/// What SQLite answered to a call that did not work. Carries SQL text, never the values bound to it.
public struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done: `open`, `prepare`, `step`, ...
    public var operation: String
    public var code: ResultCode
    /// The system's errno where the cause was a file operation; 0 elsewhere (sqlite3_system_errno).
    public var systemError: Int32
    /// SQLite's message.
    public var message: String
    /// The statement concerned; empty where there is none.
    public var sql: String

    public init(
        operation: String, code: ResultCode, systemError: Int32 = 0, message: String, sql: String = ""
    ) {
        self.operation = operation
        self.code = code
        self.systemError = systemError
        self.message = message
        self.sql = sql
    }

    /// Reads the message of the connection's last call: to be made before any other call on the connection.
    init(_ operation: String, _ code: Int32, connection: OpaquePointer?, sql: String = "") {
        let code = ResultCode(rawValue: code)
        if case .cannotOpen = code, let hindrance = hindranceBesideDatabase(of: connection) {
            self.init(
                operation: operation, code: code, systemError: hindrance,
                message: "its -wal and -shm can't be made beside it: \(String(cString: strerror(hindrance)))",
                sql: sql)
            return
        }
        // The errno stays from the last file operation that failed, however long ago.
        let ofFile: Bool =
            switch code {
            case .ioError, .cannotOpen, .full, .readOnly: true
            default: false
            }
        self.init(
            operation: operation, code: code,
            systemError: ofFile && connection != nil ? sqlite3_system_errno(connection) : 0,
            message: connection == nil ? code.description : String(cString: sqlite3_errmsg(connection)),
            sql: sql)
    }

    static func closed(_ operation: String, sql: String = "") -> SQLiteError {
        SQLiteError(operation: operation, code: .misuse, message: "the connection is closed", sql: sql)
    }

    public var description: String {
        let cause = systemError == 0 ? "" : ", errno \(systemError)"
        return "\(operation): \(message) (SQLite code \(code.rawValue)\(cause))"
            + (sql.isEmpty ? "" : ": \(SQLiteError.brief(sql))")
    }

    /// Characters of a statement in an error: enough to tell it from others; nobody reads a whole script there.
    private static let longestStatement = 80

    private static func brief(_ sql: String) -> String {
        let lines = sql.split(separator: "\n").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
        let line = lines.first ?? ""
        return lines.count < 2 && line.count <= longestStatement
            ? line : line.prefix(longestStatement) + " ..."
    }
}
