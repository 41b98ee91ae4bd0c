import Foundation
import ProcessHarness
import Testing

@Suite("Answering an alert")
struct AnswerTests {
    /// The id that `publish` printed.
    private func id(_ account: Account) throws -> String {
        let line = try #require(account.output.first { $0.hasPrefix("queued ") })
        return String(line.dropFirst("queued ".count).prefix(36))
    }

    @Test(
        "another post acknowledges and sights it, and who reads the alert sees who has it and what became of it"
    )
    func answered() async throws {
        try await withDeployment { deployment in
            let prey = try await deployment.testbed.post("prey-veng", deployment.hub)
            let officer = try await deployment.testbed.analyst(
                "kohs", deployment.hub, read: ["koh-kong"])
            try await deployment.start()
            try await prey.start()
            let alert = try await deployment.post.run([
                "publish",
                "movement", "--mode", "road", "--direction", "out", "--headline", "Invented van", "--wait",
                "100s",
            ])
            let id = try id(alert)
            let ack = try await prey.run([
                "ack", id, "--kind", "movement", "--note", "Patrol is on its way", "--wait", "100s",
            ])
            try ack.expect(0, "ack")
            let sighting = try await prey.run([
                "publish",
                "sighting", "--of", id, "--outcome", "stopped", "--by", "plate", "--seen-in", "the bridge",
                "--people", "9", "--minors", "2", "--vehicle", "van", "--plate", "2AB-0012", "--wait", "100s",
            ])
            try sighting.expect(0, "sighting")
            // Its grant is Koh Kong's alone: the answers come to it because the alert did.
            let tail = try await officer.run("tail", ["--since", "0", "--no-follow"])
            #expect(tail.output.contains { $0.contains("ACKNOWLEDGED by prey-veng") }, "\(tail.output)")
            #expect(tail.output.contains("  | Patrol is on its way"))
            #expect(tail.output.contains { $0.contains("sighting of \(id)") })
            #expect(tail.output.contains { $0.contains("STOPPED") && $0.contains("9 people, 2 of them") })
            let shown = try await officer.run("show", [id, "--format", "json"])
            #expect(shown.output.map { $0.contains("\"post\":\"prey-veng\"") } == [false, true, true])
            #expect(!shown.talk.contains { $0.contains("without effect") }, "\(shown.talk)")
        }
    }

    @Test("an acknowledgement of another kind, and a sighting by a name alone, are refused with the reason")
    func refused() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let alert = try await deployment.post.run([
                "publish", "movement", "--mode", "road", "--headline", "Invented van", "--wait", "100s",
            ])
            let id = try id(alert)
            let ack = try await deployment.post.run(["ack", id, "--kind", "suspect", "--wait", "100s"])
            #expect(ack.status == 65)
            #expect((ack.output + ack.talk).contains { $0.contains("the alert is of another kind") })
            let sighting = try await deployment.post.run([
                "publish", "sighting", "--of", id, "--outcome", "seen", "--by", "name",
            ])
            #expect(sighting.status == 65)
            #expect((sighting.output + sighting.talk).contains { $0.contains("a name alone") })
        }
    }
}
