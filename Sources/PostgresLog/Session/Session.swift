import AlertStore
import PostgreSQL

/// A session with the primary of a shared log, made when it is first needed and anew after it was lost. Used from one thread.
final class Session {
    let place: PostgresPlace
    private let role: PostgresPlace.Role
    private let seen: SeenLog
    /// What is run on each new connection beside what all need.
    private let preparation: String
    /// How long a statement may wait for another's lock.
    private let lockTimeout: Duration
    private let deadline: Duration
    private var connection: Connection?
    /// The server to begin with, among those of the place: one that did not answer is asked last.
    private var first = 0

    init(
        _ place: PostgresPlace, as role: PostgresPlace.Role = .hub, seen: SeenLog, deadline: Duration? = nil,
        lockTimeout: Duration = .seconds(2), preparation: String = ""
    ) {
        self.place = place
        self.role = role
        self.seen = seen
        self.deadline = deadline ?? place.deadline
        self.lockTimeout = lockTimeout
        self.preparation = preparation
    }

    var isOpen: Bool { connection.map { !$0.isLost } ?? false }

    /// Runs the body with a connection. One that is lost by it is gone, and the next call makes another.
    func run<Value>(
        _ operation: String, isCommit: Bool = false,
        _ body: (Connection) throws(PostgresError) -> Value
    ) throws(StoreError) -> Value {
        let open: Connection
        if let connection, !connection.isLost { open = connection } else { open = try connect() }
        connection = open
        do throws(PostgresError) { return try body(open) } catch {
            if open.isLost { connection = nil }
            throw StoreError(error, operation: operation, path: place.location, isCommit: isCommit)
        }
    }

    /// Runs the body over one state of the log.
    func read<Value>(
        _ operation: String, _ body: (Connection) throws(PostgresError) -> Value
    ) throws(StoreError) -> Value {
        try run(operation) { connection throws(PostgresError) in
            try connection.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
                () throws(PostgresError) in
                try body(connection)
            }
        }
    }

    func close() {
        connection?.close()
        connection = nil
    }

    private func connect() throws(StoreError) -> Connection {
        let servers: [Server]
        do throws(PostgresError) { servers = try Server.list(place.servers) } catch {
            throw StoreError(error, operation: "open", path: place.location)
        }
        var failure: StoreError?
        for turn in servers.indices {
            let index = (first + turn) % servers.count
            do throws(StoreError) {
                let connection = try connect(to: servers[index])
                first = index
                return connection
            } catch {
                // What one server lacks says more than that another does not answer.
                if failure == nil || failure?.cause == .unreachable { failure = error }
            }
        }
        throw failure
            ?? StoreError(
                operation: "open", path: place.location, cause: .unreachable, detail: "it names no server")
    }

    private func connect(to server: Server) throws(StoreError) -> Connection {
        let parameters = try place.parameters(of: role, on: server)
        let floor = seen.point
        do throws(PostgresError) {
            let connection = try Connection(server, parameters, deadline: place.deadline)
            // The message is a durable write: its answer comes once the standby has all that this server shows, also what was on
            // this one's disk alone when it crashed.
            try connection.execute(
                """
                SET search_path = borderwire, pg_temp; SET jit = off; SET client_min_messages = warning;
                SET synchronous_commit = on; SET lock_timeout = \(lockTimeout.milliseconds);
                SET idle_in_transaction_session_timeout = 10000; SET tcp_keepalives_idle = 5;
                SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; \(preparation)
                SELECT pg_logical_emit_message(true, 'borderwire', '')
                """)
            guard !connection.hasWarned else {
                throw PostgresError(
                    operation: "connect", kind: .lost,
                    message: connection.notices.first?.message ?? "the standby has not confirmed")
            }
            try verify(connection, after: floor, server)
            // Only what is asked from now on may take longer.
            connection.deadline = deadline
            return connection
        } catch {
            throw StoreError(error, operation: "open", path: place.location)
        }
    }

    private func verify(
        _ connection: Connection, after floor: SeenLog.Point, _ server: Server
    ) throws(PostgresError) {
        let version = try connection.query("SELECT coalesce(max(number), 0) FROM schema_steps").first
        let found = Int(version?.integer(0) ?? 0)
        let known = PostgresSchema.steps.count
        guard found == known else {
            throw found > known ? .newer(found) : .older(found)
        }
        // Who changes the registry sees no alerts, and has seen none before.
        guard role != .enrolment else { return }
        var arguments = Arguments()
        arguments.add(Int64(clamping: floor.head))
        let rows = try connection.query(
            #"SELECT term, head, hash, (SELECT hash FROM alerts WHERE "offset" = $1) FROM log"#, arguments)
        guard let row = rows.first else { throw .damaged("the log has no row that says where it ends") }
        let now = SeenLog.Point(term: row.unsigned(0), head: row.unsigned(1), hash: row.bytes(2))
        if let missing = floor.missing(in: now, there: row.isNull(3) ? nil : row.bytes(3)) {
            throw .behind("\(server.description): \(missing)")
        }
        seen.note(now)
    }
}

@available(*, unavailable)
extension Session: Sendable {}

extension Duration {
    /// Whole ones, at least 1.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}

extension PostgresPlace {
    /// For people, without a password: `PostgreSQL borderwire on a, b`.
    public var location: String {
        guard let servers = try? Server.list(servers), let first = servers.first else { return "PostgreSQL" }
        let database = first.parameters["dbname"].map { " \($0)" } ?? ""
        return "PostgreSQL\(database) on " + servers.map(\.description).joined(separator: ", ")
    }

    /// What a role's session has beside what the connection string says.
    func parameters(of role: Role, on server: Server) throws(StoreError) -> [String: String] {
        var parameters = [
            "application_name": "borderwire-hub \(hub)", "client_encoding": "UTF8",
            "target_session_attrs": server.parameters["target_session_attrs"] ?? "read-write",
        ]
        switch role {
        case .hub:
            parameters["user"] = server.parameters["user"] ?? role.rawValue
            if let password = try password() { parameters["password"] = password }
        case .enrolment:
            parameters["user"] = role.rawValue
            if let password = try operatorPassword() { parameters["password"] = password }
        default:
            parameters["user"] = role.rawValue
            if let password = try eraserPassword() { parameters["password"] = password }
        }
        return parameters
    }
}
