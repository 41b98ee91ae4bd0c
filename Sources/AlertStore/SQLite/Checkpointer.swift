import Platform
import SQLite
import Synchronization

/// Copies the write-ahead log of a running writer to the database, on a thread and with a connection of its own: a commit waits
/// only for its own flush, not for one of everything before it. Ends with the object.
final class Checkpointer {
    /// While it copies, commits may add to the log, which then can't begin anew: the second round copies what came during
    /// the first.
    static let rounds = 3

    private let job: Job
    private let thread: NamedThread

    /// The log must exist: a writer has opened it.
    init(
        path: String,
        copy: @escaping @Sendable (Connection) throws(SQLiteError) -> Bool = {
            connection throws(SQLiteError) in
            try connection.copyWAL()
        }
    ) throws(PlatformError) {
        let job = Job(copy: copy, work: try Wake(), done: try Wake())
        self.job = job
        thread = try NamedThread("checkpoints") { job.run(path) }
    }

    deinit {
        job.state.withLock { $0.isStopping = true }
        job.work.signal()
        thread.join()
    }

    func request() {
        job.state.withLock { $0.isDue = true }
        job.work.signal()
    }

    /// Waits until what was requested is done.
    func finish(atMost longest: Duration) {
        let end = steadyClock() + longest
        while job.state.withLock({ $0.isDue }), steadyClock() < end {
            job.done.wait(atMost: end - steadyClock())
        }
    }

    /// What made a copy fail, if it is a reason to trust the disk no more. Given once.
    func failure() -> StoreError? {
        job.state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    private final class Job: Sendable {
        struct State {
            /// Requested, and not done.
            var isDue = false
            var failure: StoreError?
            var isStopping = false
        }

        let state = Mutex(State())
        let work: Wake
        let done: Wake

        private let copy: @Sendable (Connection) throws(SQLiteError) -> Bool

        init(
            copy: @escaping @Sendable (Connection) throws(SQLiteError) -> Bool, work: Wake, done: Wake
        ) {
            self.copy = copy
            self.work = work
            self.done = done
        }

        /// The thread's whole life.
        func run(_ path: String) {
            var connection: Connection?
            while true {
                let (isDue, isStopping) = state.withLock { ($0.isDue, $0.isStopping) }
                if isStopping { break }
                guard isDue else {
                    work.wait()
                    continue
                }
                var failure: StoreError?
                do throws(SQLiteError) { try copyAll(path, &connection) } catch {
                    failure = StoreError(error, operation: "copy the write-ahead log of", path: path)
                }
                // A full disk stops commits too, and they say so; who else copies the same is done soon.
                if failure?.cause.isPassing == true { failure = nil }
                state.withLock { state in
                    state.isDue = false
                    if let failure { state.failure = failure }
                }
                done.signal()
            }
            try? connection?.close()
        }

        private func copyAll(_ path: String, _ connection: inout Connection?) throws(SQLiteError) {
            let open =
                if let connection { connection } else {
                    try Connection(path: path, mode: .readWrite, busyTimeout: SQLiteWriter.busyTimeout)
                }
            connection = open
            for _ in 0..<Checkpointer.rounds where try copy(open) { return }
        }
    }
}
