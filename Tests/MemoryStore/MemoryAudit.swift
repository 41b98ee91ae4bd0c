public import AlertStore
public import Alerts
import Synchronization

/// Records in memory who reads, and reads that.
public final class MemoryAudit: AuditLog, AuditReader {
    private let log: MemoryLog

    init(_ log: MemoryLog) { self.log = log }

    public func append(_ events: [AuditEvent]) -> [UInt64] {
        log.state.withLock { state in
            events.map { event in
                if event.number != 0,
                    let index = state.audit?.firstIndex(where: { $0.number == event.number })
                {
                    var repeated = event
                    repeated.last = event.at
                    state.audit?[index].add(repeated)
                    return event.number
                }
                state.audited += 1
                var event = event
                event.number = state.audited
                state.audit?.append(event)
                return event.number
            }
        }
    }

    public func forget(before moment: Timestamp) -> Int {
        log.state.withLock { state in
            let old = Set(
                (state.audit ?? []).prefix(StoreLimits.forgottenAtOnce).filter { $0.at < moment }.map(
                    \.number))
            state.audit?.removeAll { old.contains($0.number) }
            return old.count
        }
    }

    public func forgetNoisiest() -> (identity: String, action: String, events: Int)? {
        log.state.withLock { state in
            let groups = Dictionary(grouping: state.audit ?? []) { [$0.identity, $0.action.rawValue] }
            guard let (name, events) = groups.max(by: { $0.value.count < $1.value.count }) else { return nil }
            let old = Set(
                events.prefix(min(StoreLimits.forgottenAtOnce, (events.count + 1) / 2)).map(\.number))
            state.audit?.removeAll { old.contains($0.number) }
            return (name[0], name[1], old.count)
        }
    }

    public func bytes() -> Int64 {
        log.state.withLock { ($0.audit ?? []).reduce(0) { $0 + Int64($1.subject.utf8.count) + 100 } }
    }

    public func maintain() {}

    public func each(identity: String?, since: Timestamp?, _ body: (AuditEvent) throws -> Void) throws {
        for event in log.state.withLock({ $0.audit ?? [] })
        where (identity ?? event.identity) == event.identity
            && since.map({ (event.last ?? event.at) >= $0 }) ?? true
        {
            try body(event)
        }
    }

    public func close() {}
}
