import Platform
import Stage
import Synchronization

/// Writes drafts into a `publish` at a steady rate, on a thread of its own, whatever happens to that `publish`.
final class Feeder: Sendable {
    /// Drafts a second.
    static let rate = 100
    /// How long `publish` waits for the hub's answers once it has no more input.
    static let wait = "60s"

    let post: StagePost
    private let ledger: Ledger
    private let publish = Mutex<Running?>(nil)
    private let isOver = Atomic(false)
    private let thread = Mutex<NamedThread?>(nil)

    init(_ post: StagePost, _ ledger: Ledger) {
        self.post = post
        self.ledger = ledger
    }

    func start(_ drafts: Drafts, rate: Int = Feeder.rate) async throws {
        try await startPublish()
        try thread.withLock { $0 = try NamedThread("feed") { [self] in feed(drafts, rate: rate) } }
    }

    /// SIGKILL, and a new one.
    func kill() async throws {
        try await publish.withLock { $0 }?.kill()
        try await startPublish()
    }

    /// Ends a `publish` that may have ended by itself, and starts another.
    func startPublish() async throws {
        let running = try await post.publishing(["--wait", Feeder.wait, "--format", "json"]) {
            [ledger] in ledger.take($0)
        }
        publish.withLock { $0 = running }
    }

    var running: Running? { publish.withLock { $0 } }

    func stopFeeding() {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// No more drafts; returns once `publish` has reported what became of each.
    func finish() async throws {
        stopFeeding()
        guard let running else { return }
        running.closeInput()
        let account = try await running.ended(within: .seconds(90))
        if account.status != 0 {
            ledger.problem(
                "publish of \(post.name) ended with \(account.ending.map { "\($0)" } ?? "nothing"): \(account.talk.suffix(3))"
            )
        }
    }

    private func feed(_ drafts: Drafts, rate: Int) {
        var drafts = drafts
        let pause = Duration.seconds(1) / rate
        var next = steadyClock()
        while !isOver.load(ordering: .relaxed) {
            let now = steadyClock()
            // After a long wait the lost time is not made up for.
            if next < now - .milliseconds(500) { next = now }
            if next > now { nap(next - now) }
            next += pause
            _ = running?.write(line: drafts.next())
        }
    }
}
