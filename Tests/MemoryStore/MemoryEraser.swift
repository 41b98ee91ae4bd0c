public import AlertStore
public import Alerts
import Synchronization

/// Erases in memory, by plain loops over the whole log.
public final class MemoryEraser: AlertEraser {
    private let log: MemoryLog

    init(_ log: MemoryLog) { self.log = log }

    public func judged() -> UInt64 { log.state.withLock { $0.judged } }

    public func unjudged(after offset: UInt64, limit: Int) -> (records: [Record], through: UInt64) {
        let records = log.state.withLock { $0.records.dropFirst(Int(clamping: offset)).prefix(max(limit, 1)) }
        return (records.filter { $0.erased == nil }, records.last?.offset ?? offset)
    }

    public func note(_ judgements: [RetentionEntry], through: UInt64) {
        log.state.withLock { state in
            state.retention += judgements.filter { !state.retention.contains($0) }
            state.judged = through
        }
    }

    public func due(
        _ retention: RetentionClass, expiredBefore moment: Timestamp, limit: Int
    ) -> [RetentionEntry] {
        let due = log.state.withLock { state in
            state.retention.filter { $0.retention == retention && $0.expires < moment }
        }
        return Array(due.sorted { $0.expires < $1.expires }.prefix(max(limit, 0)))
    }

    public func extent(
        _ retention: RetentionClass, expiredBefore moment: Timestamp
    ) -> (alerts: UInt64, bytes: UInt64) {
        let due = due(retention, expiredBefore: moment, limit: .max)
        return (
            UInt64(due.count), due.reduce(0) { $0 + UInt64(record(at: $1.offset)?.signed.payload.count ?? 0) }
        )
    }

    public func record(at offset: UInt64) -> Record? {
        log.state.withLock { $0.records.first { $0.offset == offset } }
    }

    public func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        try MemoryReader(log).referring(to: alert, limit: limit)
    }

    public func offsets(of alert: [UInt8]) -> [UInt64] {
        log.state.withLock { $0.records.filter { $0.alert == alert }.map(\.offset) }
    }

    public func erase(_ alerts: [(entry: RetentionEntry, digest: [UInt8])]) {
        log.state.withLock { state in
            for (entry, digest) in alerts {
                for index in state.records.indices
                where state.records[index].offset == entry.offset && state.records[index].erased == nil {
                    state.records[index].signed.payload = []
                    state.records[index].erased = digest
                }
                state.retention.removeAll { $0 == entry }
            }
        }
    }

    public func forget() -> Bool { true }
    public func close() {}
}
