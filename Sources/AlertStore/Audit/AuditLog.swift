public import Alerts
import SQLite

/// Who read what, or was let in to read it. Ids and topics, never an alert's content.
public struct AuditEvent: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable {
        /// A page of the log.
        case replay
        /// One alert and what refers to it.
        case find
        /// Where a moment is in the log.
        case locate
        /// A connection to a feed was let in.
        case feed
    }

    /// Counted from 1 without holes; 0 before it is recorded.
    public var number: UInt64 = 0
    /// By the hub's clock.
    public var at = Timestamp(milliseconds: 0)
    public var identity: String
    public var action: Action
    /// The topics, the alert's id, the moment, or the feed's grant.
    public var subject: String
    /// Of a replay: the offsets that the page speaks for.
    public var after: UInt64?
    public var through: UInt64?
    /// Alerts in the answer.
    public var alerts: UInt64?

    public init(identity: String, action: Action, subject: String) {
        self.identity = identity
        self.action = action
        self.subject = subject
    }
}

/// The record of who read what, in a SQLite file of its own beside the log: the pen never waits for it. One writer, used
/// from one thread; readers (``AuditReader``) at any time.
public final class AuditLog {
    static let busyTimeout = Duration.seconds(5)
    /// Events forgotten in one transaction.
    public static let forgottenAtOnce = 5_000
    /// Bytes that the file keeps free within itself: reading goes on when the disk is full, as long as about 100,000 events
    /// find room here. After that nobody reads until there is room again.
    public static let room: Int64 = 8_388_608

    public let path: String
    let connection: Connection

    /// Makes the file with mode 0600 if it is not there.
    public init(path: String) throws(StoreError) {
        self.path = path
        let verdict: Schema.Verdict
        do throws(SQLiteError) {
            connection = try Connection(
                path: path, mode: .create(permissions: 0o600), busyTimeout: AuditLog.busyTimeout)
            switch try AuditSchema.schema.inspect(connection) {
            case .newer(let version): verdict = .newer(version)
            case .foreign: verdict = .foreign
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
    public func keepRoom(anew: Bool = false) throws(StoreError) {
        do throws(SQLiteError) {
            let size = try connection.number("PRAGMA page_size")
            let isWhole = try connection.number("PRAGMA freelist_count") * size >= AuditLog.room / 2
            guard anew || !isWhole else { return }
            try connection.transaction(.immediate) { () throws(SQLiteError) in
                try connection.execute(
                    """
                    CREATE TABLE room (bytes BLOB NOT NULL) STRICT;
                    INSERT INTO room VALUES (zeroblob(\(AuditLog.room)));
                    """)
            }
            try connection.transaction(.immediate) { () throws(SQLiteError) in
                try connection.execute("DROP TABLE room")
            }
            // The pages have to be in the database before the disk fills up, not only in its write-ahead log.
            _ = try connection.number("PRAGMA wal_checkpoint(RESTART)")
        } catch {
            if error.code == .full { return }
            throw StoreError(error, operation: "make room in", path: path)
        }
    }

    /// Records events, all in one transaction; on disk when it returns.
    public func append(_ events: [AuditEvent]) throws(StoreError) {
        guard !events.isEmpty else { return }
        try change("record") { () throws(SQLiteError) in
            let insert = try connection.statement(
                """
                INSERT INTO events (at, identity, action, subject, after, through, alerts)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                """)
            for event in events {
                try insert.bind(event.at.milliseconds, at: 1)
                try insert.bind(event.identity, at: 2)
                try insert.bind(event.action.rawValue, at: 3)
                try insert.bind(event.subject, at: 4)
                for (column, number) in [(5, event.after), (6, event.through), (7, event.alerts)] {
                    if let number {
                        try insert.bind(number, at: column)
                    } else {
                        try insert.bindNull(at: column)
                    }
                }
                try insert.run()
            }
        }
    }

    /// Forgets the oldest events, as far as they are from before the moment.
    /// - Returns: how many: at most ``forgottenAtOnce``. Call again while it is as many.
    @discardableResult
    public func forget(before moment: Timestamp) throws(StoreError) -> Int {
        try change("forget") { () throws(SQLiteError) in
            let forget = try connection.statement(
                "DELETE FROM events WHERE number IN (SELECT number FROM events ORDER BY number LIMIT ?2) AND at < ?1"
            )
            try forget.bind(moment.milliseconds, at: 1)
            try forget.bind(Int64(AuditLog.forgottenAtOnce), at: 2)
            try forget.run()
            return Int(clamping: connection.changes)
        }
    }

    /// Forgets the oldest of more events than these, whatever their age.
    /// - Returns: how many: at most ``forgottenAtOnce``.
    @discardableResult
    public func forget(beyond most: Int) throws(StoreError) -> Int {
        try change("forget") { () throws(SQLiteError) in
            let forget = try connection.statement(
                """
                DELETE FROM events WHERE number IN (SELECT number FROM events ORDER BY number LIMIT ?2)
                AND number <= (SELECT max(number) FROM events) - ?1
                """)
            try forget.bind(Int64(clamping: most), at: 1)
            try forget.bind(Int64(AuditLog.forgottenAtOnce), at: 2)
            try forget.run()
            return Int(clamping: connection.changes)
        }
    }

    public func close() throws(StoreError) {
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
extension AuditLog: Sendable {}
