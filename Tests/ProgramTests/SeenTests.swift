import Foundation
import ProcessHarness
import Testing

@Suite("Who has seen an alert")
struct SeenTests {
    /// A line of `seen` and `show` in JSON.
    struct Line: Decodable {
        var seenBy: Int
        var onDuty: Int
        var firstSeen: String?
        var seen: [String]?
        var unseen: [String]?

        init(_ account: Account) throws {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Line.self, from: Data((account.output.last ?? "").utf8))
        }
    }

    /// Asks until it is so.
    private func settle(
        _ ask: () async throws -> Account, until isSo: (Line) -> Bool
    ) async throws -> Line {
        let end = ContinuousClock.now + Testbed.patience
        while true {
            let account = try await ask()
            try account.expect(0, "seen")
            let line = try Line(account)
            if isSo(line) || ContinuousClock.now > end { return line }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test(
        "what a reader on duty has on its terminal counts as seen: hub and author learn by whom, others how many"
    )
    func seen() async throws {
        try await withDeployment { deployment in
            let watch = try await deployment.testbed.analyst(
                "watch", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            _ = try await deployment.testbed.analyst(
                "night", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            try await deployment.start()
            let terminal = try await watch.tail(["--since", "0", "--format", "json"], onTerminal: true)
            let published = try await deployment.post.publish(
                [Draft.suspect("Grey van waits")], ["--format", "json", "--wait", "60s"])
            let id = try #require(try published.published().first?.id)
            let atHub = try await settle({
                try await deployment.hub.run("seen", [id, "--format", "json"])
            }) { $0.seenBy > 0 }
            #expect(atHub.seenBy == 1 && atHub.onDuty == 2)
            #expect(atHub.seen == ["watch"] && atHub.unseen == ["night"])
            #expect(atHub.firstSeen != nil)
            let atPost = try await deployment.post.run(["show", id, "--format", "json"])
            #expect(try Line(atPost).unseen == ["night"])
            let others = try await deployment.national.run("show", [id])
            #expect(others.words.contains("seen by 1 of 2 on duty"))
            #expect(!others.words.contains("night"))
            let asJSON = try await deployment.national.run("show", [id, "--format", "json"])
            #expect(asJSON.output.count == 1 && asJSON.words.contains(#""seen_by":1"#))
            #expect(!asJSON.words.contains("night"))
            try await terminal.stop()
        }
    }

    private func publish(_ headline: String, _ deployment: Deployment) async throws -> String {
        let published = try await deployment.post.publish(
            [Draft.suspect(headline)], ["--format", "json", "--wait", "60s"])
        return try #require(try published.published().first?.id)
    }

    private func ask(_ id: String, _ deployment: Deployment) async throws -> Line {
        let account = try await deployment.hub.run("seen", [id, "--format", "json"])
        try account.expect(0, "seen")
        return try Line(account)
    }

    @Test("an alert from before the start is not seen, nor what a pipe or a filter gets")
    func unseen() async throws {
        try await withDeployment { deployment in
            let watch = try await deployment.testbed.analyst(
                "watch", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            let piped = try await deployment.testbed.analyst(
                "piped", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            let filtered = try await deployment.testbed.analyst(
                "filtered", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            try await deployment.start()
            let before = try await publish("Before the start", deployment)
            let after = ["--since", "1", "--format", "json"]
            let readers = [
                try await watch.tail(after, onTerminal: true), try await piped.tail(after),
                try await filtered.tail(after + ["--status", "Actual"], onTerminal: true),
            ]
            let later = try await publish("After the start", deployment)
            for reader in readers {
                _ = try await reader.wait(for: "the alert") {
                    $0.output.contains { $0.contains(later) } ? true : nil
                }
            }
            let seen = try await settle({
                try await deployment.hub.run("seen", [later, "--format", "json"])
            }) { $0.seenBy > 0 }
            // Each says all that it has to say when it is told to stop.
            for reader in readers { try await reader.stop() }
            #expect(seen.seen == ["watch"])
            #expect(try await ask(later, deployment).unseen == ["filtered", "piped"])
            #expect(try await ask(before, deployment).seenBy == 0)
        }
    }

    @Test(
        "a reading that ends at once has said what it showed, and a hub that was started anew still knows it")
    func last() async throws {
        try await withDeployment { deployment in
            let watch = try await deployment.testbed.analyst(
                "watch", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            try await deployment.start()
            let first = try await publish("The first", deployment)
            let second = try await publish("The second", deployment)
            let account = try await deployment.testbed.start(
                .analyst,
                ["tail", "--config", watch.settings, "--no-follow", "--count", "1", "--format", "json"],
                onTerminal: true
            ).ended()
            try account.expect(0, "tail")
            #expect(try await ask(first, deployment).seenBy == 1)
            #expect(try await ask(second, deployment).seenBy == 0)
            try await deployment.hub.stop()
            try await deployment.hub.start()
            #expect(try await ask(first, deployment).seenBy == 1)
        }
    }

    @Test(
        "publish --until seen waits until somebody has it on a terminal, and says who; in vain it ends with 75"
    )
    func until() async throws {
        try await withDeployment { deployment in
            let watch = try await deployment.testbed.analyst(
                "watch", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            try await deployment.start()
            let vain = try await deployment.post.publish(
                [Draft.suspect("Nobody looks")], ["--wait", "4s", "--until", "seen"])
            #expect(vain.status == 75 && vain.words.contains("not seen yet"), "\(vain.words)")
            let terminal = try await watch.tail(["--since", "1", "--format", "json"], onTerminal: true)
            let published = try await deployment.post.publish(
                [Draft.suspect("Somebody looks"), Draft.suspect("And here")],
                ["--wait", "100s", "--until", "seen", "--format", "json"])
            try published.expect(0, "publish")
            #expect(try published.published().map(\.state) == ["stored", "stored", "seen", "seen"])
            #expect(published.output.last?.contains(#""by":"watch""#) ?? false)
            try await terminal.stop()
        }
    }
}
