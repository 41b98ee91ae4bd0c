public import AlertStore
import Synchronization

/// The writer of a log in memory.
public final class MemoryStore: AlertWriter {
    public let log: MemoryLog
    let term: UInt64
    private var holdsLog = false

    public init(_ log: MemoryLog = MemoryLog()) {
        self.log = log
        term = log.state.withLock { $0.term }
    }

    /// The one writer that a hub has.
    init(holding log: MemoryLog) throws(StoreError) {
        self.log = log
        let (isHeld, term) = log.state.withLock { state in
            defer { state.isHeld = true }
            return (state.isHeld, state.term)
        }
        self.term = term
        guard !isHeld else {
            throw StoreError(
                operation: "open", path: log.location, cause: .locked, detail: "another writer has it")
        }
        holdsLog = true
    }

    public func load() throws(StoreError) -> LogState {
        try log.expectThere("load")
        return log.state.withLock { $0.tail.state(log: $0.log) }
    }

    public func commit(_ batch: Batch) throws(StoreError) {
        try log.expectThere("commit")
        let failure = log.state.withLock { state -> StoreError? in
            if let fault = state.fault {
                state.fault = nil
                return fault
            }
            guard state.term == term else {
                return StoreError(
                    operation: "commit", path: log.location, cause: .leaseLost,
                    detail: "another hub writes since term \(state.term)")
            }
            var next = state.tail
            do throws(LogTail.Break) {
                try next.advance(by: batch)
            } catch {
                return .outOfOrder(error, operation: "commit", path: log.location)
            }
            state.tail = next
            state.records += batch.records
            state.refusals = (state.refusals + batch.refusals).suffix(Int(clamping: StoreLimits.refusalsKept))
            state.refused += UInt64(batch.refusals.count)
            state.takeResponses(of: batch)
            guard !state.isAnswerLost else {
                state.isAnswerLost = false
                return StoreError(
                    operation: "commit", path: log.location, cause: .unknownOutcome, detail: "no answer came")
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Commits leave nothing.
    public func maintain(_ budget: Duration) throws(StoreError) {}

    public func close() throws(StoreError) { release() }

    deinit { release() }

    private func release() {
        guard holdsLog else { return }
        holdsLog = false
        log.state.withLock { $0.isHeld = false }
    }
}

@available(*, unavailable)
extension MemoryStore: Sendable {}
