import Alerts
import SQLite

/// Erases content whose time is over, beside the writer: with a connection of its own, in transactions of some milliseconds.
///
/// What it erases is overwritten in the database (`PRAGMA secure_delete`); ``forget()`` takes it out of the WAL too.
/// Not durable on its own: after a power cut the last bites may have to be done again, and are.
final class SQLiteEraser: AlertEraser {
    /// A bite that meets the writer at work gives way at once, and is tried again.
    static let busyTimeout = Duration.milliseconds(50)

    let path: String
    private let reader: SQLiteReader
    private let connection: Connection

    init(path: String) throws(StoreError) {
        self.path = path
        reader = try SQLiteReader(path: path)
        do throws(SQLiteError) {
            connection = try Connection(path: path, mode: .readWrite, busyTimeout: SQLiteEraser.busyTimeout)
            // The commits of the writer are synced; these wait for the next one of those, or for a checkpoint.
            try connection.execute("PRAGMA secure_delete = ON; PRAGMA synchronous = NORMAL")
            try connection.addIdentifiers()
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
    }

    // MARK: When what is due

    func unjudged(
        after offset: UInt64, limit: Int
    ) throws(StoreError) -> (records: [Record], through: UInt64) {
        let rows = try reader.rows(after: offset, through: .max, limit: limit)
        let through = rows.records.last?.offset ?? offset
        return (rows.records.filter { $0.erased == nil }, through)
    }

    func note(_ judgements: [RetentionEntry], through: UInt64) throws(StoreError) {
        try change { () throws(SQLiteError) in
            let insert = try connection.statement(
                "INSERT OR IGNORE INTO retention (class, expires, offset) VALUES (?1, ?2, ?3)")
            for entry in judgements {
                try insert.bind(entry.retention.rawValue, at: 1)
                try insert.bind(entry.expires.milliseconds, at: 2)
                try insert.bind(entry.offset, at: 3)
                try insert.run()
            }
            let judged = try connection.statement("UPDATE meta SET value = ?1 WHERE name = 'judged'")
            try judged.bind(through, at: 1)
            try judged.run()
        }
    }

    func due(
        _ retention: RetentionClass, expiredBefore moment: Timestamp, limit: Int
    ) throws(StoreError) -> [RetentionEntry] {
        try call("read") { () throws(SQLiteError) in
            let select = try connection.statement(
                "SELECT offset, expires FROM retention WHERE class = ?1 AND expires < ?2 ORDER BY expires LIMIT ?3"
            )
            defer { select.reset() }
            try select.bind(retention.rawValue, at: 1)
            try select.bind(moment.milliseconds, at: 2)
            try select.bind(Int64(max(limit, 0)), at: 3)
            var due: [RetentionEntry] = []
            while try select.step() {
                due.append(
                    RetentionEntry(
                        offset: try select.unsigned(0), retention: retention,
                        expires: Timestamp(milliseconds: select.integer(1))))
            }
            return due
        }
    }

    func extent(
        _ retention: RetentionClass, expiredBefore moment: Timestamp
    ) throws(StoreError) -> (alerts: UInt64, bytes: UInt64) {
        try call("read") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT count(*), coalesce(sum(length(payload)), 0) FROM retention JOIN alerts USING (offset)
                WHERE class = ?1 AND expires < ?2
                """)
            defer { select.reset() }
            try select.bind(retention.rawValue, at: 1)
            try select.bind(moment.milliseconds, at: 2)
            guard try select.step() else { return (0, 0) }
            return (UInt64(clamping: select.integer(0)), UInt64(clamping: select.integer(1)))
        }
    }

    func record(at offset: UInt64) throws(StoreError) -> Record? { try reader.record(at: offset) }

    func offsets(of alert: [UInt8]) throws(StoreError) -> [UInt64] {
        try reader.offsets(named: alert)
    }

    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        try reader.referring(to: alert, limit: limit)
    }

    func judged() throws(StoreError) -> UInt64 {
        try call("read") { () throws(SQLiteError) in
            UInt64(clamping: try connection.number("SELECT value FROM meta WHERE name = 'judged'"))
        }
    }

    // MARK: Erasing

    func erase(_ alerts: [(entry: RetentionEntry, digest: [UInt8])]) throws(StoreError) {
        try change { () throws(SQLiteError) in
            let erase = try connection.statement(
                "UPDATE alerts SET payload = zeroblob(0), erased = ?2 WHERE offset = ?1 AND erased IS NULL")
            let forget = try connection.statement(
                "DELETE FROM retention WHERE class = ?1 AND expires = ?2 AND offset = ?3")
            var erased: Int64 = 0
            for (entry, digest) in alerts {
                try erase.bind(entry.offset, at: 1)
                try erase.bind(digest, at: 2)
                try erase.run()
                erased += connection.changes
                try connection.forgetIdentifiers(of: entry.offset)
                try forget.bind(entry.retention.rawValue, at: 1)
                try forget.bind(entry.expires.milliseconds, at: 2)
                try forget.bind(entry.offset, at: 3)
                try forget.run()
            }
            let count = try connection.statement("UPDATE meta SET value = value + ?1 WHERE name = 'erasures'")
            try count.bind(erased, at: 1)
            try count.run()
        }
    }

    /// Takes what was erased out of the WAL: its content is copied to the database, and the file cut to nothing.
    func forget() throws(StoreError) -> Bool {
        try call("empty the WAL") { () throws(SQLiteError) in
            // The first does the work without holding up anyone; the second holds the writer for what has come since.
            for mode in ["PASSIVE", "TRUNCATE"] {
                let checkpoint = try connection.statement("PRAGMA wal_checkpoint(\(mode))")
                defer { checkpoint.reset() }
                guard try checkpoint.step(), checkpoint.integer(0) == 0 else { return false }
            }
            return true
        }
    }

    func close() throws(StoreError) {
        try reader.close()
        try call("close", connection.close())
    }

    private func change(_ body: () throws(SQLiteError) -> Void) throws(StoreError) {
        try call("erase", connection.transaction(.immediate, body))
    }

    private func call<Value>(
        _ operation: String, _ body: () throws(SQLiteError) -> Value
    ) throws(StoreError) -> Value {
        do throws(SQLiteError) { return try body() } catch {
            throw StoreError(error, operation: operation, path: path)
        }
    }

    /// The same of one expression.
    private func call<Value>(
        _ operation: String, _ value: @autoclosure () throws(SQLiteError) -> Value
    ) throws(StoreError) -> Value {
        try call(operation, value)
    }
}

@available(*, unavailable)
extension SQLiteEraser: Sendable {}
