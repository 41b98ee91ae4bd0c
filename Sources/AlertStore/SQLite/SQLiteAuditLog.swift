import Alerts
import SQLite

/// The record of who read what, in a SQLite file of its own beside the log.
final class SQLiteAuditLog: AuditLog {
    static let busyTimeout = Duration.seconds(5)
    /// Bytes that the file keeps free within itself: reading goes on when the disk is full, as long as about 100,000 events
    /// find room here. After that nobody reads until there is room again.
    static let room: Int64 = 8_388_608

    let path: String
    let connection: Connection

    /// Makes the file with mode 0600 if it is not there.
    init(path: String) throws(StoreError) {
        self.path = path
        let verdict: Schema.Verdict
        do throws(SQLiteError) {
            connection = try Connection(
                path: path, mode: .create(permissions: 0o600), busyTimeout: SQLiteAuditLog.busyTimeout)
            switch try AuditSchema.schema.inspect(connection) {
            case .newer(let version): verdict = .newer(version)
            case .foreign, .ended: verdict = .foreign
            case .damaged: verdict = .damaged
            case .empty, .older, .current:
                try connection.useWriteAheadLog(checkpointPages: AuditSchema.checkpointPages)
                try connection.execute("PRAGMA cache_size = -\(AuditSchema.cache)")
                try AuditSchema.schema.migrate(connection)
                verdict = .current
            }
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
        let known = AuditSchema.schema.steps.count
        if let refusal = StoreError(verdict, known: known, operation: "open", path: path) { throw refusal }
        try keepRoom(anew: true)
    }

    /// Makes the room in the file whole again if half of it is used up; where the disk has none, what is left stays.
    ///
    /// Room in the database alone is not enough: a transaction goes through the write-ahead log first. That one has grown to
    /// the room's size here, and keeps it until the last connection closes (sqlite.org/pragma.html#pragma_journal_size_limit).
    /// - anew: whether the room is whole or not; for a write-ahead log that begins anew.
    private func keepRoom(anew: Bool) throws(StoreError) {
        do throws(SQLiteError) {
            let size = try connection.number("PRAGMA page_size")
            let isWhole = try connection.number("PRAGMA freelist_count") * size >= SQLiteAuditLog.room / 2
            guard anew || !isWhole else { return }
            try connection.transaction(.immediate) { () throws(SQLiteError) in
                try connection.execute(
                    """
                    CREATE TABLE room (bytes BLOB NOT NULL) STRICT;
                    INSERT INTO room VALUES (zeroblob(\(SQLiteAuditLog.room)));
                    """)
            }
            try connection.transaction(.immediate, connection.execute("DROP TABLE room"))
            // The pages have to be in the database before the disk fills up, not only in its write-ahead log.
            _ = try connection.number("PRAGMA wal_checkpoint(RESTART)")
        } catch {
            if error.code == .full { return }
            throw StoreError(error, operation: "make room in", path: path)
        }
    }

    func maintain() throws(StoreError) { try keepRoom(anew: false) }

    @discardableResult
    func append(_ events: [AuditEvent]) throws(StoreError) -> [UInt64] {
        guard !events.isEmpty else { return [] }
        return try change("record") { () throws(SQLiteError) in
            try events.map { event throws(SQLiteError) in
                if event.number != 0, try join(event) { return event.number }
                return try insert(event)
            }
        }
    }

    private func join(_ event: AuditEvent) throws(SQLiteError) -> Bool {
        let update = try connection.statement(
            """
            UPDATE events SET times = times + ?6, last = ?2,
                after = CASE WHEN after IS NULL THEN ?3 WHEN ?3 IS NULL THEN after ELSE min(after, ?3) END,
                through = CASE WHEN through IS NULL THEN ?4 WHEN ?4 IS NULL THEN through ELSE max(through, ?4) END,
                alerts = CASE WHEN alerts IS NULL THEN ?5 WHEN ?5 IS NULL THEN alerts ELSE alerts + ?5 END
            WHERE number = ?1
            """)
        try update.bind(event.number, at: 1)
        try update.bind(event.at.milliseconds, at: 2)
        try bindExtent(of: event, to: update, from: 3)
        try update.bind(event.times, at: 6)
        try update.run()
        return connection.changes > 0
    }

    private func insert(_ event: AuditEvent) throws(SQLiteError) -> UInt64 {
        let insert = try connection.statement(
            """
            INSERT INTO events (at, identity, action, subject, after, through, alerts, times, last)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING number
            """)
        defer { insert.reset() }
        try insert.bind(event.at.milliseconds, at: 1)
        try insert.bind(event.identity, at: 2)
        try insert.bind(event.action.rawValue, at: 3)
        try insert.bind(event.subject, at: 4)
        try bindExtent(of: event, to: insert, from: 5)
        try insert.bind(event.times, at: 8)
        if let last = event.last {
            try insert.bind(last.milliseconds, at: 9)
        } else {
            try insert.bindNull(at: 9)
        }
        var number: UInt64 = 0
        while try insert.step() { number = try insert.unsigned(0) }
        return number
    }

    private func bindExtent(
        of event: AuditEvent, to statement: Statement, from column: Int
    ) throws(SQLiteError) {
        for (place, number) in [event.after, event.through, event.alerts].enumerated() {
            if let number {
                try statement.bind(number, at: column + place)
            } else {
                try statement.bindNull(at: column + place)
            }
        }
    }

    func forget(before moment: Timestamp) throws(StoreError) -> Int {
        try change("forget") { () throws(SQLiteError) in
            let forget = try connection.statement(
                "DELETE FROM events WHERE number IN (SELECT number FROM events ORDER BY number LIMIT ?2) AND at < ?1"
            )
            try forget.bind(moment.milliseconds, at: 1)
            try forget.bind(Int64(StoreLimits.forgottenAtOnce), at: 2)
            try forget.run()
            return Int(clamping: connection.changes)
        }
    }

    /// Bytes of the file that are in use, without the room that it keeps.
    func bytes() throws(StoreError) -> Int64 {
        do throws(SQLiteError) {
            let pages =
                try connection.number("PRAGMA page_count") - connection.number("PRAGMA freelist_count")
            return try connection.number("PRAGMA page_size") * pages
        } catch {
            throw StoreError(error, operation: "measure", path: path)
        }
    }

    func forgetNoisiest() throws(StoreError) -> (identity: String, action: String, events: Int)? {
        try change("forget") {
            () throws(SQLiteError) -> (identity: String, action: String, events: Int)? in
            let noisiest = try connection.statement(
                "SELECT identity, action, events FROM totals ORDER BY bytes DESC LIMIT 1")
            defer { noisiest.reset() }
            guard try noisiest.step(), noisiest.integer(2) > 0 else { return nil }
            let (identity, action) = (noisiest.text(0), noisiest.text(1))
            let most = min(Int64(StoreLimits.forgottenAtOnce), (noisiest.integer(2) + 1) / 2)
            noisiest.reset()
            let forget = try connection.statement(
                """
                DELETE FROM events WHERE number IN
                    (SELECT number FROM events WHERE identity = ?1 AND action = ?2 ORDER BY number LIMIT ?3)
                """)
            try forget.bind(identity, at: 1)
            try forget.bind(action, at: 2)
            try forget.bind(most, at: 3)
            try forget.run()
            return (identity, action, Int(clamping: connection.changes))
        }
    }

    func close() throws(StoreError) {
        do throws(SQLiteError) { try connection.close() } catch {
            throw StoreError(error, operation: "close", path: path)
        }
    }

    private func change<Value>(
        _ operation: String, _ body: () throws(SQLiteError) -> Value
    ) throws(StoreError) -> Value {
        do throws(SQLiteError) { return try connection.transaction(.immediate, body) } catch {
            throw StoreError(error, operation: operation, path: path)
        }
    }
}

@available(*, unavailable)
extension SQLiteAuditLog: Sendable {}
