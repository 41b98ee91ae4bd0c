import ProcessHarness
import Synchronization

/// Writes drafts into a `publish` at a steady rate, on a thread of its own, whatever happens to that `publish`.
final class Feeder: Sendable {
    /// Drafts a second.
    static let rate = 100
    /// How long `publish` waits for the hub's answers once it has no more input.
    static let wait = "200s"

    let post: TestPost
    private let ledger: Ledger
    private let publish = Mutex<Running?>(nil)
    private let writing = Mutex<Writing?>(nil)

    init(_ post: TestPost, _ ledger: Ledger) {
        self.post = post
        self.ledger = ledger
    }

    func start(_ drafts: Drafts, rate: Int = Feeder.rate) async throws {
        try await startPublish()
        let writing = try Writing(drafts, rate: rate) { [self] in running }
        self.writing.withLock { $0 = writing }
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

    /// Whether it waits with the next drafts.
    func pause(_ pauses: Bool) { writing.withLock { $0 }?.pause(pauses) }

    func stopFeeding() {
        writing.withLock { $0 }?.end()
    }

    /// No more drafts; returns once `publish` has reported what became of each.
    func finish() async throws {
        stopFeeding()
        guard let running else { return }
        running.closeInput()
        let account = try await running.ended(within: .seconds(240))
        if account.status != 0 {
            ledger.problem(
                "publish of \(post.name) ended with \(account.ending.map { "\($0)" } ?? "nothing"): \(account.talk.suffix(3))"
            )
        }
    }
}
