import SQLite

/// Copies a log into a new file while its hub runs at full load, a step at a time.
///
/// A copy page by page (SQLite's backup API, VACUUM INTO) reads one old state of the database to its end: meanwhile the WAL
/// grows with every commit, and the commit that may empty it then takes seconds. But a log only ever grows at its end, so it
/// can be copied row by row in short reads; what else there is, which is small, comes last, with the rows that have come
/// since, of one moment. What is in the copy is the log as it was at that moment.
///
/// The copy is one file of mode 0600 without a WAL. Used from one thread.
public final class LogCopy {
    /// Alerts in a step: some milliseconds of reading, and of writing that the disk has to share with the hub.
    static let stepAlerts: UInt64 = 1_000

    public let destination: String
    private let reader: SQLiteReader
    private let connection: Connection
    /// The last offset that is copied.
    public private(set) var copied: UInt64 = 0
    /// The last offset of the log when it was last looked at.
    public private(set) var head: UInt64
    public private(set) var log: UInt64
    private let erasures: Int64

    /// - destination: a path where nothing is. Whoever gives up removes the file.
    public init(from source: String, to destination: String) throws(StoreError) {
        self.destination = destination
        reader = try SQLiteReader(path: source)
        let outline = try reader.outline()
        head = outline.head
        log = outline.log
        do throws(SQLiteError) {
            erasures = try reader.connection.erasures()
            connection = try Connection(
                path: destination, mode: .create(permissions: 0o600), busyTimeout: SQLiteReader.busyTimeout)
            guard try StoreSchema.schema.inspect(connection) == .empty else {
                throw SQLiteError(operation: "copy", code: .misuse, message: "there is something already")
            }
            // Nothing to roll back to: a copy that isn't finished is thrown away. Each step is synced, so that the disk
            // never has much of it to write at once beside the hub's commits.
            try connection.execute(
                """
                PRAGMA page_size = \(StoreSchema.pageSize); PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL;
                PRAGMA cache_size = -\(StoreSchema.cache);
                """)
            try StoreSchema.schema.migrate(connection)
            let attach = try connection.statement("ATTACH DATABASE ?1 AS source")
            try attach.bind(source, at: 1)
            try attach.run()
        } catch {
            throw StoreError(error, operation: "copy", path: destination)
        }
    }

    /// Copies some more.
    /// - Returns: false once the copy is complete.
    public func step() throws(StoreError) -> Bool {
        do throws(SQLiteError) {
            head = max(head, UInt64(clamping: try connection.number("SELECT max(offset) FROM source.alerts")))
            guard head - copied > LogCopy.stepAlerts else {
                try finish()
                return false
            }
            let through = copied + LogCopy.stepAlerts
            try connection.transaction(.deferred) { () throws(SQLiteError) in
                try copyAlerts(through: through)
            }
            copied = through
            return true
        } catch {
            throw StoreError(error, operation: "copy", path: destination)
        }
    }

    /// Gives the copy another log's name: offsets of the log that it was copied from mean nothing in it.
    public func rename(log: UInt64) throws(StoreError) {
        do throws(SQLiteError) {
            let update = try connection.statement("UPDATE meta SET value = ?1 WHERE name = 'log'")
            try update.bind(log, at: 1)
            try update.run()
        } catch {
            throw StoreError(error, operation: "copy", path: destination)
        }
        self.log = log
    }

    public func close() throws(StoreError) {
        try reader.close()
        do throws(SQLiteError) { try connection.close() } catch {
            throw StoreError(error, operation: "close", path: destination)
        }
    }

    private func copyAlerts(through: UInt64) throws(SQLiteError) {
        let copy = try connection.statement(
            """
            INSERT INTO main.alerts SELECT * FROM source.alerts WHERE offset > ?1 AND offset <= ?2 ORDER BY offset
            """)
        try copy.bind(copied, at: 1)
        try copy.bind(through, at: 2)
        try copy.run()
    }

    /// One state of the source, to its end.
    private func finish() throws(SQLiteError) {
        try connection.transaction(.deferred) { () throws(SQLiteError) in
            head = UInt64(clamping: try connection.number("SELECT max(offset) FROM source.alerts"))
            try copyAlerts(through: head)
            // Erased meanwhile in the source: must not live on here.
            if try connection.number("SELECT value FROM source.meta WHERE name = 'erasures'") != erasures {
                try connection.execute(
                    """
                    REPLACE INTO main.alerts SELECT * FROM source.alerts
                    WHERE erased IS NOT NULL AND offset IN (SELECT offset FROM main.alerts WHERE erased IS NULL)
                    """)
            }
            for table in [
                "meta", "positions", "topics", "refusals", "deliveries", "alert_references", "retention",
            ] {
                try connection.execute(
                    "DELETE FROM main.\(table); INSERT INTO main.\(table) SELECT * FROM source.\(table)")
            }
        }
        copied = head
    }
}

extension Connection {
    /// How many alerts were ever erased.
    func erasures() throws(SQLiteError) -> Int64 {
        try number("SELECT value FROM meta WHERE name = 'erasures'")
    }
}

@available(*, unavailable)
extension LogCopy: Sendable {}
