public import Alerts
public import AlertStore
import Synchronization

/// A reader of a log in memory. Plain loops over the whole log: what the other readers are compared with.
public final class MemoryReader: AlertReader, LogInspector {
    private let log: MemoryLog

    public init(_ log: MemoryLog) {
        self.log = log
    }

    private var records: [Record] { log.state.withLock { $0.records } }

    public func head() throws(StoreError) -> UInt64 {
        UInt64(records.count)
    }

    public func page(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) throws(StoreError) -> Page {
        var page = Page(records: [], through: after)
        var taken = 0
        for record in records.dropFirst(Int(clamping: after)).prefix(StoreLimits.recordsScanned) {
            page.through = record.offset
            guard record.deliveries.contains(where: { topics.contains($0.topic) }) else { continue }
            page.records.append(record)
            taken += record.signed.size
            if page.records.count >= limit || taken >= bytes { break }
        }
        return page
    }

    public func heads(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: UInt64] {
        var heads = Dictionary(uniqueKeysWithValues: topics.map { ($0, UInt64(0)) })
        for delivery in records.prefix(Int(clamping: through)).flatMap(\.deliveries)
        where topics.contains(delivery.topic) {
            heads[delivery.topic] = delivery.sequence
        }
        return heads
    }

    public func marks(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: TopicMark] {
        var marks: [UInt32: TopicMark] = [:]
        for record in records.prefix(Int(clamping: through)) {
            for (index, delivery) in record.deliveries.enumerated() where topics.contains(delivery.topic) {
                marks[delivery.topic] = TopicMark(
                    sequence: delivery.sequence, chain: record.chain(at: index) ?? [])
            }
        }
        return marks
    }

    public func offset(before moment: Timestamp) throws(StoreError) -> UInt64 {
        records.last { $0.received < moment }?.offset ?? 0
    }

    public func record(at offset: UInt64) throws(StoreError) -> Record? {
        records.first { $0.offset == offset }
    }

    public func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread {
        let records = records
        var ids: Set<[UInt8]> = [alert]
        var found: Set<UInt64> = []
        var grew = true
        while grew {
            grew = false
            for record in records where !found.contains(record.offset) {
                guard record.alert == alert || record.references.contains(where: { ids.contains($0) }) else {
                    continue
                }
                found.insert(record.offset)
                ids.insert(record.alert)
                grew = true
            }
        }
        var thread = AlertThread()
        thread.author = records.first { $0.alert == alert }?.post
        thread.members = records.filter { found.contains($0.offset) }.map { record in
            AlertThread.Member(
                offset: record.offset, post: record.post, topics: record.deliveries.map(\.topic))
        }
        return thread
    }

