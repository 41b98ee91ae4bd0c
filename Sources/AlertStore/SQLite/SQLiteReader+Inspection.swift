import Alerts
import SQLite

/// What the database says of itself, all of one moment: for whoever verifies it.
public struct LogOutline: Sendable, Equatable {
    public var log: UInt64
    /// The last offset; 0 for an empty log.
    public var head: UInt64
    /// The late indexes are complete up to this offset.
    public var indexed: UInt64
    /// Rows whose offset is below 1, which no log has.
    public var strays: UInt64
    /// Names by number.
    public var topics: [UInt32: String]
    /// Of every post and every epoch.
    public var positions: [Position]
    /// All refusals that there ever were, and those that are still kept.
    public var refused: UInt64
    public var refusalsKept: UInt64
}

/// Rows of the log as they are, up to the first one that can't be read.
public struct LogRows: Sendable, Equatable {
    public var records: [Record]
    /// The row after the last record, and what is wrong with it; nil when all could be read.
    public var broken: Broken?

    public struct Broken: Sendable, Equatable {
        public var offset: UInt64
        public var problem: String
    }
}

// Reads that trust nothing, for verification. Each is short, so that a hub that writes meanwhile is not held back.
extension SQLiteReader {
    public func outline() throws(StoreError) -> LogOutline {
        try read("outline") { () throws(SQLiteError) in
            var outline = LogOutline(
                log: UInt64(bitPattern: try connection.number("SELECT value FROM meta WHERE name = 'log'")),
                head: try lastOffset(), indexed: try connection.indexed(),
                strays: UInt64(
                    clamping: try connection.number("SELECT count(*) FROM alerts WHERE offset < 1")),
                topics: [:], positions: [],
                refused: UInt64(clamping: try connection.number("SELECT max(number) FROM refusals")),
                refusalsKept: UInt64(clamping: try connection.number("SELECT count(*) FROM refusals")))
            let topics = try connection.statement("SELECT number, name FROM topics")
            defer { topics.reset() }
            while try topics.step() {
                outline.topics[UInt32(clamping: topics.integer(0))] = topics.text(1)
            }
            var through: [Int64: UInt64] = [:]
            let late = try connection.statement(
                "SELECT position, max(sequence) FROM alerts WHERE offset > ?1 GROUP BY position")
            defer { late.reset() }
            try late.bind(outline.indexed, at: 1)
            while try late.step() { through[late.integer(0)] = try late.unsigned(1) }
            let positions = try connection.statement("SELECT post, epoch, through, number FROM positions")
            defer { positions.reset() }
            while try positions.step() {
                outline.positions.append(
                    Position(
                        post: positions.text(0), epoch: UInt64(bitPattern: positions.integer(1)),
                        through: max(try positions.unsigned(2), through[positions.integer(3)] ?? 0)))
            }
            return outline
        }
    }

    /// The rows with `after < offset <= through`, at most `limit` of them, whatever holes there are between them.
    public func rows(after: UInt64, through: UInt64, limit: Int) throws(StoreError) -> LogRows {
        try read("rows") { () throws(SQLiteError) in
            var rows = LogRows(records: [], broken: nil)
            let select = try connection.statement(
                """
                SELECT \(RecordRow.columns) FROM alerts WHERE offset > ?1 AND offset <= ?2 ORDER BY offset LIMIT ?3
                """)
            defer { select.reset() }
            try select.bind(min(after, LogTail.greatest), at: 1)
            try select.bind(min(through, LogTail.greatest), at: 2)
            try select.bind(Int64(max(limit, 1)), at: 3)
            while try select.step() {
                let offset = UInt64(clamping: select.integer(0))
                do throws(SQLiteError) {
                    rows.records.append(try record(select))
                } catch {
                    guard case .corrupt = error.code else { throw error }
                    rows.broken = LogRows.Broken(offset: offset, problem: error.message)
                    break
                }
            }
            return rows
        }
    }

    /// The sequence that the deliveries index has for an offset in a topic; nil when it has none.
    public func indexedSequence(topic: UInt32, offset: UInt64) throws(StoreError) -> UInt64? {
        try read("index") { () throws(SQLiteError) in
            let select = try connection.statement(
                "SELECT sequence FROM deliveries WHERE topic = ?1 AND offset = ?2")
            defer { select.reset() }
            try select.bind(Int64(topic), at: 1)
            try select.bind(offset, at: 2)
            return try select.step() ? UInt64(bitPattern: select.integer(0)) : nil
        }
    }

    /// Entries of the deliveries index with `after < offset <= through`; the whole of it is read.
    public func indexEntries(after: UInt64, through: UInt64) throws(StoreError) -> UInt64 {
        try read("index") { () throws(SQLiteError) in
            let select = try connection.statement(
                "SELECT count(*) FROM deliveries WHERE offset > ?1 AND offset <= ?2")
            defer { select.reset() }
            try select.bind(min(after, LogTail.greatest), at: 1)
            try select.bind(min(through, LogTail.greatest), at: 2)
            return try select.step() ? UInt64(clamping: select.integer(0)) : 0
        }
    }

    /// Whether the alert at an offset can be found by its id and by its post's sequence.
    public func isFound(at offset: UInt64) throws(StoreError) -> Bool {
        try read("index") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT 1 FROM alerts
                JOIN sequences USING (position, sequence, offset) JOIN ids USING (id, offset) WHERE offset = ?1
                """)
            defer { select.reset() }
            try select.bind(min(offset, LogTail.greatest), at: 1)
            return try select.step()
        }
    }

    /// Entries of the indexes by id and by sequence for offsets up to one; the whole of them is read.
    public func foundEntries(through: UInt64) throws(StoreError) -> (ids: UInt64, sequences: UInt64) {
        try read("index") { () throws(SQLiteError) in
            let counts = try ["ids", "sequences"].map { table throws(SQLiteError) in
                let count = try connection.statement("SELECT count(*) FROM \(table) WHERE offset <= ?1")
                defer { count.reset() }
                try count.bind(min(through, LogTail.greatest), at: 1)
                return try count.step() ? UInt64(clamping: count.integer(0)) : 0
            }
            return (counts[0], counts[1])
        }
    }

    /// Whether the index of references has this alert for the id that it refers to.
    public func isReferenced(_ target: [UInt8], from offset: UInt64) throws(StoreError) -> Bool {
        try read("references") { () throws(SQLiteError) in
            let select = try connection.statement(
                "SELECT 1 FROM alert_references WHERE target = ?1 AND offset = ?2")
            defer { select.reset() }
            try select.bind(target, at: 1)
            try select.bind(offset, at: 2)
            return try select.step()
        }
    }

    /// SQLite's own check of the file's structure and of every index (sqlite.org/pragma.html#pragma_integrity_check).
    /// One long read: meanwhile the WAL of a running hub grows.
    /// - Returns: what is wrong, at most `limit` lines; empty for a sound file.
    public func integrityProblems(limit: Int) throws(StoreError) -> [String] {
        do throws(SQLiteError) {
            let check = try connection.statement("PRAGMA integrity_check(\(max(limit, 1)))")
            defer { check.reset() }
            var problems: [String] = []
            while try check.step() {
                let line = check.text(0)
                if line != "ok" { problems.append(line) }
            }
            return problems
        } catch {
            // A file that is damaged badly enough makes the check itself fail.
            guard case .corrupt = error.code else {
                throw StoreError(error, operation: "integrity check", path: path)
            }
            return [error.message]
        }
    }
}
