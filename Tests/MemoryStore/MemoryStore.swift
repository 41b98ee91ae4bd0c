public import AlertStore
import Synchronization

/// The writer of a log in memory.
public final class MemoryStore: AlertStore {
    public let log: MemoryLog

    public init(_ log: MemoryLog = MemoryLog()) {
        self.log = log
    }

    public func load() throws(StoreError) -> LogState {
        log.state.withLock { $0.tail.state(log: $0.log) }
    }

    public func commit(_ batch: Batch) throws(StoreError) {
        let failure = log.state.withLock { state -> StoreError? in
            if let fault = state.fault {
                state.fault = nil
                return fault
            }
            var next = state.tail
            do throws(LogTail.Break) {
                try next.advance(by: batch)
            } catch {
                return .outOfOrder(error, operation: "commit", path: "memory")
            }
            state.tail = next
            state.records += batch.records
            state.refusals = (state.refusals + batch.refusals).suffix(Int(clamping: StoreLimits.refusalsKept))
            state.refused += UInt64(batch.refusals.count)
            return nil
        }
        if let failure { throw failure }
    }

    /// Commits leave nothing.
    public func tidy() {}

    public var needsUpkeep: Bool { false }

    public func close() throws(StoreError) {}
}

@available(*, unavailable)
extension MemoryStore: Sendable {}
