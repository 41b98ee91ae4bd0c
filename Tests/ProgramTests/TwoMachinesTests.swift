import Foundation
import Stage
import Testing
import Wire

@Suite("Two machines with one identity")
struct TwoMachinesTests {
    @Test("the second is told so, and its alerts wait until the first is gone")
    func second() async throws {
        try await onScene { scene in
            try await scene.start()
            _ = try await scene.post.publish(Draft.many(1), ["--wait", "30s"])
            // The whole machine, outbox and all.
            let other = scene.stage.directory + "/other"
            try await scene.stage.shell("cp -a '\(scene.post.directory)' '\(other)'").expect(0, "copy")
            let settings = ["--config", other + "/post.toml"]
            let daemon = try await scene.stage.start(.post, ["run"] + settings)
            _ = try await daemon.wait(for: "a refusal") { account in
                account.talk.contains { $0.contains("(in-use)") && $0.contains("another machine") } ? () : nil
            }
            let waiting = try await scene.stage.run(
                .post, ["publish", "--file", "-", "--wait", "1s"] + settings,
                input: Array((Draft.many(1)[0] + "\n").utf8))
            #expect(waiting.status == 75, "\(waiting)")
            #expect(waiting.words.contains("another machine"), "\(waiting)")
            let status = try await scene.hub.run("status")
            #expect(status.words.contains("a second machine under this name was refused"), "\(status)")
            #expect(
                scene.hub.process?.account.talk.contains { $0.contains("refused a second machine") } == true)
            // The first goes on, under the very number that the second's alert has.
            _ = try await scene.post.publish(Draft.many(1), ["--wait", "30s"])
            #expect(try await scene.hub.status().stored == 2)

            try await scene.post.kill()
            _ = try await daemon.wait(for: "the conflict") { account in
                account.talk.contains { $0.contains("(conflict)") } ? () : nil
            }
            try await scene.stage.run(.post, ["new-epoch", "--yes"] + settings).expect(0, "new-epoch")
            let stored = try await until(.seconds(20)) { try await scene.hub.status().stored == 3 }
            #expect(stored, "\(daemon.account)")
        }
    }

    private func until(_ longest: Duration, _ isSo: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + longest
        while ContinuousClock.now < end {
            if try await isSo() { return true }
        }
        return false
    }
}
