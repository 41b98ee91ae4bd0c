import AlertStore
import Alerts
import Platform
import PostgreSQL

/// Erases content whose time is over, as a role that may: the hub's own may not.
///
/// What is deleted no query shows any more. It leaves the file with its partition: dropped once all of it is due, or, where it was
/// erased before its time, written anew within a day.
final class PostgresEraser: AlertEraser {
    /// A statement that meets another's lock gives way, and is tried again.
    static let lockTimeout = Duration.milliseconds(100)
    /// Between two looks after the partitions.
    static let pause = Duration.seconds(600)

    private let session: Session
    private let reader: PostgresReader
    private var nextLook = Duration.zero
    /// Handed out as due, and not erased yet: whatever else is erased, is erased before its time.
    private var due: Set<UInt64> = []

    init(_ place: PostgresPlace, seen: SeenLog) throws(StoreError) {
        session = Session(
            place, as: .eraser, seen: seen, deadline: PostgresReader.longest,
            lockTimeout: PostgresEraser.lockTimeout)
        reader = try PostgresReader(session)
        try lookAfterPartitions()
    }

    /// Another's lock only puts it off.
    private func lookAfterPartitions() throws(StoreError) {
        guard steadyClock() >= nextLook else { return }
        nextLook = steadyClock() + PostgresEraser.pause
        do throws(StoreError) {
            try session.run("look after the partitions of") { connection throws(PostgresError) in
                let partitions = Partitions(connection: connection)
                try partitions.makeAhead()
                try partitions.drop()
                _ = try partitions.rewrite()
            }
        } catch {
            guard error.cause.isPassing else { throw error }
        }
    }

    func judged() throws(StoreError) -> UInt64 {
        try lookAfterPartitions()
        return try session.run("read") { connection throws(PostgresError) in
            try connection.query("SELECT judged FROM care").first?.unsigned(0) ?? 0
        }
    }

    func unjudged(
        after offset: UInt64, limit: Int
    ) throws(StoreError) -> (records: [Record], through: UInt64) {
        let rows = try reader.rows(after: offset, through: LogTail.greatest, limit: limit)
        let through = rows.records.last?.offset ?? offset
        return (rows.records.filter { $0.erased == nil }, through)
    }

    /// Most kinds and ends were known when their alert was stored: then there is nothing to note of it.
    func note(_ judgements: [RetentionEntry], through: UInt64) throws(StoreError) {
        var arguments = Arguments()
        arguments.add(array: judgements.map { Int64(clamping: $0.offset) })
        arguments.add(array: judgements.map { Int16(clamping: $0.retention.rawValue) })
        arguments.add(array: judgements.map(\.expires.milliseconds))
        try change { connection throws(PostgresError) in
            let moved = try connection.query(
                """
                WITH m AS (UPDATE contents c SET class = n.c, expires = n.e FROM unnest($1, $2, $3) n(o, c, e)
                    WHERE c.class = \(PostgresSchema.unplacedClass) AND c.expires = \(PostgresSchema.unplacedEnd)
                    AND c."offset" = n.o RETURNING c."offset", c.class, c.expires)
                INSERT INTO judgements ("offset", class, expires) SELECT * FROM m ON CONFLICT DO NOTHING
                """, arguments
            ).changes
            if moved > 0 {
                // Their bytes are still where they were.
                try mark(connection, [PostgresSchema.defaultPartition])
            }
            var place = Arguments()
            place.add(Int64(clamping: through))
            _ = try connection.query("UPDATE care SET judged = $1", place)
        }
    }

