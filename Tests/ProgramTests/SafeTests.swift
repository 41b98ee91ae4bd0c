import Foundation
import ProcessHarness
import Testing

@Suite("Whoever an alert sought is safe, on real programs")
struct SafeTests {
    private func publish(_ post: TestPost, _ words: String...) async throws -> String {
        let account = try await post.run(
            ["publish"] + words + ["--wait", "100s", "--format", "json"])
        try account.expect(0, "publish")
        return try #require(try account.published().first?.id)
    }

    @Test("who names one version of its alert names them all, and hears where the outbox can't know them")
    func versions() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let move = ["movement", "--mode", "road"]
            func publish(_ more: String...) async throws -> String {
                let account = try await deployment.post.run(
                    ["publish"] + move + more + ["--wait", "100s", "--format", "json"])
                try account.expect(0, "publish")
                return try #require(try account.published().first?.id)
            }
            let first = try await publish("--headline", "Umbrella girl")
            let second = try await publish("--headline", "Umbrella girl in a van", "--update", first)
            let third = try await publish("--headline", "Umbrella girl in a boat", "--update", second)
            let closed = try await deployment.post.run(
                ["publish"] + move + [
                    "--headline", "Home again", "--cancel", second, "--resolution", "safe", "--wait", "100s",
                ])
            try closed.expect(0, "cancel")
            let line = try #require(closed.talk.first { $0.contains("other versions are erased too") })
            #expect(line.contains(first) && line.contains(third))
            try await deployment.hub.process?.wait(for: "erased") {
                $0.talk.contains { $0.contains("content of 3 alerts and answers") } ? () : nil
            }
            let unknown = "01a20abe-b4c0-7abc-8def-0123456789ab"
            let other = try await deployment.post.run(
                ["publish"] + move + ["--headline", "Home", "--cancel", unknown, "--resolution", "safe"])
            #expect(
                other.talk.contains { $0.contains("the outbox has no alert \(unknown)") }, "\(other.words)")
        }
    }

    @Test(
        "its author's word erases what it said and what answered it at once: readers find a tombstone, files nothing, verifiers a sound log"
    )
    func safe() async throws {
        try await withDeployment { deployment in
            let prey = try await deployment.testbed.post("prey-veng", deployment.hub)
            try await deployment.start()
            try await prey.start()
            let id = try await publish(
                deployment.post, "movement", "--mode", "road", "--headline", "Umbrella girl", "--vehicle",
                "van",
                "--plate", "2AB-0012", "--expires-in", "30d")
            _ = try await publish(
                prey, "sighting", "--of", id, "--outcome", "seen", "--by", "plate", "--seen-in",
                "the umbrella bridge",
                "--vehicle", "van", "--plate", "2AB-0012")
            let without = try await deployment.post.run([
                "publish", "movement", "--mode", "road", "--headline", "Home", "--resolution", "safe",
            ])
            #expect(without.status == 64)
            _ = try await publish(
                deployment.post, "movement", "--mode", "road", "--headline", "Home again", "--cancel", id,
                "--resolution", "safe")
            try await deployment.hub.process?.wait(for: "erased") {
                $0.talk.contains { $0.contains("whoever they sought is safe") } ? () : nil
            }
            // The post's own files are as clean, while it runs.
            _ = try await deployment.testbed.shell(
                "for i in $(seq 300); do grep -qi umbrella \(deployment.post.state)/outbox.db* || exit 0; sleep 0.1; done; exit 1"
            ).expect(0, "the outbox's files")
            try await deployment.post.run(["status"]).expect(0, "status")
            let shown = try await deployment.national.run("show", [id])
            #expect(shown.words.contains("content erased, cancelled"), "\(shown.words)")
            #expect(shown.words.contains("CANCELLED: SAFE"), "\(shown.words)")
            #expect(!shown.words.lowercased().contains("umbrella"))
            let later = try await publish(
                deployment.post, "movement", "--mode", "road", "--headline", "Another van", "--vehicle",
                "van",
                "--plate", "2AB-0012")
            #expect(try await deployment.national.run("related", [later]).status == 66)
            for account in [
                try await deployment.hub.run("verify"), try await deployment.national.run("verify"),
            ] {
                #expect(account.status == 0, "\(account.words)")
            }
            try await deployment.hub.stop()
            let words = try await deployment.testbed.shell(
                "grep -rli 'umbrella' \(deployment.hub.directory) || true")
            #expect(words.output.isEmpty, "\(words.words)")
        }
    }
}
