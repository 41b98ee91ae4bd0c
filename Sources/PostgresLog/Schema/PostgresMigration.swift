import Alerts
public import AlertStore
import PostgreSQL

/// Makes a shared log's tables and roles, or brings them to this program's version: `borderwire-hub migrate`.
public enum PostgresMigration {
    public struct Report: Sendable, Equatable {
        /// Roles that were not there. They can log in, and have no password yet.
        public var roles: [String]
        /// 0: there was nothing.
        public var from: Int
        public var to: Int
        /// Whether the registry that was given is the first one there.
        public var isRegistryTaken = false
    }

    /// How long a step may take.
    static let longest = Duration.seconds(3_600)

    /// Does nothing to a database of a newer program.
    /// - user: who may make roles and schemas there: a superuser. Its password libpq finds (PGPASSWORD, ~/.pgpass). registry: what
    ///   becomes the first version where there is none yet.
    public static func run(
        _ place: PostgresPlace, as user: String, registry: RegistryVersion? = nil
    ) throws(StoreError) -> Report {
        do throws(PostgresError) {
            let connection = try connect(place, as: user)
            return try connection.transaction { () throws(PostgresError) -> Report in
                var report = try migrate(connection)
                if let registry { report.isRegistryTaken = try take(registry, connection) }
                return report
            }
        } catch {
            throw StoreError(error, operation: "migrate", path: place.location)
        }
    }

    private static func connect(_ place: PostgresPlace, as user: String) throws(PostgresError) -> Connection {
        var failure = PostgresError(operation: "connect", kind: .misuse, message: "no server is named")
        for server in try Server.list(place.servers) {
            do throws(PostgresError) {
                var server = server
                server.parameters["password"] = nil
                let connection = try Connection(
                    server,
                    [
                        "user": user, "client_encoding": "UTF8", "target_session_attrs": "read-write",
                        "application_name": "borderwire-hub migrate",
                    ], deadline: place.deadline)
                connection.deadline = longest
                try connection.execute("SET client_min_messages = warning; SET lock_timeout = 10000")
                return connection
            } catch { failure = error }
        }
        throw failure
    }

    private static func migrate(_ connection: Connection) throws(PostgresError) -> Report {
        // One at a time.
        try connection.execute("SELECT pg_advisory_xact_lock(\(LockKey.migration.rawValue), 0)")
        let tables = try connection.query("SELECT to_regclass('borderwire.schema_steps') IS NOT NULL").first
        var found = 0
        if tables?.bool(0) == true {
            let version = try connection.query("SELECT max(number) FROM borderwire.schema_steps").first
            found = Int(version?.integer(0) ?? 0)
        }
        guard found <= PostgresSchema.steps.count else { throw .newer(found) }
        let roles = try makeRoles(connection)
        for (index, step) in PostgresSchema.steps.enumerated().dropFirst(found) {
            try connection.execute(step.sql)
            var arguments = Arguments()
            arguments.add(Int32(index + 1))
            arguments.add(step.name)
            _ = try connection.query(
                "INSERT INTO borderwire.schema_steps (number, name) VALUES ($1, $2)", arguments)
        }
        return Report(roles: roles, from: found, to: PostgresSchema.steps.count)
    }

    private static func take(
        _ registry: RegistryVersion, _ connection: Connection
    ) throws(PostgresError) -> Bool {
        var arguments = Arguments()
        arguments.add(registry.at.milliseconds)
        arguments.add(registry.who)
        arguments.add(String(decoding: registry.text, as: UTF8.self))
        return try connection.query(
            """
            INSERT INTO borderwire.registry (version, at, who, text)
            SELECT 1, $1::bigint, $2::text, $3::text WHERE NOT EXISTS (SELECT FROM borderwire.registry)
            """, arguments
        ).changes > 0
    }

    private static func makeRoles(_ connection: Connection) throws(PostgresError) -> [String] {
        let there = Set(
            try connection.query("SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'borderwire%'").map {
                $0.text(0)
            })
        let missing = PostgresPlace.Role.allCases.filter { !there.contains($0.rawValue) }
        for role in missing {
            let login = role == .owner ? "NOLOGIN" : "LOGIN"
            try connection.execute("CREATE ROLE \(role.rawValue) \(login)")
        }
        return missing.map(\.rawValue)
    }
}

/// The first half of our advisory locks' numbers in a database.
enum LockKey: Int32 {
    case migration = 0x4257_0001
    /// Held by the session of who has the lease; the other half is the term.
    case lease = 0x4257_0002
    /// Of hubs; the other half is the hash of a name.
    case name = 0x4257_0003
    /// Held, shared, by who erases; alone, by who rewrites a partition.
    case erasing = 0x4257_0004
    /// Held by who leaves receipts, so that their numbers become visible in their order.
    case handing = 0x4257_0005
    /// Held by who wakes somebody for escalations.
    case paging = 0x4257_0006
}
