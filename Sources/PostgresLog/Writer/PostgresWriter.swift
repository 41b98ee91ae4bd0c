import AlertStore
import Alerts
import PostgreSQL

/// The writer of one term of a shared log. Used from one thread.
///
/// It reads the log's end once, after its term has begun: nobody else moves it from then on, or the next commit finds out.
final class PostgresWriter: AlertWriter {
    private let session: Session
    private let term: UInt64
    /// Of a log that is not shared: given back when the writer closes.
    private let lease: PostgresLease?
    private var log: UInt64 = 0
    private var tail = LogTail()
    private var numbers: [LogTail.Stream: Int32] = [:]
    private var refused: UInt64 = 0
    /// Why this writer must never write again.
    private var end: StoreError?

    /// Throws `.leaseLost` where the hub does not have the term.
    init(_ session: Session, term: UInt64, lease: PostgresLease? = nil) throws(StoreError) {
        self.session = session
        self.term = term
        self.lease = lease
        let rows = try session.read("open") { connection throws(PostgresError) in try TailRows(connection) }
        guard rows.term == term else {
            throw StoreError(
                operation: "open", path: session.place.location, cause: .leaseLost,
                detail:
                    "\(rows.holder.isEmpty ? "nobody" : rows.holder) has the lease since term \(rows.term)")
        }
        log = rows.log
        tail = rows.tail
        numbers = rows.numbers
        refused = rows.refused
    }

    func load() throws(StoreError) -> LogState { tail.state(log: log) }

    func commit(_ batch: Batch) throws(StoreError) {
        guard !batch.isEmpty else { return }
        if let end { throw end }
        var next = tail
        do throws(LogTail.Break) { try next.advance(by: batch) } catch {
            throw .outOfOrder(error, operation: "commit", path: session.place.location)
        }
        var nextNumbers = numbers
        let statement = try statement(of: batch, next, &nextNumbers)
        // A batch that takes the server longer than the deadline would be given up without need.
        do throws(StoreError) {
            try session.run("commit", isCommit: true) { connection throws(PostgresError) in
                try send(statement, connection)
            }
        } catch {
            switch error.cause {
            case .full, .outOfOrder, .locked: break
            default: end = error
            }
            throw error
        }
        tail = next
        numbers = nextNumbers
        refused += UInt64(batch.refusals.count)
    }

    private func send(_ statement: CommitStatement, _ connection: Connection) throws(PostgresError) {
        let rows = try connection.query(statement.sql, statement.arguments)
        guard !rows.isEmpty else { throw .leaseLost }
        // Without the standby's word the answer is as good as none: the server itself says no more than this.
        if let warning = connection.notices.first(where: \.isWarning) {
            throw PostgresError(operation: "commit", kind: .late, message: warning.message)
        }
    }

    private func statement(
        of batch: Batch, _ next: LogTail, _ numbers: inout [LogTail.Stream: Int32]
    ) throws(StoreError) -> CommitStatement {
        var statement = CommitStatement(term: term, before: tail, after: next)
        statement.insert(batch.newTopics)
        statement.put(positions(of: batch, next, &numbers))
        let identifiers = Dictionary(grouping: batch.identifiers) { $0.offset }
        var records: [StoredRecord] = []
        records.reserveCapacity(batch.records.count)
        for record in batch.records {
            guard let number = numbers[record.stream], record.alert.count == 16,
                record.references.allSatisfy({ $0.count == 16 })
            else {
                throw StoreError(
                    operation: "commit", path: session.place.location, cause: .outOfOrder,
                    detail: "offset \(record.offset) has no position, or an id that is none")
            }
            let entry = session.place.retention(record)
            records.append(
                StoredRecord(
                    record: record, position: number, placing: entry.map(Placing.init) ?? .none,
                    identifiers: identifiers[record.offset].map(IdentifierText.join)))
        }
        statement.insert(records)
        statement.insert(batch.refusals, before: refused)
        statement.writeResponses(of: batch)
        return statement
    }

    /// What of `positions` the batch changes, with numbers for those that it begins.
    private func positions(
        of batch: Batch, _ next: LogTail, _ numbers: inout [LogTail.Stream: Int32]
    ) -> [StoredPosition] {
        var streams: [LogTail.Stream] = []
        var seen: Set<LogTail.Stream> = []
        func touch(_ stream: LogTail.Stream) {
            if seen.insert(stream).inserted { streams.append(stream) }
        }
        for position in batch.positions {
            touch(position.stream)
            // The epoch that the post leaves.
            if let former = tail.epochs[position.post], former != next.epochs[position.post] {
                touch(LogTail.Stream(post: position.post, epoch: former))
            }
        }
        for record in batch.records { touch(record.stream) }
        var last = Int32(clamping: numbers.count)
        return streams.map { stream in
            let number: Int32
            if let known = numbers[stream] {
                number = known
            } else {
                last += 1
                number = last
                numbers[stream] = number
            }
            return StoredPosition(
                number: number, stream: stream, through: next.streams[stream] ?? 0,
                isCurrent: next.epochs[stream.post] == stream.epoch)
        }
    }

    /// Commits leave nothing.
    func maintain(_ budget: Duration) throws(StoreError) {}

    func close() throws(StoreError) {
        session.close()
        try lease?.resign()
        lease?.close()
    }
}

@available(*, unavailable)
extension PostgresWriter: Sendable {}

extension PostgresError {
    /// Of a commit that swapped nothing.
    fileprivate static let leaseLost = PostgresError(
        operation: "commit", kind: .refused, state: leaseLostState,
        message: "another hub writes, or has written")
}

extension Placing {
    init(_ entry: RetentionEntry) {
        self.init(retention: Int16(clamping: entry.retention.rawValue), expires: entry.expires.milliseconds)
    }
}

/// The identifiers of an alert as its row has them.
enum IdentifierText {
    static func text(_ identifier: Identifier) -> String {
        "\(identifier.scheme.rawValue):\(identifier.value)"
    }

    /// A line each: an identifier has letters, marks and digits only.
    static func join(_ entries: [IdentifierEntry]) -> String {
        Set(entries.map { text($0.identifier) }).sorted().joined(separator: "\n")
    }
}
