import AlertStore
import Alerts
import PostgreSQL

/// The record of who reads, of all hubs: each adds to it as its own role, and forgets as the one that erases.
final class PostgresAuditLog: AuditLog {
    private let session: Session
    private let eraser: Session

    init(_ place: PostgresPlace, seen: SeenLog) throws(StoreError) {
        session = Session(place, seen: seen)
        eraser = Session(place, as: .eraser, seen: seen, deadline: PostgresReader.longest)
        try begin()
    }

    /// Copies a record from a file into one that is not made yet; interrupted, it goes on where it was.
    static func restore(from file: String, to place: PostgresPlace, seen: SeenLog) throws(StoreError) {
        let reader = try SQLiteBackend.auditReader(of: file)
        let audit = PostgresAuditLog(
            session: Session(place, seen: seen), eraser: Session(place, as: .eraser, seen: seen))
        var left = try audit.session.run("restore") { connection throws(PostgresError) in
            try connection.query("SELECT count(*) FROM audit").first?.integer(0) ?? 0
        }
        var waiting: [AuditEvent] = []
        do {
            try reader.each(identity: nil, since: nil) { event in
                guard left == 0 else {
                    left -= 1
                    return
                }
                var event = event
                event.number = 0
                waiting.append(event)
                guard waiting.count >= PostgresAuditReader.page else { return }
                try audit.append(waiting)
                waiting = []
            }
        } catch {
            throw error as? StoreError
                ?? StoreError(operation: "restore", path: file, cause: .other, detail: "\(error)")
        }
        try audit.append(waiting)
        try audit.begin()
        try audit.close()
        try reader.close()
    }

    private init(session: Session, eraser: Session) {
        self.session = session
        self.eraser = eraser
    }

    private func begin() throws(StoreError) {
        try session.run("open") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(session.place.hub)
            _ = try connection.query(
                "INSERT INTO audit_hubs (hub) VALUES ($1) ON CONFLICT DO NOTHING", arguments)
        }
    }

    @discardableResult
    func append(_ events: [AuditEvent]) throws(StoreError) -> [UInt64] {
        guard !events.isEmpty else { return [] }
        return try session.run("record") { connection throws(PostgresError) in
            let numbers = try connection.transaction { () throws(PostgresError) in
                try append(events, connection)
            }
            guard !connection.hasWarned else {
                throw PostgresError(
                    operation: "record", kind: .late, message: "the standby has not confirmed")
            }
            return numbers
        }
    }

    private func append(_ events: [AuditEvent], _ connection: Connection) throws(PostgresError) -> [UInt64] {
        var numbers: [UInt64] = []
        var new: [Int] = []
        for event in events {
            if event.number != 0, try join(event, connection) {
                numbers.append(event.number)
            } else {
                new.append(numbers.count)
                numbers.append(0)
            }
        }
        guard !new.isEmpty else { return numbers }
        let rows = try insert(new.map { events[$0] }, connection)
        for (place, row) in zip(new, rows) { numbers[place] = row.unsigned(0) }
        return numbers
    }

    private func join(_ event: AuditEvent, _ connection: Connection) throws(PostgresError) -> Bool {
        var arguments = Arguments()
        arguments.add(Int64(clamping: event.number))
        arguments.add(event.at.milliseconds)
        for number in [event.after, event.through, event.alerts] {
            arguments.add(number.map { Int64(clamping: $0) })
        }
        arguments.add(Int64(clamping: event.times))
        // least and greatest leave nulls out.
        return try connection.query(
            """
            UPDATE audit SET times = times + $6, last = $2, after = least(after, $3),
                through = greatest(through, $4), alerts = CASE WHEN alerts IS NULL THEN $5 ELSE alerts + coalesce($5, 0) END
            WHERE number = $1
            """, arguments
        ).changes > 0
    }

    private func insert(_ events: [AuditEvent], _ connection: Connection) throws(PostgresError) -> Rows {
        var arguments = Arguments()
        arguments.add(session.place.hub)
        arguments.add(array: events.map(\.at.milliseconds))
        arguments.add(array: events.map(\.identity))
        arguments.add(array: events.map(\.action.rawValue))
        arguments.add(array: events.map(\.subject))
        arguments.add(optionals: events.map { $0.after.map { Int64(clamping: $0) } })
        arguments.add(optionals: events.map { $0.through.map { Int64(clamping: $0) } })
        arguments.add(optionals: events.map { $0.alerts.map { Int64(clamping: $0) } })
        arguments.add(array: events.map { Int64(clamping: $0.times) })
        arguments.add(optionals: events.map(\.last?.milliseconds))
        return try connection.query(
            """
            WITH e AS (INSERT INTO audit (hub, at, identity, action, subject, after, through, alerts, times, last)
                SELECT $1, t.a, t.i, t.c, t.s, t.f, t.t, t.n, t.x, t.l
                FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) WITH ORDINALITY t(a, i, c, s, f, t, n, x, l, place)
                ORDER BY place RETURNING number, identity, action, \(PostgresAuditLog.size) AS size),
            t AS (INSERT INTO audit_totals (identity, action, events, bytes)
                SELECT identity, action, count(*), sum(size) FROM e GROUP BY identity, action
                ON CONFLICT (identity, action) DO UPDATE SET events = audit_totals.events + excluded.events,
                    bytes = audit_totals.bytes + excluded.bytes)
            SELECT number FROM e ORDER BY number
            """, arguments)
    }

    /// Bytes that an event counts.
    private static let size = "octet_length(subject) + 100"

    func forget(before moment: Timestamp) throws(StoreError) -> Int {
        var arguments = Arguments()
        arguments.add(moment.milliseconds)
        arguments.add(Int64(StoreLimits.forgottenAtOnce))
        return try forget(
            "number IN (SELECT number FROM audit ORDER BY number LIMIT $2) AND at < $1", arguments)
    }

    func forgetNoisiest() throws(StoreError) -> (identity: String, action: String, events: Int)? {
        let noisiest = try eraser.run("forget") { connection throws(PostgresError) in
            try connection.query(
                "SELECT identity, action, events FROM audit_totals ORDER BY bytes DESC LIMIT 1"
            ).first.map { ($0.text(0), $0.text(1), $0.integer(2)) }
        }
        guard let (identity, action, events) = noisiest, events > 0 else { return nil }
        var arguments = Arguments()
        arguments.add(identity)
        arguments.add(action)
        arguments.add(min(Int64(StoreLimits.forgottenAtOnce), (events + 1) / 2))
        let gone = try forget(
            "number IN (SELECT number FROM audit WHERE identity = $1 AND action = $2 ORDER BY number LIMIT $3)",
            arguments)
        return (identity, action, gone)
    }

    private func forget(_ which: String, _ arguments: Arguments) throws(StoreError) -> Int {
        try eraser.run("forget") { connection throws(PostgresError) in
            let rows = try connection.query(
                """
                WITH d AS (DELETE FROM audit WHERE \(which) RETURNING identity, action, \(PostgresAuditLog.size) AS size),
                t AS (UPDATE audit_totals u SET events = u.events - s.n, bytes = u.bytes - s.b
                    FROM (SELECT identity, action, count(*) AS n, sum(size) AS b FROM d GROUP BY identity, action) s
                    WHERE u.identity = s.identity AND u.action = s.action)
                SELECT count(*) FROM d
                """, arguments)
            return Int(clamping: rows.first?.integer(0) ?? 0)
        }
    }

    func bytes() throws(StoreError) -> Int64 {
        try session.run("measure") { connection throws(PostgresError) in
            try connection.query("SELECT coalesce(sum(bytes), 0)::bigint FROM audit_totals").first?.integer(0)
                ?? 0
        }
    }

    /// The server looks after its tables by itself.
    func maintain() throws(StoreError) {}

    func close() throws(StoreError) {
        session.close()
        eraser.close()
    }
}

