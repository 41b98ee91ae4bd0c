internal import AlertStore
internal import Platform
internal import Synchronization

/// The log's one writer. A large batch is committed on a thread of its own, while the loop checks what comes after it; a small
/// one at once on the loop's thread, since changing threads takes longer than what it saves. Of a log that is shared, all that
/// waits for the store is done on that thread.
final class LogWriter: Sendable {
    /// Alerts up to which a batch is small.
    static let small = 24

    /// Batches come from one thread, the loop's; where each is committed is decided by its size. nil: this hub may not write.
    private let store: Mutex<(any AlertWriter)?>
    private let state = Mutex(State())
    private let work: Wake
    /// Readable when a batch that was begun is done.
    let done: Wake

    /// Changes which store's writer it is.
    typealias Exchange = @Sendable (inout (any AlertWriter)?) -> Void

    private enum Work: Sendable {
        case commit(Batch)
        case exchange(Exchange)
    }

    private struct State {
        /// In its order.
        var work: [Work] = []
        var outcome: Outcome?
        var isStopping = false
    }

    struct Outcome {
        /// nil: the batch is on disk.
        var error: StoreError?
        /// Of the commit alone.
        var took: Duration
    }

    /// - store: nil: it is given one later.
    init(_ store: sending (any AlertWriter)?) throws(PlatformError) {
        self.store = Mutex(store)
        work = try Wake()
        done = try Wake()
    }

    /// Commits on the calling thread. Not while a batch that was begun is not done.
    func commit(_ batch: Batch) -> Outcome {
        let began = steadyClock()
        let error = failure { store throws(StoreError) in
            guard let store else {
                throw StoreError(
                    operation: "commit", path: "the log", cause: .leaseLost, detail: "this hub may not write")
            }
            try store.commit(batch)
        }
        return Outcome(error: error, took: steadyClock() - began)
    }

    /// Does some of what commits have left for later, on the calling thread. Not while a batch that was begun is not done.
    func maintain(_ budget: Duration) throws(StoreError) {
        if let error = failure({ store throws(StoreError) in try store?.maintain(budget) }) { throw error }
    }

    private func failure(_ work: ((any AlertWriter)?) throws(StoreError) -> Void) -> StoreError? {
        store.withLock { store in
            do throws(StoreError) {
                try work(store)
                return nil
            } catch { return error }
        }
    }

    /// Has the batch committed on the writer's own thread. One at a time: the next after ``outcome()``.
    func begin(_ batch: Batch) { begin(.commit(batch)) }

    /// Has it write elsewhere, or nowhere, after what was begun before.
    func begin(_ exchange: @escaping Exchange) { begin(.exchange(exchange)) }

    private func begin(_ new: Work) {
        state.withLock { $0.work.append(new) }
        work.signal()
    }

    /// What became of the batch that was begun; nil: it is not done yet. Each outcome is given once.
    func outcome() -> Outcome? {
        state.withLock { state in
            defer { state.outcome = nil }
            return state.outcome
        }
    }

    /// The thread's whole life: does what is begun until ``stop()``.
    func run() {
        while true {
            let (next, isStopping): (Work?, Bool) = state.withLock { state in
                (state.work.isEmpty ? nil : state.work.removeFirst(), state.isStopping)
            }
            switch next {
            case .commit(let batch):
                let outcome = commit(batch)
                state.withLock { $0.outcome = outcome }
                done.signal()
            case .exchange(let exchange): store.withLock { exchange(&$0) }
            case nil:
                if isStopping { return }
                work.wait()
            }
        }
    }

    /// What was begun is still done.
    func stop() {
        state.withLock { $0.isStopping = true }
        work.signal()
    }

    /// Call after the thread has ended.
    func close() { store.withLock { try? $0?.close() } }
}
