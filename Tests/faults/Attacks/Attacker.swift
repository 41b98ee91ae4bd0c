import Platform
import ProcessHarness
import Synchronization
import Wire

/// Who attacks, and with what: no key, the key of a reader or of a post, a key that was stolen. Its threads let those of the
/// hub and of the honest go first: in earnest it would have a machine of its own.
final class Attacker: Sendable {
    /// Steps of ``yieldToOthers(steps:)``: a hundredth of the share of others, where they want it.
    private static let courtesy: Int32 = 19

    let hub: TestHub
    /// May read what it needs for its questions to cost something.
    let reader: TestAnalyst
    let post: TestPost
    /// An honest post whose key file it has a copy of.
    let victim: TestPost
    /// The port of the reader's feed; 0 before it is known.
    var feed: Int { port.load(ordering: .relaxed) }
    private let port = Atomic(0)
    private let isOver = Atomic(false)
    private let threads = Mutex<[NamedThread]>([])
    private let account = Mutex((done: [String: Int](), problems: [String]()))

    /// The posts of the load are in other provinces than its own.
    init(_ load: Load) async throws {
        hub = load.hub
        reader = try await load.testbed.analyst("enemy", hub, read: ["koh-kong", "kampot"])
        // On duty for what the honest raise.
        post = try await load.testbed.post(
            "enemy-post", hub, province: "kampot", publish: ["kampot"], read: ["koh-kong", "kampot"],
            duty: ["koh-kong"])
        victim = load.posts[0]
    }

    func findFeed() async throws {
        let feed = try await hub.status().feeds.first { $0.identities.contains(reader.name) }
        port.store(feed?.port ?? 0, ordering: .relaxed)
    }

    var goesOn: Bool { !isOver.load(ordering: .relaxed) }

    /// Counts what it has done, for the row.
    func did(_ what: String, _ times: Int = 1) { account.withLock { $0.done[what, default: 0] += times } }

    /// What it has done so far.
    var done: [String: Int] { account.withLock { $0.done } }
    var problems: [String] { account.withLock { $0.problems } }

    func begin(_ attacks: [Attack]) throws {
        try threads.withLock { threads in
            for attack in attacks {
                threads.append(try NamedThread("attack") { [self] in run(attack) })
            }
        }
    }

    private func run(_ attack: Attack) {
        yieldToOthers(steps: Attacker.courtesy)
        do { try attack.body(self) } catch {
            account.withLock { $0.problems.append("\(attack.name): \(error)") }
        }
    }

    /// Also again.
    func end() {
        isOver.store(true, ordering: .relaxed)
        threads.withLock { threads in
            for thread in threads { thread.join() }
            threads = []
        }
    }
}
