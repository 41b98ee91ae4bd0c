internal import Platform
internal import Synchronization

/// One call at a time that may wait for long, on a thread of its own, so that nobody waits for it. Used from one thread.
///
/// A call that never returns is left behind: its thread ends with the process, and there is no further one.
final class BackgroundCall<Outcome: Sendable> {
    private final class Box: Sendable {
        let outcome = Mutex<Outcome?>(nil)
    }

    private let wake: Wake
    private let name: String
    private var running: (thread: NamedThread, box: Box)?

    init(_ name: String) throws(PlatformError) {
        wake = try Wake()
        self.name = name
    }

    deinit {
        running?.thread.abandon()
    }

    /// Readable when there is something to ``take()``.
    var descriptor: Int32 { wake.descriptor }
    var isRunning: Bool { running != nil }

    /// Does nothing while one is running.
    func begin(_ work: @escaping @Sendable () -> Outcome) throws(PlatformError) {
        guard running == nil else { return }
        let box = Box()
        let thread = try NamedThread(name) { [wake] in
            let outcome = work()
            box.outcome.withLock { $0 = outcome }
            wake.signal()
        }
        running = (thread, box)
    }

    /// What came of it; nil when it is not done yet, or there was none.
    func take() -> Outcome? {
        guard let (thread, box) = running, let outcome = box.outcome.withLock({ $0 }) else { return nil }
        // Only its last word is left to say.
        thread.join()
        wake.clear()
        running = nil
        return outcome
    }
}
