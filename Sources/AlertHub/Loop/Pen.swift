internal import AlertStore
internal import Platform
internal import Synchronization

/// The log's one writer. A large batch is committed on a thread of its own, while the loop checks what comes after it; a small
/// one at once on the loop's thread, since changing threads takes longer than what it saves.
final class Pen: Sendable {
    /// Alerts up to which a batch is small.
    static let small = 24
    /// The flush takes less than that on any disk that works: only for the loop's end.
    static let longestWait = Duration.seconds(5)

    /// Batches come from one thread, the loop's; where each is committed is decided by its size.
    private let store: Mutex<any AlertStore>
    private let desk = Mutex(Desk())
    private let work: Wake
    /// Readable when a batch that was begun is done.
    let done: Wake

    private struct Desk {
        var batch: Batch?
        var outcome: Outcome?
        var isStopping = false
    }

    struct Outcome {
        /// nil: the batch is on disk.
        var error: StoreError?
        /// Of the commit alone.
        var took: Duration
    }

    init(_ store: sending any AlertStore) throws(PlatformError) {
        self.store = Mutex(store)
        work = try Wake()
        done = try Wake()
    }

    /// Commits on the calling thread. Not while a batch that was begun is not done.
    func commit(_ batch: Batch) -> Outcome {
        let began = steadyClock()
        let error = store.withLock { store -> StoreError? in
            do throws(StoreError) {
                try store.commit(batch)
                return nil
            } catch { return error }
        }
        return Outcome(error: error, took: steadyClock() - began)
    }

    /// Has the batch committed on the pen's own thread. One at a time: the next after ``outcome()``.
    func begin(_ batch: Batch) {
        desk.withLock { $0.batch = batch }
        work.signal()
    }

    /// What became of the batch that was begun; nil: it is not done yet. Each outcome is given once.
    func outcome() -> Outcome? {
        desk.withLock { desk in
            defer { desk.outcome = nil }
            return desk.outcome
        }
    }

    /// The thread's whole life: commits until ``stop()``.
    func run() {
        while true {
            let (batch, isStopping) = desk.withLock { desk in
                defer { desk.batch = nil }
                return (desk.batch, desk.isStopping)
            }
            if let batch {
                let outcome = commit(batch)
                desk.withLock { $0.outcome = outcome }
                done.signal()
            } else if isStopping {
                return
            } else {
                work.wait()
            }
        }
    }

    /// What was begun is still committed.
    func stop() {
        desk.withLock { $0.isStopping = true }
        work.signal()
    }

    /// Call after the thread has ended.
    func close() { store.withLock { try? $0.close() } }
}
