public import AlertStore
import Alerts
import Synchronization

/// A log in memory: what a ``MemoryStore`` has committed and ``MemoryReader``s read, from any thread.
public final class MemoryLog: Sendable {
    struct State {
        var log: UInt64
        var tail = LogTail()
        /// The record at offset n is at n - 1.
        var records: [Record] = []
        var refusals: [Refusal] = []
        var refused: UInt64 = 0
        var fault: StoreError?
    }

    let state: Mutex<State>

    public init(log: UInt64 = UInt64.random(in: 1...UInt64(Int64.max))) {
        state = Mutex(State(log: log))
    }

    /// Makes the next commit throw this and change nothing, as a disk would.
    public func failNextCommit(with error: StoreError) {
        state.withLock { $0.fault = error }
    }
}
