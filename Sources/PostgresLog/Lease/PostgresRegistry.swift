import AlertStore
import Alerts
import PostgreSQL

/// The versions of the registry: read as the hub's role, added to as the one that may do only that.
final class PostgresRegistry: RegistryLog {
    private let session: Session
    private let enrolment: Session

    init(_ place: PostgresPlace, seen: SeenLog) {
        session = Session(place, seen: seen)
        enrolment = Session(place, as: .enrolment, seen: SeenLog())
    }

    static func newest(_ connection: Connection) throws(PostgresError) -> RegistryVersion? {
        try connection.query("SELECT version, at, who, text FROM registry ORDER BY version DESC LIMIT 1")
            .first
            .map { row in
                RegistryVersion(
                    number: row.unsigned(0), at: Timestamp(milliseconds: row.integer(1)), who: row.text(2),
                    text: Array(row.text(3).utf8))
            }
    }

    func newest() throws(StoreError) -> RegistryVersion? {
        try session.run("read the registry in") { connection throws(PostgresError) in
            try PostgresRegistry.newest(connection)
        }
    }

    func newestNumber() throws(StoreError) -> UInt64 {
        try session.run("read the registry in") { connection throws(PostgresError) in
            try connection.query("SELECT coalesce(max(version), 0) FROM registry").first?.unsigned(0) ?? 0
        }
    }

    func history(limit: Int) throws(StoreError) -> [RegistryVersion] {
        var arguments = Arguments()
        arguments.add(Int64(max(limit, 0)))
        return try session.run("read the registry in") { connection throws(PostgresError) in
            try connection.query(
                "SELECT version, at, who FROM registry ORDER BY version DESC LIMIT $1", arguments
            ).map { row in
                RegistryVersion(
                    number: row.unsigned(0), at: Timestamp(milliseconds: row.integer(1)), who: row.text(2),
                    text: [])
            }
        }
    }

    func add(_ version: RegistryVersion) throws(StoreError) -> Bool {
        var arguments = Arguments()
        arguments.add(Int64(clamping: version.number))
        arguments.add(version.at.milliseconds)
        arguments.add(version.who)
        arguments.add(String(decoding: version.text, as: UTF8.self))
        return try enrolment.run("change the registry in") { connection throws(PostgresError) in
            let isAdded =
                try connection.query(
                    """
                    INSERT INTO registry (version, at, who, text) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
                    """, arguments
                ).changes > 0
            guard !connection.hasWarned else {
                throw PostgresError(
                    operation: "change the registry", kind: .late,
                    message: "the standby has not confirmed, so whether it is changed is not known")
            }
            return isAdded
        }
    }

    func hubs() throws(StoreError) -> [HubSighting] {
        try session.run("look for the hubs in") { connection throws(PostgresError) in
            try connection.query("SELECT name, seen, registry FROM hubs ORDER BY name").map { row in
                HubSighting(name: row.text(0), seen: row.unsigned(1), registry: row.unsigned(2))
            }
        }
    }

    func close() {
        session.close()
        enrolment.close()
    }
}

@available(*, unavailable)
extension PostgresRegistry: Sendable {}
