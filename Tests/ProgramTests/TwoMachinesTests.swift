import Foundation
import ProcessHarness
import Testing
import Wire

@Suite("Two machines with one identity")
struct TwoMachinesTests {
    @Test("the second is told so, and its alerts wait until the first is gone")
    func second() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            // The whole machine, outbox and all.
            let other = deployment.testbed.directory + "/other"
            try await deployment.testbed.shell("cp -a '\(deployment.post.directory)' '\(other)'").expect(
                0, "copy")
            let settings = ["--config", other + "/post.toml"]
            let daemon = try await deployment.testbed.start(.post, ["run"] + settings)
            _ = try await daemon.wait(for: "a refusal") { account in
                account.talk.contains { $0.contains("(in-use)") && $0.contains("another machine") } ? () : nil
            }
            // Again, where it has asked just when the daemon was trying once more.
            var queued = 0
            let isTold = try await until {
                let waiting = try await deployment.testbed.run(
                    .post, ["publish", "--file", "-", "--wait", "1s"] + settings,
                    input: Array((Draft.many(1)[0] + "\n").utf8))
                #expect(waiting.status == 75, "\(waiting)")
                queued += 1
                return waiting.words.contains("another machine")
            }
            #expect(isTold)
            let status = try await deployment.hub.run("status")
            #expect(status.words.contains("a second machine under this name was refused"), "\(status)")
            _ = try await deployment.hub.process?.wait(for: "its word") { account in
                account.talk.contains { $0.contains("refused a second machine") } ? () : nil
            }
            // The first goes on, under the very number that the second's alert has.
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            #expect(try await deployment.hub.status().stored == 2)

            try await deployment.post.kill()
            _ = try await daemon.wait(for: "the conflict") { account in
                account.talk.contains { $0.contains("(conflict)") } ? () : nil
            }
            try await deployment.testbed.run(.post, ["new-epoch", "--yes"] + settings).expect(0, "new-epoch")
            let stored = try await until { try await deployment.hub.status().stored == 2 + queued }
            #expect(stored, "\(daemon.account)")
        }
    }

    private func until(_ isSo: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + Testbed.patience
        while ContinuousClock.now < end {
            if try await isSo() { return true }
        }
        return try await isSo()
    }
}
