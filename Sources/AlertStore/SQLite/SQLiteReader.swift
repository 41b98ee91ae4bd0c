import Alerts
import SQLite

/// A reader of a log in a SQLite file, with a connection of its own that can't write. Used from one thread.
///
/// Each call is one short read of what is committed: a reader never holds the WAL back between calls.
final class SQLiteReader: AlertReader, LogInspector {
    /// How long a read waits for a lock; readers of a WAL wait only while it is recovered after a crash.
    static let busyTimeout = Duration.seconds(5)

    let path: String
    let connection: Connection
    /// The rows of `positions` met so far: they never change their post or epoch.
    private var streams: [Int64: LogTail.Stream] = [:]
    var late = LateRows()
    var lateIdentifiers = LateIdentifiers()

    /// Throws `.missing` where there is no log of this version yet, `.newerVersion` and `.damaged`.
    /// - busyTimeout: of every read.
    init(path: String, busyTimeout: Duration = SQLiteReader.busyTimeout) throws(StoreError) {
        self.path = path
        let verdict: Schema.Verdict
        do throws(SQLiteError) {
            connection = try Connection(path: path, mode: .read, busyTimeout: busyTimeout)
            verdict = try StoreSchema.schema.inspect(connection)
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
        let known = StoreSchema.schema.steps.count
        if let refusal = StoreError(verdict, known: known, operation: "open", path: path) { throw refusal }
    }

    func head() throws(StoreError) -> UInt64 {
        try read("head", lastOffset())
    }

    func heads(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: UInt64] {
        try read("heads") { () throws(SQLiteError) in
            var heads: [UInt32: UInt64] = [:]
            for topic in topics { heads[topic] = try indexedSequence(of: topic, through: through) }
            try connection.eachLateRow(after: try connection.indexed(), through: through) { row in
                for delivery in row.deliveries where topics.contains(delivery.topic) {
                    heads[delivery.topic] = delivery.sequence
                }
            }
            return heads
        }
    }

    func offset(before moment: Timestamp) throws(StoreError) -> UInt64 {
        try read("offset before") { () throws(SQLiteError) in
            // `received` never goes back from one offset to the next, and offsets have no holes.
            var before: UInt64 = 0
            var after = try lastOffset() + 1
            let received = try connection.statement("SELECT received FROM alerts WHERE offset = ?1")
            defer { received.reset() }
            while after - before > 1 {
                let middle = before + (after - before) / 2
                try received.bind(middle, at: 1)
                guard try received.step() else { throw hole(at: middle) }
                if received.integer(0) < moment.milliseconds { before = middle } else { after = middle }
                received.reset()
            }
            return before
        }
    }

    func record(at offset: UInt64) throws(StoreError) -> Record? {
        guard offset <= LogTail.greatest else { return nil }
        return try read("record", stored(at: offset))
    }

    func refusals(limit: Int) throws(StoreError) -> [Refusal] {
        try read("refusals") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT post, epoch, sequence, received, code, reason FROM refusals ORDER BY number DESC LIMIT ?1
                """)
            defer { select.reset() }
            try select.bind(Int64(max(limit, 0)), at: 1)
            var refusals: [Refusal] = []
            while try select.step() {
                refusals.append(
                    Refusal(
                        post: select.text(0), epoch: UInt64(bitPattern: select.integer(1)),
                        sequence: UInt64(bitPattern: select.integer(2)),
                        received: Timestamp(milliseconds: select.integer(3)), code: select.text(4),
                        reason: select.text(5)))
            }
            return refusals
        }
    }

    func counts() throws(StoreError) -> Counts {
        try read("counts") { () throws(SQLiteError) in
            // Both are numbered without holes from 1.
            Counts(
                stored: try lastOffset(),
                refused: UInt64(clamping: try connection.number("SELECT max(number) FROM refusals")))
        }
    }

    func close() throws(StoreError) {
        do throws(SQLiteError) {
            try connection.close()
        } catch {
            throw StoreError(error, operation: "close", path: path)
        }
    }
}

@available(*, unavailable)
extension SQLiteReader: Sendable {}

// What the reader's other files build on.
extension SQLiteReader {
    /// Runs the body over one state of the log.
    func read<Value>(
        _ operation: String, _ body: () throws(SQLiteError) -> Value
    ) throws(StoreError) -> Value {
        do throws(SQLiteError) {
            return try connection.transaction(.deferred, body)
        } catch {
            throw StoreError(error, operation: operation, path: path)
        }
    }

    /// The same of one expression.
    func read<Value>(
        _ operation: String, _ value: @autoclosure () throws(SQLiteError) -> Value
    ) throws(StoreError) -> Value {
        try read(operation, value)
    }

    func lastOffset() throws(SQLiteError) -> UInt64 {
        UInt64(clamping: try connection.number("SELECT max(offset) FROM alerts"))
    }

    /// The topic's last sequence as far as the deliveries are indexed.
    func indexedSequence(of topic: UInt32, through: UInt64 = LogTail.greatest) throws(SQLiteError) -> UInt64 {
        let last = try connection.statement(
            "SELECT sequence FROM deliveries WHERE topic = ?1 AND offset <= ?2 ORDER BY offset DESC LIMIT 1")
        defer { last.reset() }
        try last.bind(Int64(topic), at: 1)
        try last.bind(min(through, LogTail.greatest), at: 2)
        return try last.step() ? try last.unsigned(0) : 0
    }

    func stored(at offset: UInt64) throws(SQLiteError) -> Record? {
        try row(at: offset) { row throws(SQLiteError) in try record(row) }
    }

    /// nil: there is none.
    func row<Value>(
        at offset: UInt64, _ take: (Statement) throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value? {
        let select = try connection.statement("SELECT \(RecordRow.columns) FROM alerts WHERE offset = ?1")
        defer { select.reset() }
        try select.bind(offset, at: 1)
        guard try select.step() else { return nil }
        return try take(select)
    }

    /// The record in the statement's current row.
    func record(_ row: Statement) throws(SQLiteError) -> Record {
        try RecordRow.record(row, stream: try stream(row.integer(1)))
    }

    func hole(at offset: UInt64) -> SQLiteError {
        SQLiteError(operation: "read", code: .corrupt, message: "the alert at offset \(offset) is gone")
    }

    func stream(_ number: Int64) throws(SQLiteError) -> LogTail.Stream {
        if let stream = streams[number] { return stream }
        let select = try connection.statement("SELECT post, epoch FROM positions WHERE number = ?1")
        defer { select.reset() }
        try select.bind(number, at: 1)
        guard try select.step() else {
            throw SQLiteError(operation: "read", code: .corrupt, message: "position \(number) is gone")
        }
        let stream = LogTail.Stream(post: select.text(0), epoch: UInt64(bitPattern: select.integer(1)))
        streams[number] = stream
        return stream
    }
}
