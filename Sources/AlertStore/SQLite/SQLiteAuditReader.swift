import Alerts
import SQLite

final class SQLiteAuditReader: AuditReader {
    /// Events read at once.
    static let page = 1_000

    let path: String
    private let connection: Connection

    /// Throws `.missing` where no hub has made the file yet.
    init(path: String) throws(StoreError) {
        self.path = path
        let verdict: Schema.Verdict
        do throws(SQLiteError) {
            connection = try Connection(path: path, mode: .read, busyTimeout: SQLiteAuditLog.busyTimeout)
            verdict = try AuditSchema.schema.inspect(connection)
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
        let known = AuditSchema.schema.steps.count
        if let refusal = StoreError(verdict, known: known, operation: "open", path: path) { throw refusal }
    }

    func each(
        identity: String?, since: Timestamp?, _ body: (AuditEvent) throws -> Void
    ) throws {
        var last: UInt64 = 0
        let end =
            try events("SELECT max(number), 0, '', '', '', 0, 0, 0, 0, 0 FROM events", nil, 0, nil).first?
            .number
            ?? 0
        while last < end {
            let page = try events(
                """
                SELECT number, at, identity, action, subject, after, through, alerts, times, last
                FROM events
                WHERE (?1 = '' OR identity = ?1) AND number > ?2 AND coalesce(last, at) >= ?3 ORDER BY number LIMIT ?4
                """, identity, last, since)
            for event in page where event.number <= end { try body(event) }
            guard page.count == SQLiteAuditReader.page, let next = page.last?.number else { return }
            last = next
        }
    }

    private func events(
        _ sql: String, _ identity: String?, _ after: UInt64, _ since: Timestamp?
    ) throws(StoreError) -> [AuditEvent] {
        do throws(SQLiteError) {
            let select = try connection.statement(sql)
            defer { select.reset() }
            if sql.contains("?1") {
                try select.bind(identity ?? "", at: 1)
                try select.bind(after, at: 2)
                try select.bind(since?.milliseconds ?? .min, at: 3)
                try select.bind(Int64(SQLiteAuditReader.page), at: 4)
            }
            var events: [AuditEvent] = []
            while try select.step() {
                var event = AuditEvent(
                    identity: select.text(2), action: .init(rawValue: select.text(3)) ?? .replay,
                    subject: select.text(4))
                event.number = UInt64(clamping: select.integer(0))
                event.at = Timestamp(milliseconds: select.integer(1))
                event.after = select.isNull(5) ? nil : UInt64(clamping: select.integer(5))
                event.through = select.isNull(6) ? nil : UInt64(clamping: select.integer(6))
                event.alerts = select.isNull(7) ? nil : UInt64(clamping: select.integer(7))
                event.times = UInt64(clamping: select.integer(8))
                event.last = select.isNull(9) ? nil : Timestamp(milliseconds: select.integer(9))
                events.append(event)
            }
            return events
        } catch {
            throw StoreError(error, operation: "read", path: path)
        }
    }

    /// Copies all of it, as it is at one moment, into a file of mode 0600 that is not there yet, and checks the copy.
    func copy(to destination: String) throws(StoreError) {
        do throws(SQLiteError) {
            // Made with its mode: VACUUM would let others read it.
            try Connection(
                path: destination, mode: .create(permissions: 0o600), busyTimeout: SQLiteAuditLog.busyTimeout
            ).close()
            // It changes nothing here, but SQLite takes the other file for a change.
            try connection.execute("PRAGMA query_only = 0; PRAGMA synchronous = FULL")
            let vacuum = try connection.statement("VACUUM INTO ?1")
            try vacuum.bind(destination, at: 1)
            try vacuum.run()
            let copy = try Connection(
                path: destination, mode: .read, busyTimeout: SQLiteAuditLog.busyTimeout)
            let check = try copy.statement("PRAGMA integrity_check(1)")
            defer { check.reset() }
            guard try check.step(), check.text(0) == "ok" else {
                throw SQLiteError(operation: "copy", code: .corrupt, message: "the copy does not verify")
            }
        } catch {
            throw StoreError(error, operation: "copy", path: destination)
        }
    }

    func close() throws(StoreError) {
        do throws(SQLiteError) { try connection.close() } catch {
            throw StoreError(error, operation: "close", path: path)
        }
    }
}

@available(*, unavailable)
extension SQLiteAuditReader: Sendable {}
