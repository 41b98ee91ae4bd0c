import AlertStore
import Platform
import PostgreSQL

/// A hub's session with a shared log. While it lives it holds the lock of its term: others see at once that it ended.
final class PostgresLease: LogLease {
    let session: Session
    private let seen: SeenLog
    private let hub: String
    /// The number in our row of `hubs`: whoever else moves it has our name.
    private var count: Int64 = 0
    /// Whether the last count was not answered: then it was done, or was not.
    private var isUnanswered = false
    /// The term that this hub has taken.
    private var held: UInt64?

    /// Throws `.locked` where another hub of this name is alive.
    /// - silence: how long one whose session is still there must have been still before this one takes its place; nil: as long as
    ///   its session is there, it is alive.
    init(_ place: PostgresPlace, of hub: String, seen: SeenLog, silence: Duration?) throws(StoreError) {
        guard (1...64).contains(hub.utf8.count) else {
            throw StoreError(
                operation: "open", path: place.location, cause: .other,
                detail: "a hub's name has from 1 to 64 bytes")
        }
        self.hub = hub
        self.seen = seen
        // Again with each connection: whoever starts under our name shall find that we live.
        let name = hub.replacing("'", with: "''")
        session = Session(
            place, seen: seen,
            preparation: "SELECT pg_try_advisory_lock(\(LockKey.name.rawValue), hashtext('\(name)'));")
        if try !lockName() {
            guard let silence, try isStill(silence) else {
                session.close()
                throw StoreError(
                    operation: "open", path: place.location, cause: .locked,
                    detail: "another hub named \(hub) has it open",
                    remedy: "Stop that one, or give this one a key of its own")
            }
        }
        count = try session.run("open") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(hub)
            let rows = try connection.query(
                """
                INSERT INTO hubs (name, seen, program) VALUES ($1, 1, '')
                ON CONFLICT (name) DO UPDATE SET seen = hubs.seen + 1 RETURNING seen
                """, arguments)
            return rows.first?.integer(0) ?? 0
        }
    }

    private func lockName() throws(StoreError) -> Bool {
        try session.run("open") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(LockKey.name.rawValue)
            arguments.add(hub)
            return try connection.query("SELECT pg_try_advisory_lock($1, hashtext($2))", arguments).first?
                .bool(0) ?? false
        }
    }

    /// Whether nobody counts up the row of our name for so long, or its session ends meanwhile.
    private func isStill(_ silence: Duration) throws(StoreError) -> Bool {
        let first = try counted()
        let end = steadyClock() + silence
        while steadyClock() < end {
            sleep(.milliseconds(50))
            if try lockName() { return true }
            if try counted() != first { return false }
        }
        return true
    }

    private func counted() throws(StoreError) -> Int64? {
        try session.run("open") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(hub)
            return try connection.query("SELECT seen FROM hubs WHERE name = $1", arguments).first?.integer(0)
        }
    }

    func observe(registry: UInt64) throws(StoreError) -> LeaseView {
        let floor = seen.point
        let (view, there, own) = try session.run("observe") {
            connection throws(PostgresError) -> (LeaseView, [UInt8]?, Int64?) in
            var arguments = Arguments()
            arguments.add(hub)
            arguments.add(array: isUnanswered ? [count, count + 1] : [count])
            isUnanswered = true
            arguments.add(Int64(clamping: floor.head))
            arguments.add(LockKey.lease.rawValue)
            arguments.add(Int64(clamping: registry))
            let rows = try connection.query(PostgresLease.look, arguments)
            guard let row = rows.first else { throw .damaged("the log has no row that says where it ends") }
            guard !connection.hasWarned else {
                throw PostgresError(
                    operation: "observe", kind: .late, message: "the standby has not confirmed")
            }
            let view = LeaseView(
                term: row.unsigned(0), holder: row.text(1), head: row.unsigned(2), hash: row.bytes(3),
                holderSeen: row.unsigned(4), isFree: row.bool(5), registry: row.unsigned(8))
            return (view, row.isNull(6) ? nil : row.bytes(6), row.isNull(7) ? nil : row.integer(7))
        }
        isUnanswered = false
        guard let own else {
            throw StoreError(
                operation: "observe", path: session.place.location, cause: .locked,
                detail: "another hub named \(hub) has taken this one's place",
                remedy: "Give one of them a key of its own")
        }
        count = own
        let now = SeenLog.Point(term: view.term, head: view.head, hash: view.hash)
        if let missing = floor.missing(in: now, there: there) {
            let error = PostgresError.behind(missing)
            session.close()
            throw StoreError(error, operation: "observe", path: session.place.location)
        }
        seen.note(now)
        // The lock was the former session's.
        if view.isFree, view.term == held, view.holder == hub { _ = try lock(view.term) }
        return view
    }

    /// What is committed before it is sent is in its answer; that comes once the standby has it too, since it writes.
    private static let look = """
        WITH own AS (UPDATE hubs SET seen = seen + 1, registry = $5 WHERE name = $1 AND seen = ANY($2) RETURNING seen)
        SELECT l.term, l.holder, l.head, l.hash,
            coalesce((SELECT h.seen FROM hubs h WHERE h.name = l.holder), 0),
            NOT EXISTS (SELECT 1 FROM pg_locks k JOIN pg_database d ON d.oid = k.database
                WHERE k.locktype = 'advisory' AND k.granted AND d.datname = current_database()
                AND k.classid = $4::int::oid AND k.objid = ((l.term & 2147483647)::int)::oid AND k.objsubid = 2),
            (SELECT a.hash FROM alerts a WHERE a."offset" = $3), (SELECT own.seen FROM own),
            (SELECT coalesce(max(r.version), 0) FROM registry r)
        FROM log l
        """

    func registry() throws(StoreError) -> RegistryVersion? {
        try session.run("read the registry in") { connection throws(PostgresError) in
            try PostgresRegistry.newest(connection)
        }
    }

    func take(after term: UInt64) throws(StoreError) -> Bool {
        let next = term + 1
        // Before the term begins: nobody shall see it without its lock.
        let isLocked = try lock(next)
        let isTaken = try session.run("take the lease of", isCommit: true) {
            connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(Int64(clamping: term))
            arguments.add(hub)
            let rows = try connection.query(
                "UPDATE log SET term = term + 1, holder = $2 WHERE term = $1 RETURNING term", arguments)
            guard !connection.hasWarned else {
                throw PostgresError(operation: "take", kind: .late, message: "the standby has not confirmed")
            }
            return !rows.isEmpty
        }
        guard isTaken else {
            if isLocked { try unlock(next) }
            return false
        }
        held = next
        return true
    }

    func resign() throws(StoreError) {
        guard let term = held else { return }
        held = nil
        try session.run("resign the lease of") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(Int64(clamping: term))
            arguments.add(hub)
            _ = try connection.query(
                "UPDATE log SET holder = '' WHERE term = $1 AND holder = $2", arguments)
        }
        try unlock(term)
    }

    func close() { session.close() }

    private func lock(_ term: UInt64) throws(StoreError) -> Bool {
        try onLock(term, "SELECT pg_try_advisory_lock($1, $2)")
    }

    private func unlock(_ term: UInt64) throws(StoreError) {
        _ = try onLock(term, "SELECT pg_advisory_unlock($1, $2)")
    }

    private func onLock(_ term: UInt64, _ sql: String) throws(StoreError) -> Bool {
        try session.run("lock the lease of") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(LockKey.lease.rawValue)
            arguments.add(Int32(truncatingIfNeeded: term & 0x7FFF_FFFF))
            return try connection.query(sql, arguments).first?.bool(0) ?? false
        }
    }
}

@available(*, unavailable)
extension PostgresLease: Sendable {}