    func due(
        _ retention: RetentionClass, expiredBefore moment: Timestamp, limit: Int
    ) throws(StoreError) -> [RetentionEntry] {
        var arguments = Arguments()
        arguments.add(Int16(clamping: retention.rawValue))
        arguments.add(moment.milliseconds)
        arguments.add(Int64(max(limit, 0)))
        let found = try session.run("read") { connection throws(PostgresError) in
            try connection.query(
                #"""
                SELECT "offset", expires FROM contents WHERE class = $1 AND expires < $2
                ORDER BY expires, "offset" LIMIT $3
                """#, arguments
            ).map { row in
                RetentionEntry(
                    offset: row.unsigned(0), retention: retention,
                    expires: Timestamp(milliseconds: row.integer(1)))
            }
        }
        due = Set(found.map(\.offset))
        return found
    }

    func extent(
        _ retention: RetentionClass, expiredBefore moment: Timestamp
    ) throws(StoreError) -> (alerts: UInt64, bytes: UInt64) {
        var arguments = Arguments()
        arguments.add(Int16(clamping: retention.rawValue))
        arguments.add(moment.milliseconds)
        return try session.run("read") { connection throws(PostgresError) in
            let row = try connection.query(
                """
                SELECT count(*), coalesce(sum(octet_length(payload)), 0)::bigint FROM contents
                WHERE class = $1 AND expires < $2
                """, arguments
            ).first
            return (row?.unsigned(0) ?? 0, row?.unsigned(1) ?? 0)
        }
    }

    func record(at offset: UInt64) throws(StoreError) -> Record? { try reader.record(at: offset) }

    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        try reader.referring(to: alert, limit: limit)
    }

    func offsets(of alert: [UInt8]) throws(StoreError) -> [UInt64] { try reader.offsets(named: alert) }

    // MARK: Erasing

    func erase(_ alerts: [(entry: RetentionEntry, digest: [UInt8])]) throws(StoreError) {
        var arguments = Arguments()
        arguments.add(array: alerts.map { Int64(clamping: $0.entry.offset) })
        arguments.add(array: alerts.map(\.digest))
        let due = self.due
        try change { connection throws(PostgresError) in
            let gone = try connection.query(
                #"""
                WITH e AS (SELECT t.o, t.g, coalesce(j.class, a.class) AS c, coalesce(j.expires, a.expires) AS x
                    FROM unnest($1, $2) t(o, g) JOIN alerts a ON a."offset" = t.o
                    LEFT JOIN judgements j ON j."offset" = t.o),
                d AS (DELETE FROM contents c USING e WHERE c.class = e.c AND c.expires = e.x AND c."offset" = e.o
                    RETURNING c."offset", e.g, c.tableoid::regclass::text AS place),
                x AS (INSERT INTO erasures ("offset", digest) SELECT DISTINCT ON ("offset") "offset", g FROM d)
                SELECT "offset", place FROM d
                """#, arguments)
            var dirty: Set<String> = []
            for row in gone {
                let name = String(row.text(1).split(separator: ".").last ?? "")
                // The rest is never dropped.
                if !due.contains(row.unsigned(0)) || name == PostgresSchema.defaultPartition {
                    dirty.insert(name)
                }
            }
            try mark(connection, dirty)
        }
        self.due.subtract(alerts.map(\.entry.offset))
    }

    private func mark(_ connection: Connection, _ partitions: Set<String>) throws(PostgresError) {
        guard !partitions.isEmpty else { return }
        var arguments = Arguments()
        arguments.add(array: partitions.sorted())
        _ = try connection.query(
            """
            UPDATE content_partitions SET dirty = coalesce(dirty, (extract(epoch FROM now()) * 1000)::bigint)
            WHERE name = ANY($1)
            """, arguments)
    }

    func forget() throws(StoreError) -> Bool {
        try session.run("take what was erased out of") { connection throws(PostgresError) in
            let partitions = Partitions(connection: connection)
            try partitions.drop()
            return try partitions.rewrite()
        }
    }

    func close() throws(StoreError) { session.close() }

    /// In a transaction, and not while a partition is written anew.
    private func change(_ body: (Connection) throws(PostgresError) -> Void) throws(StoreError) {
        try session.run("erase") { connection throws(PostgresError) in
            try connection.transaction { () throws(PostgresError) in
                try connection.execute(
                    "SELECT pg_advisory_xact_lock_shared(\(LockKey.erasing.rawValue), 0)")
                try body(connection)
            }
        }
    }
}

@available(*, unavailable)
extension PostgresEraser: Sendable {}
