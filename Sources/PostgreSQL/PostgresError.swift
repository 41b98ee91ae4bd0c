/// What a server answered to a statement that did not work, or why there is no answer. Carries SQL text and the server's own words,
/// never what was bound, nor the server's details, which quote rows.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The server refused it: nothing of the statement was done.
        case refused
        /// The connection can't be made, or is lost: of a statement that was sent nobody knows whether it was done.
        case lost
        /// No answer within the time: the same, and the connection is given up.
        case late
        /// The connection is closed, or the answer is none that the caller expects.
        case misuse
    }

    /// What was being done: `connect`, `prepare`, `execute`, ...
    public var operation: String
    public var kind: Kind
    /// Five characters (postgresql.org/docs, appendix A); empty where no server said anything.
    public var state: String
    public var message: String
    /// The statement concerned; empty where there is none.
    public var sql: String

    public init(operation: String, kind: Kind, state: String = "", message: String, sql: String = "") {
        self.operation = operation
        self.kind = kind
        self.state = state
        self.message = message
        self.sql = sql
    }

    /// The first two characters of the state: what kind of error it is.
    public var stateClass: String { String(state.prefix(2)) }

    /// Whether the server is going down, or coming up, or has ended this session.
    public var isShutdown: Bool { state.hasPrefix("57P0") || stateClass == "08" }

    public var description: String {
        "\(operation): \(message)" + (state.isEmpty ? "" : " (SQLSTATE \(state))")
            + (sql.isEmpty ? "" : ": \(PostgresError.brief(sql))")
    }

    /// Characters of a statement in an error: enough to tell it from others.
    private static let longestStatement = 80

    private static func brief(_ sql: String) -> String {
        let line = sql.split(separator: "\n").first.map(String.init) ?? ""
        return line.count <= longestStatement && line.count == sql.count
            ? line : line.prefix(longestStatement) + " ..."
    }
}
