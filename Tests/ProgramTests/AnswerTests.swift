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
            let prey = try await deployment.testbed.post(
                "prey-veng", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
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
                "ack", id, "--note", "Patrol is on its way", "--wait", "100s",
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

    @Test(
        "who is not on duty for an alert's provinces is told the rule, and who does not find it the way out")
    func offDuty() async throws {
        try await withDeployment { deployment in
            let prey = try await deployment.testbed.post("prey-veng", deployment.hub)
            try await deployment.start()
            try await prey.start()
            let alert = try await deployment.post.run([
                "publish", "movement", "--mode", "road", "--headline", "Invented van", "--wait", "100s",
            ])
            let id = try id(alert)
            let blind = try await prey.run(["ack", id, "--wait", "100s"])
            #expect(blind.status != 0)
            #expect(blind.words.contains("--kind"), "\(blind.words)")
            let ack = try await prey.run(["ack", id, "--kind", "movement", "--wait", "100s"])
            #expect(ack.status == 65)
            #expect(ack.words.contains("on duty"), "\(ack.words)")
            #expect(ack.words.contains("borderwire-hub enroll --duty"))
        }
    }

    @Test(
        "an analyst acknowledges: at once alone, and through a tail that runs; without the key it is not verified"
    )
    func analyst() async throws {
        try await withDeployment { deployment in
            let officer = try await deployment.testbed.analyst(
                "officer", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"], may: ["ack"])
            try await deployment.start()
            let alert = try await deployment.post.run([
                "publish", "movement", "--mode", "road", "--headline", "Invented van", "--wait", "100s",
            ])
            let id = try id(alert)
            let alone = try await officer.run("ack", [id, "--note", "I see to it", "--wait", "100s"])
            try alone.expect(0, "ack")
            #expect(alone.output.contains { $0.hasPrefix("stored ") }, "\(alone.words)")
            let tail = try await officer.tail(["--since", "0", "--format", "json"])
            try await tail.wait(for: "the first acknowledgement") { account in
                account.output.contains { $0.contains("I see to it") } ? () : nil
            }
            let beside = try await officer.run("ack", [id, "--note", "Second word", "--wait", "100s"])
            try beside.expect(0, "ack beside tail")
            try await tail.wait(for: "the second acknowledgement") { account in
                account.output.contains { $0.contains("Second word") } ? () : nil
            }
            _ = try await tail.stop()
            let unknown = try await deployment.national.run("show", [id])
            #expect(unknown.output.contains { $0.contains("ACKNOWLEDGED by officer, not verified") })
            try deployment.testbed.share(officer.publicKey)
            let known = try await deployment.national.run("show", [id])
            #expect(known.output.contains { $0.contains("ACKNOWLEDGED by officer") })
            #expect(!known.output.contains { $0.contains("not verified") }, "\(known.output)")
        }
    }

    @Test("an acknowledgement that finds no hub waits, says so, and the next tail sends it")
    func later() async throws {
        try await withDeployment { deployment in
            let officer = try await deployment.testbed.analyst(
                "officer", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"], may: ["ack"])
            try await deployment.start()
            let alert = try await deployment.post.run([
                "publish", "movement", "--mode", "road", "--headline", "Invented van", "--wait", "100s",
            ])
            let id = try id(alert)
            try await deployment.hub.stop()
            let ack = try await officer.run(
                "ack", [id, "--kind", "movement", "--province", "koh-kong", "--wait", "1s"])
            #expect(ack.status == 75)
            #expect(ack.words.contains("borderwire tail sends it"), "\(ack.words)")
            try await deployment.hub.start()
            let tail = try await officer.tail(["--since", "0", "--format", "json"])
            try await tail.wait(for: "the acknowledgement") { account in
                account.output.contains { $0.contains("\"msgType\":\"Ack\"") } ? () : nil
            }
            _ = try await tail.stop()
        }
    }

    @Test("who has no grant ack is refused at once, and its acknowledgement stays queued")
    func ungranted() async throws {
        try await withDeployment { deployment in
            let reader = try await deployment.testbed.analyst(
                "reader", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            try await deployment.start()
            let alert = try await deployment.post.run([
                "publish", "movement", "--mode", "road", "--headline", "Invented van", "--wait", "100s",
            ])
            let ack = try await reader.run("ack", [try id(alert), "--wait", "3s"])
            #expect(ack.status == 75)
            #expect(ack.words.contains("reader may not publish anything"), "\(ack.words)")
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
