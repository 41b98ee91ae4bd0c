import Alerts
import Foundation
import Identity
import LogProof
import ProcessHarness
import Testing
import Wire

@Suite("Rotating the hub's key")
struct HubKeyTests {
    /// Gives a peer its own copy of the hub's public key, as it has one elsewhere: nobody changes it for him.
    private static func handOver(_ hub: TestHub, _ settings: String, _ directory: String) throws {
        let own = directory + "/hub.pub"
        try FileManager.default.copyItem(atPath: hub.directory + "/hub.pub", toPath: own)
        let text = try String(contentsOfFile: settings, encoding: .utf8)
        try text.replacing("\(hub.directory)/hub.pub", with: own).write(
            toFile: settings, atomically: true, encoding: .utf8)
    }

    private static let publish = [
        "publish", "suspect", "--role", "recruiter", "--headline", "Invented", "--wait", "100s",
    ]

    @Test(
        "a post and an analyst go over to the hub's new key without a hand on them; who missed it is told, and a false one is refused"
    )
    func rotate() async throws {
        try await withDeployment { deployment in
            let late = try await deployment.testbed.post("prey-veng", deployment.hub)
            try HubKeyTests.handOver(deployment.hub, deployment.post.settings, deployment.post.directory)
            try HubKeyTests.handOver(
                deployment.hub, deployment.national.settings, deployment.national.directory)
            try HubKeyTests.handOver(deployment.hub, late.settings, late.directory)
            try await deployment.start()
            #expect(try await deployment.hub.run("rotate-key", ["--finish"]).status == 65)
            #expect(try await deployment.hub.run("rotate-key", ["--now"]).status == 64)
            let begun = try await deployment.hub.run("rotate-key", ["--overlap", "1h"])
            try begun.expect(0, "rotate-key")
            #expect(begun.words.contains("the running hub announces it"), "\(begun.words)")
            #expect(try await deployment.hub.run("rotate-key").status == 65)
            let tail = try await deployment.national.tail(["--since", "0", "--format", "json"])
            _ = try await tail.wait(for: "the next key") { account in
                account.talk.first { $0.contains("the hub will go over to the key") }
            }
            let daemon = try #require(deployment.post.process)
            _ = try await daemon.wait(for: "the next key") { account in
                account.talk.first { $0.contains("the hub will go over to the key") }
            }
            try await deployment.post.run(HubKeyTests.publish).expect(0, "before")
            _ = try await tail.lines(1)
            // The post says so with its next sign of life, the analyst at once; prey-veng is away.
            let end = ContinuousClock.now + .seconds(120)
            var taken: [String: Bool?] = [:]
            while taken["koh-kong"] != true || taken["national"] != true {
                try #require(ContinuousClock.now < end, "\(taken)")
                let links = try await deployment.hub.status().links
                taken = Dictionary(links.map { ($0.identity, $0.successor) }) { first, _ in first }
            }
            #expect(taken["prey-veng"] == false)
            let words = try await deployment.hub.run("status").words
            #expect(words.contains("have taken it over, and not yet "), "\(words)")

            // Someone who has the key, and names another next one.
            let file = HubKeyFile(deployment.hub.state + "/hub.keys.json")
            let kept = try file.read()
            var forged = kept
            forged.successions = [
                Succession(
                    from: try KeyFiles.readSecret(deployment.hub.directory + "/hub.key"),
                    to: IdentityKeys(name: "hub").publicKeys, time: Timestamp(milliseconds: 1))
            ]
            try file.write(forged)
            _ = try await daemon.wait(for: "the refusal") { account in
                account.talk.first { $0.contains("someone else may have its key") }
            }
            try file.write(kept)

            let early = try await deployment.hub.run("rotate-key", ["--finish"])
            #expect(early.status == 75, "\(early.words)")
            try await deployment.hub.run("rotate-key", ["--finish", "--now"]).expect(0, "finish")
            #expect(try await deployment.hub.run("rotate-key", ["--finish"]).status == 65)
            #expect(!FileManager.default.fileExists(atPath: deployment.hub.directory + "/hub.key.next"))
            try await deployment.hub.stop()
            try await deployment.hub.start()
            try await deployment.post.run(HubKeyTests.publish).expect(0, "after")
            _ = try await tail.lines(2)
            _ = try await daemon.wait(for: "the new key") { account in
                account.talk.first { $0.contains("the hub now has the key") }
            }
            try await tail.stop().expect(0, "tail")

            // It outlives the programs.
            try await deployment.post.stop()
            try await deployment.post.start()
            try await deployment.post.run(HubKeyTests.publish).expect(0, "afterwards")
            #expect(try await deployment.log().count == 3)
            try await deployment.national.run("verify").expect(0, "verify")
            try await deployment.hub.run("verify").expect(0, "the hub's verify")
            try await deployment.hub.run("check").expect(0, "check")

            // It was away all the while.
            try await late.start()
            _ = try await #require(late.process).wait(for: "what to do") { account in
                account.talk.first { $0.contains("get its new hub.pub from its operator") }
            }
        }
    }
}
