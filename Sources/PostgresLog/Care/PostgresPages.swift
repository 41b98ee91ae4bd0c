import AlertStore
import Platform
import PostgreSQL

/// For which escalations somebody was woken, over all machines.
final class PostgresPages: PageLog {
    private let session: Session

    init(_ place: PostgresPlace, seen: SeenLog) {
        session = Session(place, seen: seen)
    }

    func lock() throws(StoreError) -> Bool {
        try session.run("lock the pages of") { connection throws(PostgresError) in
            try connection.query("SELECT pg_try_advisory_lock(\(LockKey.paging.rawValue), 0)").first?.bool(0)
                ?? false
        }
    }

    func paged(from number: UInt64) throws(StoreError) -> Set<UInt64> {
        var arguments = Arguments()
        arguments.add(Int64(clamping: number))
        return try session.run("read the pages of") { connection throws(PostgresError) in
            Set(
                try connection.query("SELECT number FROM pages WHERE number >= $1", arguments).map {
                    $0.unsigned(0)
                })
        }
    }

    func add(_ number: UInt64) throws(StoreError) {
        var arguments = Arguments()
        arguments.add(Int64(clamping: number))
        arguments.add(session.place.hub)
        arguments.add(wallClockMilliseconds())
        try session.run("note a page in") { connection throws(PostgresError) in
            _ = try connection.query(
                "INSERT INTO pages (number, hub, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", arguments)
        }
    }

    func close() { session.close() }
}

@available(*, unavailable)
extension PostgresPages: Sendable {}
