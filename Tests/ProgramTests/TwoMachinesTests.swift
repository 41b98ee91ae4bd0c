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
            _ = try await scene.post.publish(Draft.many(1), ["--wait", "100s"])
            // The whole machine, outbox and all.
            let other = scene.stage.directory + "/other"
            try await scene.stage.shell("cp -a '\(scene.post.directory)' '\(other)'").expect(0, "copy")
            let settings = ["--config", other + "/post.toml"]
            let daemon = try await scene.stage.start(.post, ["run"] + settings)
            _ = try await daemon.wait(for: "a refusal") { account in
                account.talk.contains { $0.contains("(in-use)") && $0.contains("another machine") } ? () : nil
            }
            // Again, where it has asked just when the daemon was trying once more.
            var queued = 0
            let isTold = try await until {
                let waiting = try await scene.stage.run(
                    .post, ["publish", "--file", "-", "--wait", "1s"] + settings,
                    input: Array((Draft.many(1)[0] + "\n").utf8))
                #expect(waiting.status == 75, "\(waiting)")
                queued += 1
                return waiting.words.contains("another machine")
            }
            #expect(isTold)
            let status = try await scene.hub.run("status")
            #expect(status.words.contains("a second machine under this name was refused"), "\(status)")
            _ = try await scene.hub.process?.wait(for: "its word") { account in
                account.talk.contains { $0.contains("refused a second machine") } ? () : nil
            }
            // The first goes on, under the very number that the second's alert has.
            _ = try await scene.post.publish(Draft.many(1), ["--wait", "100s"])
            #expect(try await scene.hub.status().stored == 2)

            try await scene.post.kill()
            _ = try await daemon.wait(for: "the conflict") { account in
                account.talk.contains { $0.contains("(conflict)") } ? () : nil
            }
            try await scene.stage.run(.post, ["new-epoch", "--yes"] + settings).expect(0, "new-epoch")
            let stored = try await until { try await scene.hub.status().stored == 2 + queued }
            #expect(stored, "\(daemon.account)")
        }
    }

    private func until(_ isSo: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + Stage.patience
        while ContinuousClock.now < end {
            if try await isSo() { return true }
        }
        return try await isSo()
    }
}
