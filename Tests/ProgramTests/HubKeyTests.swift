import Alerts
import Foundation
import Identity
import Stage
import Testing
import Wire
import Witness

@Suite("Rotating the hub's key")
struct HubKeyTests {
    /// Gives a peer its own copy of the hub's public key, as it has one elsewhere: nobody changes it for him.
    private static func handOver(_ hub: StageHub, _ settings: String, _ directory: String) throws {
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
        try await onScene { scene in
            let late = try await scene.stage.post("prey-veng", scene.hub)
            try HubKeyTests.handOver(scene.hub, scene.post.settings, scene.post.directory)
            try HubKeyTests.handOver(scene.hub, scene.national.settings, scene.national.directory)
            try HubKeyTests.handOver(scene.hub, late.settings, late.directory)
            try await scene.start()
            #expect(try await scene.hub.run("rotate-key", ["--finish"]).status == 65)
            #expect(try await scene.hub.run("rotate-key", ["--now"]).status == 64)
            let begun = try await scene.hub.run("rotate-key", ["--overlap", "1h"])
            try begun.expect(0, "rotate-key")
            #expect(begun.words.contains("the running hub announces it"), "\(begun.words)")
            #expect(try await scene.hub.run("rotate-key").status == 65)
            let tail = try await scene.national.tail(["--since", "0", "--format", "json"])
            _ = try await tail.wait(for: "the next key") { account in
                account.talk.first { $0.contains("the hub will go over to the key") }
            }
            let daemon = try #require(scene.post.process)
            _ = try await daemon.wait(for: "the next key") { account in
                account.talk.first { $0.contains("the hub will go over to the key") }
            }
            try await scene.post.run(HubKeyTests.publish).expect(0, "before")
            _ = try await tail.lines(1)

            // Someone who has the key, and names another next one.
            let file = HubKeyFile(scene.hub.state + "/hub.keys.json")
            let kept = try file.read()
            var forged = kept
            forged.successions = [
                Succession(
                    from: try KeyFiles.readSecret(scene.hub.directory + "/hub.key"),
                    to: IdentityKeys(name: "hub").publicKeys, time: Timestamp(milliseconds: 1))
            ]
            try file.write(forged)
            _ = try await daemon.wait(for: "the refusal") { account in
                account.talk.first { $0.contains("someone else may have its key") }
            }
            try file.write(kept)

            let early = try await scene.hub.run("rotate-key", ["--finish"])
            #expect(early.status == 75, "\(early.words)")
            try await scene.hub.run("rotate-key", ["--finish", "--now"]).expect(0, "finish")
            #expect(try await scene.hub.run("rotate-key", ["--finish"]).status == 65)
            #expect(!FileManager.default.fileExists(atPath: scene.hub.directory + "/hub.key.next"))
            try await scene.hub.stop()
            try await scene.hub.start()
            try await scene.post.run(HubKeyTests.publish).expect(0, "after")
            _ = try await tail.lines(2)
            _ = try await daemon.wait(for: "the new key") { account in
                account.talk.first { $0.contains("the hub now has the key") }
            }
            try await tail.stop().expect(0, "tail")

            // It outlives the programs.
            try await scene.post.stop()
            try await scene.post.start()
            try await scene.post.run(HubKeyTests.publish).expect(0, "afterwards")
            #expect(try await scene.log().count == 3)
            try await scene.national.run("verify").expect(0, "verify")
            try await scene.hub.run("verify").expect(0, "the hub's verify")
            try await scene.hub.run("check").expect(0, "check")

            // It was away all the while.
            try await late.start()
            _ = try await #require(late.process).wait(for: "what to do") { account in
                account.talk.first { $0.contains("get its new hub.pub from its operator") }
            }
        }
    }
}
