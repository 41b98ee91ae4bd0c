import SQLite

/// A post's durable outbox: one SQLite file (WAL, synchronous=FULL) that the daemon and any number of publishing
/// programs use at once, each through an object of its own, used from one thread.
///
/// An alert is safe when ``append(_:at:new:_:)`` returns, and is kept until the hub has answered. A post's sequences have no
/// holes, whoever appends.
public final class Outbox {
    /// How long a call waits for the other programs before it fails with `.busy`.
    public static let busyTimeout = Duration.seconds(10)
    /// Alerts that may wait for the hub where the caller names no other bound; `append` is refused beyond it.
    public static let mostWaiting = 1_000_000
    /// How long an answered alert is kept where the caller names no other time.
    public static let retention = Duration.seconds(7 * 86_400)

    /// Alerts that one prune forgets: about 50 ms during which other programs wait.
    public static let prunedAtOnce = 10_000

    public let path: String
    public let limit: Int
    let connection: Connection
    /// Whether what was erased or pruned may still be in the write-ahead log: of an outbox that was just opened nobody knows.
    public internal(set) var owesForgetting = true

    /// Opens the outbox, or makes one with mode 0600 and a new epoch in a directory that exists.
    /// - limit: most alerts that may wait for the hub.
    public static func open(
        path: String, limit: Int = Outbox.mostWaiting
    ) throws(OutboxError) -> Outbox {
        try Outbox(path: path, limit: limit)
    }

    private init(path: String, limit: Int) throws(OutboxError) {
        self.path = path
        self.limit = limit
        let verdict: Schema.Verdict
        do throws(SQLiteError) {
            connection = try Connection(
                path: path, mode: .create(permissions: 0o600), busyTimeout: Outbox.busyTimeout)
            verdict = try Outbox.prepare(connection)
        } catch {
            throw OutboxError(error, operation: "open", path: path)
        }
        let known = OutboxSchema.schema.steps.count
        if let refusal = OutboxError(verdict, known: known, path: path) { throw refusal }
    }

    /// Changes nothing in a database that is newer or not ours.
    private static func prepare(_ connection: Connection) throws(SQLiteError) -> Schema.Verdict {
        guard !connection.isReadOnly else {
            throw SQLiteError(operation: "open", code: .readOnly, message: "the file can't be written")
        }
        let found = try OutboxSchema.schema.inspect(connection)
        switch found {
        case .newer, .ended, .foreign, .damaged:
            return found
        case .empty, .older, .current:
            try connection.useWriteAheadLog(checkpointPages: OutboxSchema.checkpointPages)
            // What is pruned is overwritten, and not only forgotten.
            try connection.execute("PRAGMA secure_delete = ON")
            return found == .current ? found : try OutboxSchema.schema.migrate(connection)
        }
    }

    /// Safe to leave out: what was appended is on disk.
    public func close() throws(OutboxError) {
        try call("close", connection.close())
    }

    func call<Value>(
        _ operation: String, _ body: () throws(SQLiteError) -> Value
    ) throws(OutboxError) -> Value {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw OutboxError(error, operation: operation, path: path)
        }
    }

    /// The same of one expression.
    func call<Value>(
        _ operation: String, _ value: @autoclosure () throws(SQLiteError) -> Value
    ) throws(OutboxError) -> Value {
        try call(operation, value)
    }

    /// Runs the body as one write: all of it or nothing.
    func write<Value>(
        _ operation: String, _ body: () throws(SQLiteError) -> Value
    ) throws(OutboxError) -> Value {
        try call(operation, connection.transaction(.immediate, body))
    }

    /// The same of a body that also asks its caller for something.
    func write<Value>(
        _ operation: String, asking body: () throws(OutboxError) -> Value
    ) throws(OutboxError) -> Value {
        try connection.transaction(
            .immediate, wrapping: { OutboxError($0, operation: operation, path: path) }, body)
    }

    /// The outbox's one row.
    struct Head {
        var epoch: UInt64
        var last: UInt64
        var waiting: Int
    }

    func readHead() throws(SQLiteError) -> Head {
        let select = try connection.statement("SELECT epoch, last, waiting FROM outbox")
        defer { select.reset() }
        guard try select.step() else {
            throw SQLiteError(operation: "read", code: .corrupt, message: "the outbox has lost its epoch")
        }
        return Head(
            epoch: try select.unsigned(0), last: try select.unsigned(1),
            waiting: Int(clamping: select.integer(2)))
    }

    func write(_ head: Head) throws(SQLiteError) {
        let update = try connection.statement("UPDATE outbox SET epoch = ?1, last = ?2, waiting = ?3")
        try update.bind(head.epoch, at: 1)
        try update.bind(head.last, at: 2)
        try update.bind(Int64(head.waiting), at: 3)
        try update.run()
    }
}

@available(*, unavailable)
extension Outbox: Sendable {}
