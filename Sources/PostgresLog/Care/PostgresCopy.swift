import AlertStore
import Alerts
import PostgreSQL

/// Fills an empty shared log from a log in a file: a backup, or one whose hub has stopped. Interrupted, it goes on where it was.
///
/// It holds the lease under a name that no hub has, so that none begins there before the copy is whole and verified.
final class PostgresCopy: LogCopy {
    /// Alerts in a step: some ten milliseconds of the server's.
    static let stepAlerts = 500
    /// No identity's name.
    static let holder = ":restore"

    let isInUse = false
    private(set) var copied: UInt64
    let head: UInt64
    private(set) var log: UInt64

    private let destination: PostgresPlace
    private let seen: SeenLog
    private let session: Session
    private let lease: PostgresLease
    private let eraser: PostgresEraser
    private let source: any LogInspector
    private let reader: any AlertReader
    private let topics: [UInt32: String]
    private let positions: [Position]
    private let epochs: [String: UInt64]
    private var term: UInt64
    private var tail: LogTail
    private var numbers: [LogTail.Stream: Int32]
    private var isWhole = false

    /// - file: of SQLite.
    init(from file: String, to place: PostgresPlace, seen: SeenLog) throws(StoreError) {
        let backup = SQLiteBackend(backup: file)
        source = try backup.inspector()
        reader = try backup.reader()
        epochs = try backup.currentEpochs()
        let outline = try source.outline()
        (head, log, topics, positions) = (outline.head, outline.log, outline.topics, outline.positions)
        var place = place
        place.hub = PostgresCopy.holder
        destination = place
        self.seen = seen
        session = Session(place, seen: seen, deadline: PostgresReader.longest)
        let there = try session.read("restore") { connection throws(PostgresError) in try TailRows(connection)
        }
        (copied, tail, numbers) = (there.tail.offset, there.tail, there.numbers)
        let isEmpty = there.tail.offset == 0 && there.numbers.isEmpty && there.holder.isEmpty
        guard isEmpty || there.holder == PostgresCopy.holder && there.log == outline.log else {
            throw StoreError(
                operation: "restore", path: destination.location, cause: .outOfOrder,
                detail: "there is a log already",
                remedy: "A restore never replaces a log: give it a database of its own")
        }
        lease = try PostgresLease(place, of: PostgresCopy.holder, seen: seen, silence: nil)
        let view = try lease.observe()
        guard view.holder.isEmpty || view.isFree, try lease.take(after: view.term) else {
            throw StoreError(
                operation: "restore", path: destination.location, cause: .locked,
                detail: "\(view.holder) has it open", remedy: "Stop that hub")
        }
        term = view.term + 1
        eraser = try PostgresEraser(place, seen: seen)
        try name(log)
        try goOn()
    }

    /// What was copied before must be the beginning of what is copied now.
    private func goOn() throws(StoreError) {
        guard copied > 0 else { return }
        let last = try source.rows(after: copied - 1, through: copied, limit: 1).records.first
        guard last?.hash == tail.hash else {
            throw StoreError(
                operation: "restore", path: destination.location, cause: .outOfOrder,
                detail: "what was copied before is of another log, or of another backup",
                remedy: "Give it a database of its own")
        }
        // An interruption may have come before these.
        let step = UInt64(PostgresCopy.stepAlerts)
        try eraseAgain(
            try source.rows(
                after: copied > step ? copied - step : 0, through: copied, limit: PostgresCopy.stepAlerts
            ).records)
    }