@available(*, unavailable)
extension PostgresAuditLog: Sendable {}

final class PostgresAuditReader: AuditReader {
    /// Events read at once.
    static let page: Int64 = 1_000

    private let session: Session

    /// Throws `.missing` where no hub has begun one.
    init(_ place: PostgresPlace, seen: SeenLog) throws(StoreError) {
        session = Session(place, seen: seen, deadline: PostgresReader.longest)
        guard try PostgresAuditReader.isMade(session) else {
            throw StoreError(
                operation: "open", path: place.location, cause: .missing,
                detail: "no hub has recorded who reads yet")
        }
    }

    static func isMade(_ session: Session) throws(StoreError) -> Bool {
        try session.run("look into") { connection throws(PostgresError) in
            try connection.query("SELECT EXISTS (SELECT 1 FROM audit_hubs)").first?.bool(0) ?? false
        }
    }

    func each(identity: String?, since: Timestamp?, _ body: (AuditEvent) throws -> Void) throws {
        let end = try session.run("read") { connection throws(PostgresError) in
            try connection.query("SELECT coalesce(max(number), 0) FROM audit").first?.integer(0) ?? 0
        }
        var last: Int64 = 0
        while last < end {
            var arguments = Arguments()
            arguments.add(identity)
            arguments.add(last)
            arguments.add(end)
            arguments.add(since?.milliseconds ?? .min)
            arguments.add(PostgresAuditReader.page)
            let page = try session.run("read") { connection throws(PostgresError) in
                try connection.query(
                    """
                    SELECT number, at, identity, action, subject, after, through, alerts, times, last FROM audit
                    WHERE ($1 IS NULL OR identity = $1) AND number > $2 AND number <= $3 AND coalesce(last, at) >= $4
                    ORDER BY number LIMIT $5
                    """, arguments
                ).map(PostgresAuditReader.event)
            }
            for event in page { try body(event) }
            guard page.count == Int(PostgresAuditReader.page), let next = page.last?.number else { return }
            last = Int64(clamping: next)
        }
    }

    private static func event(_ row: Rows.Row) -> AuditEvent {
        func number(_ column: Int) -> UInt64? { row.isNull(column) ? nil : row.unsigned(column) }
        var event = AuditEvent(
            identity: row.text(2), action: .init(rawValue: row.text(3)) ?? .replay, subject: row.text(4))
        event.number = row.unsigned(0)
        event.at = Timestamp(milliseconds: row.integer(1))
        event.after = number(5)
        event.through = number(6)
        event.alerts = number(7)
        event.times = row.unsigned(8)
        event.last = row.isNull(9) ? nil : Timestamp(milliseconds: row.integer(9))
        return event
    }

    func close() throws(StoreError) { session.close() }
}

@available(*, unavailable)
extension PostgresAuditReader: Sendable {}
