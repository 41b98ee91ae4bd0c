import Platform
import SQLite

/// The writer of a log in one SQLite file: WAL, synchronous=FULL, one transaction a batch. Used from one thread.
final class SQLiteWriter: AlertWriter {
    /// How long a commit waits for another connection (a backup, a checkpoint) before it fails.
    static let busyTimeout = Duration.seconds(5)
    /// Alerts from which on a batch lets a copy of the write-ahead log come to its end first, since nothing is added to that
    /// meanwhile; who commits less at once must not wait for one.
    static let patientBatch = 25

    let path: String
    let connection: Connection
    private var lock: WriterLock?
    var log: UInt64 = 0
    var tail = LogTail()
    /// The rows of `positions`.
    var numbers: [LogTail.Stream: Int64] = [:]
    /// The number of the last refusal.
    var refused: UInt64 = 0
    var indexes = LateIndexes()
    private let checkpoints: Bool
    var checkpointer: Checkpointer?

    /// Opens the log, or makes one with mode 0600 in a directory that exists, and takes the missing migration steps.
    ///
    /// Throws `.locked` at once when another writer is on the file, `.newerVersion`, `.damaged`, `.readOnly`, `.full`, and
    /// `.missing` when the directory is.
    /// - checkpoints: false leaves all copying of the write-ahead log to commits.
    init(
        path: String, indexStride: Int = LateIndexes.stride, indexBite: Int = LateIndexes.bite,
        checkpoints: Bool = true
    ) throws(StoreError) {
        self.checkpoints = checkpoints
        self.path = path
        indexes.stride = indexStride
        indexes.bite = indexBite
        lock = try WriterLock(path)
        do throws(SQLiteError) {
            connection = try Connection(
                path: path, mode: .create(permissions: 0o600), busyTimeout: SQLiteWriter.busyTimeout)
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
        let verdict: Schema.Verdict
        do throws(SQLiteError) {
            verdict = try prepare()
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
        let known = StoreSchema.schema.steps.count
        if let refusal = StoreError(verdict, known: known, operation: "open", path: path) { throw refusal }
        do throws(SQLiteError) {
            try readTail()
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
    }

    /// Changes nothing in a database that is newer or not ours.
    private func prepare() throws(SQLiteError) -> Schema.Verdict {
        guard !connection.isReadOnly else {
            throw SQLiteError(operation: "open", code: .readOnly, message: "the file can't be written")
        }
        let found = try StoreSchema.schema.inspect(connection)
        switch found {
        case .newer, .ended, .foreign, .damaged:
            return found
        case .empty, .older, .current:
            // The page size of an empty database is fixed with its first page, which WAL mode writes.
            try connection.execute("PRAGMA page_size = \(StoreSchema.pageSize)")
            try connection.useWriteAheadLog()
            connection.watchWAL()
            try connection.execute(
                """
                PRAGMA journal_size_limit = \(StoreSchema.longestIdleWAL);
                PRAGMA cache_size = -\(StoreSchema.cache);
                """)
            try StoreSchema.schema.migrate(connection)
            try connection.execute(StoreSchema.responses)
            try connection.addIdentifiers()
            // The write-ahead log is copied now, so that whoever loses that file loses the log's last alerts and not its id, which is
            // in it. A full disk only puts the copying off.
            try toleratingFull(connection.copyWAL())
            return try StoreSchema.schema.inspect(connection)
        }
    }

    /// For what nothing committed depends on.
    private func toleratingFull<Value>(_ work: @autoclosure () throws(SQLiteError) -> Value)
        throws(SQLiteError)
    {
        do throws(SQLiteError) { _ = try work() } catch {
            guard StoreError(error, operation: "", path: path).cause == .full else { throw error }
        }
    }

    func load() throws(StoreError) -> LogState {
        tail.state(log: log)
    }

    func commit(_ batch: Batch) throws(StoreError) {
        guard !batch.isEmpty else { return }
        if batch.records.count >= SQLiteWriter.patientBatch {
            checkpointer?.finish(atMost: SQLiteWriter.busyTimeout)
        }
        if let failure = checkpointer?.failure() { throw failure }
        var next = tail
        do throws(LogTail.Break) {
            try next.advance(by: batch)
        } catch {
            throw .outOfOrder(error, operation: "commit", path: path)
        }
        var nextNumbers = numbers
        let rows: [LateRow]
        do throws(SQLiteError) {
            rows = try connection.transaction(.immediate, write(batch, next, &nextNumbers))
        } catch {
            throw StoreError(error, operation: "commit", path: path)
        }
        indexes.take(rows)
        tail = next
        numbers = nextNumbers
        refused += UInt64(batch.refusals.count)
        guard connection.walPages >= StoreSchema.checkpointPages else { return }
        // What was committed stays so, whatever becomes of this.
        if connection.walPages >= StoreSchema.mostPages { _ = try? connection.copyWAL() }
        guard checkpoints else { return }
        if checkpointer == nil { checkpointer = try? Checkpointer(path: path) }
        checkpointer?.request()
    }

    /// Indexes bites of what waits, at least one.
    func maintain(_ budget: Duration) throws(StoreError) {
        let end = steadyClock() + budget
        do throws(SQLiteError) {
            repeat {
                if try indexes.advance(connection) { continue }
                guard try indexes.catchUp(connection) else { return }
            } while steadyClock() < end
        } catch {
            let error = StoreError(error, operation: "index", path: path)
            // Room and another's lock can be waited for: a later bite, or the batch that must, is told again.
            guard error.cause.isPassing else { throw error }
        }
    }

    /// Gives up the writer, with the late indexes complete. Safe to leave out: what was committed is on disk, and the lock
    /// ends with the object.
    func close() throws(StoreError) {
        defer { lock = nil }
        checkpointer = nil
        do throws(SQLiteError) {
            // The next writer finds in the log itself what is not indexed.
            try toleratingFull(indexes.complete(connection))
            try connection.close()
        } catch {
            throw StoreError(error, operation: "close", path: path)
        }
    }
}

@available(*, unavailable)
extension SQLiteWriter: Sendable {}
