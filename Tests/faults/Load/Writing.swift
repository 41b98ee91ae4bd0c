import Platform
import ProcessHarness
import Synchronization

/// Writes drafts into one process at a steady rate, on a thread of its own.
final class Writing: Sendable {
    private let isOver = Atomic(false)
    private let isPaused = Atomic(false)
    private let thread = Mutex<NamedThread?>(nil)

    /// - process: asked for at each draft, since it may be another by then.
    init(_ drafts: Drafts, rate: Int, into process: @escaping @Sendable () -> Running?) throws {
        try thread.withLock { thread in
            thread = try NamedThread("feed") { [self] in write(drafts, rate, process) }
        }
    }

    convenience init(_ process: Running, _ drafts: Drafts) throws {
        try self.init(drafts, rate: Feeder.rate) { process }
    }

    func pause(_ pauses: Bool) { isPaused.store(pauses, ordering: .relaxed) }

    /// Also again.
    func end() {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func write(_ drafts: Drafts, _ rate: Int, _ process: () -> Running?) {
        var drafts = drafts
        let pause = Duration.seconds(1) / rate
        var next = steadyClock()
        while !isOver.load(ordering: .relaxed) {
            let now = steadyClock()
            // After a long wait the lost time is not made up for.
            if next < now - .milliseconds(500) { next = now }
            if next > now { sleep(next - now) }
            next += pause
            if isPaused.load(ordering: .relaxed) { continue }
            _ = process()?.write(line: drafts.next())
        }
    }
}
