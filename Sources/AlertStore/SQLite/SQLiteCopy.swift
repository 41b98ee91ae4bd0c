import Glibc
import SQLite

/// Copies a log into a new file while its hub runs at full load, a step at a time.
///
/// A copy page by page (SQLite's backup API, VACUUM INTO) reads one old state of the database to its end: meanwhile the WAL
/// grows with every commit, and the commit that may empty it then takes long. But a log only ever grows at its end, so it
/// is copied row by row in reads of some milliseconds; positions, topics and refusals, which are small, come last, with the
/// rows that have come since, of one moment: the copy is the log as it was then. What can be made from the rows is made
/// from them: the indexes, and in time the table of what is due for erasing.
///
/// The copy is one file of mode 0600 without a WAL. Used from one thread.
final class SQLiteCopy: LogCopy {
    /// Alerts in a step: some milliseconds of reading, and about a mebibyte that the disk has to take beside the hub's.
    static let stepAlerts: UInt64 = 1_000
    /// Alerts whose deliveries are sorted together; their places in the index are as scattered as there are topics.
    static let stepIndex: UInt64 = 20_000

    private let path: String
    /// Where the copy is until it has its place.
    private let destination: String
    let isInUse: Bool
    /// Of the log that is made here; nil for a backup.
    private let lock: WriterLock?
    private let reader: SQLiteReader
    private let connection: Connection
    private(set) var copied: UInt64 = 0
    private(set) var head: UInt64
    private(set) var log: UInt64
    private let erasures: Int64
    private var indexed: UInt64?

    /// - path: where nothing is. lock: held until the copy is closed.
    init(from source: String, to path: String, lock: consuming WriterLock? = nil) throws(StoreError) {
        self.path = path
        self.lock = lock
        destination = path + ".part"
        // Of a copy that a crash cut off.
        for name in [destination, destination + "-journal"] { unlink(name) }
        // Where that can't be found out: as if one did, which only takes longer.
        isInUse = (try? WriterLock.isHeld(source)) ?? true
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
            try connection.execute(StoreSchema.responses)
            try connection.addIdentifiers()
        } catch {
            throw StoreError(error, operation: "copy", path: destination)
        }
    }

    func step() throws(StoreError) -> Bool {
        do throws(SQLiteError) {
            if let place = indexed { return try index(after: place) }
            head = max(head, UInt64(clamping: try reader.connection.number("SELECT max(offset) FROM alerts")))
            guard head - copied > SQLiteCopy.stepAlerts else {
                try finish()
                indexed = 0
                return true
            }
            let rows = try reader.connection.rows(after: copied, through: copied + SQLiteCopy.stepAlerts)
            try connection.transaction(.deferred) { () throws(SQLiteError) in
                try connection.put("INSERT INTO", rows)
            }
            copied += SQLiteCopy.stepAlerts
            return true
        } catch {
            throw StoreError(error, operation: "copy", path: destination)
        }
    }

    func rename(log: UInt64) throws(StoreError) {
        do throws(SQLiteError) {
            try connection.setMeta("log", Int64(bitPattern: log))
        } catch {
            throw StoreError(error, operation: "copy", path: destination)
        }
        self.log = log
    }

    func inspector() throws(StoreError) -> any LogInspector {
        do throws(SQLiteError) { try connection.close() } catch {
            throw StoreError(error, operation: "close", path: destination)
        }
        return try SQLiteReader(path: destination)
    }

    func place() throws(StoreError) -> Int64 {
        do throws(SQLiteError) { try connection.close() } catch {
            throw StoreError(error, operation: "close", path: destination)
        }
        return try SQLiteBackend.place(destination, at: path)
    }

    func close() {
        try? reader.close()
        try? connection.close()
        unlink(destination)
    }

    /// The rest, all of one state of the source.
    private func finish() throws(SQLiteError) {
        let source = reader.connection
        var tables = ["meta", "positions", "topics", "refusals"]
        var rest = RawRows()
        var erased = RawRows()
        var contents: [RawRows] = []
        try source.transaction(.deferred) { () throws(SQLiteError) in
            head = UInt64(clamping: try source.number("SELECT max(offset) FROM alerts"))
            rest = try source.rows(after: copied, through: head)
            for table in ["receipts", "duty", "progress", "escalations", "outages"]
            where try source.has(table) { tables.append(table) }
            for table in tables { contents.append(try source.rows(of: table)) }
            // Erased there meanwhile: must not live on here.
            if try source.erasures() != erasures { erased = try source.erasedRows(through: copied) }
        }
        try connection.transaction(.deferred) { () throws(SQLiteError) in
            try connection.put("INSERT INTO", rest)
            try connection.put("REPLACE INTO", erased)
            for (table, rows) in zip(tables, contents) {
                try connection.execute("DELETE FROM \(table)")
                try connection.put("INSERT INTO", rows, table: table)
            }
            // A source that no hub with this index has written lacks the row.
            try connection.execute("INSERT OR IGNORE INTO meta VALUES ('identified', 0)")
            try connection.setMeta("identified", 0)
            try connection.setMeta("indexed", 0)
            try connection.setMeta("judged", 0)
        }
        copied = head
    }

    /// Makes the next part of the indexes from the rows of the copy.
    private func index(after place: UInt64) throws(SQLiteError) -> Bool {
        let through = min(place + SQLiteCopy.stepIndex, head)
        var rows: [LateRow] = []
        try connection.eachLateRow(after: place, through: through) { rows.append($0) }
        var references: [(target: [UInt8], offset: UInt64)] = []
        let select = try connection.statement(
            "SELECT offset, refers FROM alerts WHERE offset > ?1 AND offset <= ?2 AND length(refers) > 0")
        defer { select.reset() }
        try select.bind(place, at: 1)
        try select.bind(through, at: 2)
        while try select.step() {
            let offset = try select.unsigned(0)
            guard let targets = select.withBytes(1, Packing.references) else {
                throw RecordRow.damaged(select)
            }
            references += targets.map { ($0, offset) }
        }
        try connection.transaction(.deferred) { () throws(SQLiteError) in
            try connection.index(rows)
            try connection.index(references)
            try connection.index(try connection.identifiers(after: place, through: through))
            try connection.setMeta("indexed", Int64(clamping: through))
            try connection.setMeta("identified", Int64(clamping: through))
        }
        indexed = through
        return through < head
    }
}

@available(*, unavailable)
extension SQLiteCopy: Sendable {}
