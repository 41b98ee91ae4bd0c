internal import AlertStore
internal import Platform
internal import Synchronization

/// The log's one writer. A large batch is committed on a thread of its own, while the loop checks what comes after it; a small
/// one at once on the loop's thread, since changing threads takes longer than what it saves.
final class LogWriter: Sendable {
    /// Alerts up to which a batch is small.
    static let small = 24

    /// Batches come from one thread, the loop's; where each is committed is decided by its size.
    private let store: Mutex<any AlertStore>
    /// Done by the writer's own thread.
    private let upkeep: Mutex<(any StoreUpkeep)?>
    private let state = Mutex(State())
    private let work: Wake
    /// Readable when a batch that was begun is done.
    let done: Wake

    private struct State {
        var batch: Batch?
        var outcome: Outcome?
        var needsUpkeep = false
        /// Of the upkeep: the next commit gives it.
        var failure: StoreError?
        var isStopping = false
    }

    struct Outcome {
        /// nil: the batch is on disk.
        var error: StoreError?
        /// Of the commit alone.
        var took: Duration
    }

    /// - upkeep: nil for a store that needs none.
    init(_ store: sending any AlertStore, upkeep: sending (any StoreUpkeep)? = nil) throws(PlatformError) {
        self.store = Mutex(store)
        self.upkeep = Mutex(upkeep)
        work = try Wake()
        done = try Wake()
    }

    /// Commits on the calling thread. Not while a batch that was begun is not done.
    func commit(_ batch: Batch) -> Outcome {
        let outcome = write(batch)
        if state.withLock({ $0.needsUpkeep }) { work.signal() }
        return outcome
    }

    /// Does a little of what commits have left for later, on the calling thread. Not while a batch that was begun is not
    /// done.
    func tidy() throws(StoreError) {
        let error = store.withLock { store -> StoreError? in
            do throws(StoreError) {
                try store.tidy()
                return nil
            } catch { return error }
        }
        if let error { throw error }
    }

    private func write(_ batch: Batch) -> Outcome {
        let began = steadyClock()
        let failure = state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
        if let failure { return Outcome(error: failure, took: .zero) }
        let (error, needsUpkeep) = store.withLock { store -> (StoreError?, Bool) in
            do throws(StoreError) {
                try store.commit(batch)
                return (nil, store.needsUpkeep)
            } catch { return (error, false) }
        }
        if needsUpkeep { state.withLock { $0.needsUpkeep = true } }
        return Outcome(error: error, took: steadyClock() - began)
    }

    /// Has the batch committed on the writer's own thread. One at a time: the next after ``outcome()``.
    func begin(_ batch: Batch) {
        state.withLock { $0.batch = batch }
        work.signal()
    }

    /// What became of the batch that was begun; nil: it is not done yet. Each outcome is given once.
    func outcome() -> Outcome? {
        state.withLock { state in
            defer { state.outcome = nil }
            return state.outcome
        }
    }

    /// The thread's whole life: commits and does the upkeep until ``stop()``.
    func run() {
        while true {
            // Before the batch that waits: nobody commits meanwhile, so that it comes to an end.
            keepUp()
            let (batch, isStopping) = state.withLock { state in
                defer { state.batch = nil }
                return (state.batch, state.isStopping)
            }
            if let batch {
                let outcome = write(batch)
                state.withLock { $0.outcome = outcome }
                done.signal()
            } else if isStopping {
                return
            } else {
                work.wait()
            }
        }
    }

    private func keepUp() {
        let isNeeded = state.withLock { state in
            defer { state.needsUpkeep = false }
            return state.needsUpkeep
        }
        guard isNeeded else { return }
        let error = upkeep.withLock { upkeep -> StoreError? in
            do throws(StoreError) {
                try upkeep?.run()
                return nil
            } catch { return error }
        }
        switch error?.cause {
        // A full disk stops commits too, and they say so; who else copies the same is done soon.
        case nil, .full, .locked: break
        default: state.withLock { $0.failure = error }
        }
    }

    /// What was begun is still committed.
    func stop() {
        state.withLock { $0.isStopping = true }
        work.signal()
    }

    /// Call after the thread has ended.
    func close() { store.withLock { try? $0.close() } }
}