    public func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        records.filter { $0.references.contains(alert) }.prefix(max(limit, 0)).map { record in
            AlertThread.Member(
                offset: record.offset, post: record.post, topics: record.deliveries.map(\.topic))
        }
    }

    public func alerts(with identifiers: [Identifier], limit: Int) throws(StoreError) -> IdentifierMatches {
        let entries = records.flatMap { record in
            Identifier.all(in: record.signed.payload).map {
                IdentifierEntry(offset: record.offset, identifier: $0)
            }
        }
        return IdentifierMatches(entries.filter { identifiers.contains($0.identifier) }, limit: limit)
    }

    public func known(_ alert: [UInt8]) throws(StoreError) -> KnownAlert? {
        records.first { $0.alert == alert }.map { KnownAlert(offset: $0.offset, post: $0.post) }
    }

    public func unindexedIDs() throws(StoreError) -> UnindexedIDs {
        var ids = UnindexedIDs()
        ids.greatest = records.map(\.alert).max { $0.lexicographicallyPrecedes($1) }
        return ids
    }

    public func outcomes(
        post: String, epoch: UInt64, sequences: ClosedRange<UInt64>
    ) throws(StoreError) -> [Outcome] {
        var outcomes: [UInt64: Outcome] = [:]
        for refusal in log.state.withLock({ $0.refusals })
        where refusal.post == post && refusal.epoch == epoch && sequences.contains(refusal.sequence) {
            outcomes[refusal.sequence] = .refused(
                sequence: refusal.sequence, code: refusal.code, reason: refusal.reason)
        }
        for record in records
        where record.post == post && record.epoch == epoch && sequences.contains(record.sequence) {
            outcomes[record.sequence] = .stored(
                sequence: record.sequence, offset: record.offset, alert: record.alert)
        }
        return outcomes.sorted { $0.key < $1.key }.map(\.value)
    }

    public func refusals(limit: Int) throws(StoreError) -> [Refusal] {
        log.state.withLock { $0.refusals.suffix(max(limit, 0)).reversed() }
    }

    public func counts() throws(StoreError) -> Counts {
        log.state.withLock { Counts(stored: $0.tail.offset, refused: $0.refused) }
    }

    public func receipts() throws(StoreError) -> [Receipt] { log.state.withLock { $0.receipts } }

    public func duty() throws(StoreError) -> [DutyChange] {
        log.state.withLock { $0.duty.sorted { ($0.from, $0.identity) < ($1.from, $1.identity) } }
    }

    public func progress(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertProgress] {
        log.state.withLock { state in
            Array(
                state.progress.filter { $0.offset > offset }.sorted { $0.offset < $1.offset }.prefix(
                    max(limit, 0)))
        }
    }

    public func outlines(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertOutline] {
        records.dropFirst(Int(clamping: offset)).prefix(max(limit, 0)).map {
            AlertOutline(
                offset: $0.offset, post: $0.post, alert: $0.alert, header: $0.signed.header,
                deliveries: $0.deliveries)
        }
    }

    public func bytes(after offset: UInt64) throws(StoreError) -> [String: Int64] {
        records.dropFirst(Int(clamping: offset)).reduce(into: [:]) { bytes, record in
            bytes[record.post, default: 0] += Int64(record.signed.size)
        }
    }

    public func outline() throws(StoreError) -> LogOutline {
        log.state.withLock { state in
            LogOutline(
                log: state.log, head: state.tail.offset, topics: state.tail.topics.mapValues(\.name),
                positions: state.tail.streams.map { stream, through in
                    Position(post: stream.post, epoch: stream.epoch, through: through)
                }, refused: state.refused, refusalsKept: UInt64(state.refusals.count))
        }
    }

    public func rows(after: UInt64, through: UInt64, limit: Int) throws(StoreError) -> LogRows {
        let rows = records.filter { $0.offset > after && $0.offset <= through }
        return LogRows(records: Array(rows.prefix(max(limit, 1))))
    }

    public func consistency(
        from: UInt64, through: UInt64, head: UInt64
    ) throws(StoreError) -> any ConsistencyCheck { NothingBeside() }

    public func escalations(limit: Int) throws(StoreError) -> [EscalationRow] {
        log.state.withLock { Array($0.escalations.sorted { $0.number < $1.number }.suffix(max(limit, 0))) }
    }

    public func outages(after moment: Timestamp) throws(StoreError) -> [Outage] {
        log.state.withLock { state in
            state.outages.filter { $0.until > moment }.sorted { $0.until < $1.until }
        }
    }

    public func close() throws(StoreError) {}
}

extension MemoryLog.State {
    mutating func takeResponses(of batch: Batch) {
        receipts.removeAll { batch.forgotten.contains($0.identity) }
        duty.removeAll { batch.forgotten.contains($0.identity) }
        for receipt in batch.receipts {
            receipts.removeAll { $0.identity == receipt.identity && $0.topic == receipt.topic }
            receipts.append(receipt)
        }
        for change in batch.duty {
            duty.removeAll { $0.identity == change.identity && $0.from == change.from }
            duty.append(change)
        }
        escalations += batch.escalations
        for outage in batch.outages {
            outages.removeAll { $0.until == outage.until }
            outages.append(outage)
        }
        for new in batch.progress {
            if let place = progress.firstIndex(where: { $0.offset == new.offset }) {
                progress[place].add(new)
            } else {
                progress.append(new)
            }
        }
    }
}

/// A log in memory keeps nothing beside its records.
private final class NothingBeside: ConsistencyCheck {
    let title = "nothing to check"
    func structure(limit: Int) -> [String] { [] }
    func problems(of record: Record) -> [String] { [] }
    func problems() -> [String] { [] }
}

@available(*, unavailable)
extension MemoryReader: Sendable {}
