import Glibc
import Platform
import PostgresServer
import ProcessHarness
import Settings

/// Three hubs over a primary and a synchronous standby: each of them fails in turn while two posts publish and two analysts read, and
/// at the end it is counted what became of every alert.
struct ClusterDemo {
    private static let provinces = ["koh-kong", "prey-veng"]
    /// Between two drafts of a post.
    private static let pace = Duration.milliseconds(50)
    private static let patience = Duration.seconds(60)

    private let servers: PostgresPair
    private let testbed: Testbed
    private let hubs: [TestHub]

    init() throws {
        talk("two PostgreSQL servers are made, and three hubs")
        servers = try PostgresPair()
        testbed = try Testbed()
        hubs = try testbed.hubs(Array(repeating: servers.servers, count: 3))
    }

    /// - Returns: whether everything is as it should be.
    func run() async throws -> Bool {
        talk("all their files are in \(testbed.directory)")
        let others = Array(hubs.dropFirst())
        var posts: [TestPost] = []
        for name in ClusterDemo.provinces {
            posts.append(try await testbed.post(name, hubs[0], others: others))
        }
        let readers = [
            ClusterReader(try await testbed.analyst("national", hubs[0], others: others, read: ["all"])),
            ClusterReader(
                try await testbed.analyst("kk-desk", hubs[0], others: others, read: ["koh-kong"]),
                province: "koh-kong"),
        ]
        var guests: [ClusterReader] = []
        for hub in hubs {
            guests.append(
                ClusterReader(try await testbed.analyst("guest-\(hub.name)", hub, read: ["all"])))
        }
        let check = try await hubs[0].run("check")
        for line in check.output + check.talk { show("check", line) }
        for hub in hubs { try await hub.start() }
        for post in posts { try await post.start() }
        for reader in readers + guests { try await reader.start() }
        let tally = ClusterTally()
        var feeds: [ClusterFeed] = []
        for post in posts { feeds.append(try await ClusterFeed(post, tally, pace: ClusterDemo.pace)) }
        defer { for feed in feeds { feed.stop() } }
        try await wait("alerts to flow") { tally.count >= 60 && readers.allSatisfy { $0.count >= 20 } }
        talk(
            "\(try writer().name) writes the log, the others follow; two posts publish 20 alerts a second each"
        )
        for reader in readers {
            let median = reader.median(tally)
            talk("  from a draft at the post to a line of \(reader.name): \(median) ms (median)")
        }

        var isGood = check.status == 0
        try await killHub(tally)
        try await killPrimary(tally)
        isGood = try await stopHub(tally) && isGood
        isGood = try await revoke(guests) && isGood

        talk("the posts end their day; everything is counted")
        for feed in feeds { isGood = try await feed.finish() && isGood }
        let report = try ClusterReport(servers, tally, readers)
        _ = try? await wait("the last alerts to be printed") { report.isPrinted }
        // A moment for what should not come.
        try await Task.sleep(for: .milliseconds(500))
        for reader in readers + guests { try await reader.stop() }
        isGood = try await proofs(readers[0]) && isGood
        for line in report.table() { try? StandardOutput.write(line: line) }
        isGood = report.isGood && isGood
        for post in posts { try await post.stop() }
        for hub in hubs { try await hub.stop() }
        talk(isGood ? "all as promised" : "NOT as promised")
        return isGood
    }

    // MARK: What fails

    private func killHub(_ tally: ClusterTally) async throws {
        let hub = try writer()
        talk("\(hub.name), which writes, is killed (SIGKILL)")
        let pause = try await tally.pause { try await hub.kill() }
        talk("  \(try writer().name) has taken over; the longest wait for an acknowledgement: \(pause) ms")
        try await hub.start()
        talk("  \(hub.name) is back, and follows")
    }

    private func killPrimary(_ tally: ClusterTally) async throws {
        talk(
            "the primary's machine burns (SIGKILL to all of it); its supervisor, here this program, promotes the standby"
        )
        let pause = try await tally.pause {
            try servers.kill(servers.primary)
            try servers.promote()
        }
        talk("  the longest wait for an acknowledgement: \(pause) ms")
        try servers.rejoin()
        talk("  the burnt one is back as an empty machine: a copy, and the standby that commits wait for")
    }

    private func stopHub(_ tally: ClusterTally) async throws -> Bool {
        let hub = try writer()
        talk("\(hub.name), which writes, is stopped in the middle of its work (SIGSTOP)")
        let pause = try await tally.pause { hub.process?.signal(SIGSTOP) }
        let next = try writer()
        talk("  \(next.name) has taken over; the longest wait for an acknowledgement: \(pause) ms")
        let before = fences(hub).count
        hub.process?.signal(SIGCONT)
        try await wait("\(hub.name) to know") { fences(hub).count > before }
        talk("  \(hub.name) wakes, and is fenced: what it had under way is not written")
        for line in fences(hub).suffix(1) { show(hub.name, line) }
        return next !== hub
    }

    private func revoke(_ guests: [ClusterReader]) async throws -> Bool {
        talk("three guests, one at each hub, are revoked at \(hubs[1].name)")
        var longest = Duration.zero
        for guest in guests {
            let start = steadyClock()
            try await hubs[1].run("revoke", [guest.name]).expect(0, "revoke")
            try await Task.sleep(for: .seconds(1))
            let after = (guest.last ?? start) - start
            longest = max(longest, after)
        }
        talk(
            "  the last line of one of them came \(Int64(longest / .milliseconds(1))) ms after the command began"
        )
        return longest < .seconds(1)
    }

    // MARK: What is left

    /// The log as each hub has it, and what an analyst can prove of it at each.
    private func proofs(_ reader: ClusterReader) async throws -> Bool {
        var isGood = true
        var heads: Set<String> = []
        for hub in hubs {
            let chain = try await hub.run("verify")
            let settings = try reader.analyst.settings(of: hub)
            let proof = try await testbed.run(.analyst, ["verify", "--config", settings])
            for line in chain.output.suffix(1) + proof.output { show(hub.name, line) }
            if let last = proof.output.last { heads.insert(last) }
            isGood = isGood && chain.status == 0 && proof.status == 0
        }
        let agree = heads.count == 1
        talk(
            agree && isGood
                ? "the chain is whole; the three hubs' checkpoints agree with each other and with what the analyst kept"
                : "the hubs do NOT agree")
        return isGood && agree
    }

    // MARK: Looking

    private func writer() throws -> TestHub {
        let name = try servers.log().holder
        guard let hub = hubs.first(where: { $0.name == name }) else {
            throw Failure("no hub writes", status: .software)
        }
        return hub
    }

    /// What it has said of losing the lease.
    private func fences(_ hub: TestHub) -> [String] {
        hub.process?.account.talk.filter { $0.contains("writes the log no more") } ?? []
    }

    private func wait(_ what: String, _ isSo: () throws -> Bool) async throws {
        let end = steadyClock() + ClusterDemo.patience
        while try !isSo() {
            guard steadyClock() < end else { throw Failure("waited for \(what)", status: .software) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func show(_ who: String, _ line: String) {
        try? StandardOutput.write(
            line: who + String(repeating: " ", count: max(1, 9 - who.count)) + "| " + line)
    }
}
