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
            try await terminal.stop()
        }
    }
}