    private func name(_ log: UInt64) throws(StoreError) {
        try session.run("restore") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(Int64(clamping: log))
            arguments.add(Int64(clamping: term))
            _ = try connection.query("UPDATE log SET log = $1 WHERE term = $2", arguments)
        }
    }

    func step() throws(StoreError) -> Bool {
        guard copied < head else {
            guard !isWhole else { return false }
            try finish()
            isWhole = true
            return false
        }
        let rows = try source.rows(after: copied, through: head, limit: PostgresCopy.stepAlerts)
        if let broken = rows.broken {
            throw StoreError(
                operation: "restore", path: destination.location, cause: .damaged, detail: broken.problem,
                remedy: "borderwire-hub verify says more of the log that it is copied from")
        }
        try copy(rows.records)
        try eraseAgain(rows.records)
        return true
    }

    private func copy(_ records: [Record]) throws(StoreError) {
        var next = tail
        guard let last = records.last, last.offset == copied + UInt64(records.count) else {
            throw StoreError(
                operation: "restore", path: destination.location, cause: .damaged,
                detail: "the alerts after offset \(copied) have holes")
        }
        (next.offset, next.hash, next.received) = (last.offset, last.hash, last.received)
        var statement = CommitStatement(term: term, before: tail, after: next)
        statement.insert(try newTopics(records))
        var begun: [StoredPosition] = []
        for record in records where numbers[record.stream] == nil {
            let number = Int32(clamping: numbers.count + 1)
            numbers[record.stream] = number
            begun.append(
                StoredPosition(number: number, stream: record.stream, through: 0, isCurrent: false))
        }
        statement.put(begun)
        statement.insert(
            records.map { record in
                let identifiers = Identifier.all(in: record.signed.payload).map {
                    IdentifierEntry(offset: record.offset, identifier: $0)
                }
                return StoredRecord(
                    record: record, position: numbers[record.stream] ?? 0,
                    placing: destination.retention(record).map(Placing.init) ?? .none,
                    identifiers: identifiers.isEmpty ? nil : IdentifierText.join(identifiers))
            })
        try commit(statement)
        tail = next
        copied = last.offset
    }

    private func newTopics(_ records: [Record]) throws(StoreError) -> [TopicHead] {
        let first = Set(records.flatMap(\.deliveries).filter { $0.sequence == 1 }.map(\.topic))
        return try first.sorted().map { number throws(StoreError) in
            guard let name = topics[number], let topic = Topic(name) else {
                throw StoreError(
                    operation: "restore", path: destination.location, cause: .damaged,
                    detail: "topic \(number) has no name")
            }
            return TopicHead(number: number, topic: topic, sequence: 0)
        }
    }

    private func commit(_ statement: CommitStatement) throws(StoreError) {
        let isDone = try session.run("restore", isCommit: true) { connection throws(PostgresError) in
            try !connection.query(statement.sql, statement.arguments).isEmpty
        }
        guard isDone else {
            throw StoreError(
                operation: "restore", path: destination.location, cause: .leaseLost,
                detail: "another writes there")
        }
    }

    private func eraseAgain(_ records: [Record]) throws(StoreError) {
        let erased = records.filter { $0.erased != nil }
        guard !erased.isEmpty else { return }
        try eraser.erase(
            erased.map { record in
                let none = RetentionEntry(
                    offset: record.offset, retention: .suspect, expires: record.received)
                return (destination.retention(record) ?? none, record.erased ?? [])
            })
    }

    /// What is beside the alerts, all at once.
    private func finish() throws(StoreError) {
        var statement = CommitStatement(term: term, before: tail, after: tail)
        var last = Int32(clamping: numbers.count)
        statement.put(
            positions.map { position in
                let number: Int32
                if let known = numbers[position.stream] {
                    number = known
                } else {
                    last += 1
                    number = last
                    numbers[position.stream] = number
                }
                return StoredPosition(
                    number: number, stream: position.stream, through: position.through,
                    isCurrent: epochs[position.post] == position.epoch)
            })
        let refusals = try reader.refusals(limit: Int(clamping: StoreLimits.refusalsKept))
        let there = try PostgresReader(session).counts().refused
        if there == 0 {
            let all = try reader.counts().refused
            statement.insert(
                Array(refusals.reversed()), before: all - min(all, UInt64(refusals.count)))
        }
        var batch = Batch()
        batch.receipts = try reader.receipts()
        batch.duty = try reader.duty()
        batch.progress = try reader.progress(after: 0, limit: .max)
        batch.outages = try reader.outages(after: Timestamp(milliseconds: .min))
        if try PostgresReader(session).escalations(limit: 1).isEmpty {
            batch.escalations = try reader.escalations(limit: .max)
        }
        statement.writeResponses(of: batch)
        try commit(statement)
    }

    func rename(log: UInt64) throws(StoreError) {
        try name(log)
        self.log = log
    }

    func inspector() throws(StoreError) -> any LogInspector { try PostgresReader(session) }

    func place() throws(StoreError) -> Int64 {
        let size = try session.run("measure") { connection throws(PostgresError) in
            try connection.query("SELECT pg_database_size(current_database())").first?.integer(0) ?? 0
        }
        try lease.resign()
        return size
    }

    func close() {
        lease.close()
        session.close()
        try? eraser.close()
        try? source.close()
        try? reader.close()
    }
}

@available(*, unavailable)
extension PostgresCopy: Sendable {}
