import Foundation
import ProcessHarness
import Testing
import Wire

@Suite("An alert that nobody looks at", .timeLimit(.minutes(10)))
struct EscalationTests {
    private static let urgent = """
        {"kind": "movement", "urgency": "Immediate", "provinces": ["koh-kong"], "headline": "Invented: a grey van leaves", \
        "movement": {"mode": "road", "direction": "out", "people": 6, "minors": 0}}
        """

    @Test(
        "is told to the operator, to readers, and to the program that wakes somebody, each once; acknowledged it is over"
    )
    func escalated() async throws {
        let times = """
            [escalation]
            immediate_unseen = "1s"
            immediate_unacknowledged = "2s"
            run = "wake"
            """
        try await withDeployment(extra: times) { deployment in
            let testbed = deployment.testbed
            let woken = "\(testbed.directory)/woken"
            try testbed.write("#!/bin/sh\necho \"$@\" >> \(woken)\n", to: "hub/wake")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(deployment.hub.directory)/wake")
            let desk = try await testbed.analyst(
                "desk", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"], may: ["ack"])
            try testbed.share(desk.publicKey)
            let other = try await testbed.analyst("kandal-desk", deployment.hub, read: ["kandal"])
            try await deployment.start()
            let reading = try await desk.tail(["--since", "0", "--format", "json"])
            let elsewhere = try await other.tail(["--since", "0", "--format", "json"])
            let account = try await deployment.post.publish(
                [EscalationTests.urgent], ["--format", "json", "--wait", "60s"])
            let id = try #require(try account.published().first?.id)
            for word in ["seen by nobody", "acknowledged by nobody"] {
                _ = try await reading.wait(for: word) { account in
                    account.talk.first { $0.contains("ESCALATION") && $0.contains(id) && $0.contains(word) }
                }
            }
            let status = try await deployment.hub.status()
            #expect(status.escalation?.open.map(\.reason) == ["unacknowledged", "unseen"])
            let text = try await deployment.hub.run("status")
            #expect(text.words.contains("ESCALATED 2") && text.words.contains(id))

            try await deployment.hub.run("page").expect(0, "page")
            try await deployment.hub.run("page").expect(0, "page again")
            let pages = try String(contentsOfFile: woken, encoding: .utf8)
            #expect(pages == "1 unseen \(id)\n2 unacknowledged \(id)\n")

            // Who comes later hears of it too.
            let late = try await desk.tail(["--format", "json"])
            _ = try await late.wait(for: "the escalation") { account in
                account.talk.first { $0.contains("ESCALATION 2") }
            }
            try await desk.run("ack", [id, "--wait", "60s"]).expect(0, "ack")
            let after = try await deployment.hub.status()
            #expect(after.escalation?.open.isEmpty == true && after.escalation?.watched == 0)
            #expect(!elsewhere.account.talk.contains { $0.contains("ESCALATION") })
            for running in [reading, elsewhere, late] { try await running.stop() }
        }
    }

    @Test("nobody is woken for what is cancelled, has expired or is an exercise, and for nothing twice")
    func over() async throws {
        let times = """
            [escalation]
            immediate_unseen = "1s"
            run = "wake"
            """
        try await withDeployment(extra: times) { deployment in
            let testbed = deployment.testbed
            let woken = "\(testbed.directory)/woken"
            try testbed.write("#!/bin/sh\necho \"$@\" >> \(woken)\n", to: "hub/wake")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(deployment.hub.directory)/wake")
            _ = try await testbed.analyst("desk", deployment.hub, read: ["koh-kong"], duty: ["koh-kong"])
            try await deployment.start()
            func publish(_ more: String) async throws -> String {
                let draft = EscalationTests.urgent.replacing("\"urgency\"", with: "\(more)\"urgency\"")
                let account = try await deployment.post.publish(
                    [draft], ["--format", "json", "--wait", "60s"])
                return try #require(try account.published().first?.id)
            }
            let end = Date().addingTimeInterval(25)
            let soon = end.formatted(.iso8601).replacing("Z", with: "+00:00")
            let standing = try await publish("")
            let cancelled = try await publish("")
            let expired = try await publish("\"expires\": \"\(soon)\", ")
            let exercise = try await publish("\"status\": \"Exercise\", ")
            _ = try await deployment.hub.process?.wait(for: "three escalations") { account in
                account.talk.contains { $0.contains("escalation 3:") } ? () : nil
            }
            _ = try await publish("\"msgType\": \"Cancel\", \"references\": [\"\(cancelled)\"], ")
            // What is waited for is the time itself.
            try await Task.sleep(for: .seconds(max(0, end.timeIntervalSinceNow) + 1))
            let first = try await deployment.hub.run("page")
            try first.expect(0, "page")
            try await deployment.hub.run("page").expect(0, "page again")
            let pages = try String(contentsOfFile: woken, encoding: .utf8)
            #expect(pages == "1 unseen \(standing)\n")
            for id in [cancelled, expired, exercise] { #expect(!pages.contains(id)) }
        }
    }

    @Test("an insider's pages wait for those of the others")
    func insider() async throws {
        let times = """
            [escalation]
            immediate_unseen = "1s"
            run = "wake"
            """
        try await withDeployment(extra: times) { deployment in
            let testbed = deployment.testbed
            let woken = "\(testbed.directory)/woken"
            try testbed.write("#!/bin/sh\necho \"$3\" >> \(woken)\n", to: "hub/wake")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(deployment.hub.directory)/wake")
            _ = try await testbed.analyst("desk", deployment.hub, read: ["all"], duty: ["all"])
            let prey = try await testbed.post("prey-veng", deployment.hub)
            try await deployment.start()
            try await prey.start()
            let many = try await deployment.post.publish(
                Array(repeating: EscalationTests.urgent, count: 20), ["--wait", "60s"])
            try many.expect(0, "publish")
            _ = try await deployment.hub.process?.wait(for: "all of them") { account in
                account.talk.contains { $0.contains("escalation 20:") } ? () : nil
            }
            let other = try await prey.publish(
                [EscalationTests.urgent.replacing("koh-kong", with: "prey-veng")],
                ["--format", "json", "--wait", "60s"])
            let id = try #require(try other.published().first?.id)
            _ = try await deployment.hub.process?.wait(for: "the other's") { account in
                account.talk.contains { $0.contains("escalation 21:") } ? () : nil
            }
            try await deployment.hub.run("page").expect(0, "page")
            let pages = try String(contentsOfFile: woken, encoding: .utf8).split(separator: "\n")
            #expect(pages.count == 21 && pages.prefix(2).contains { $0 == id })
        }
    }

    @Test("statistics of few alerts tell no count")
    func statistics() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(3), ["--wait", "60s"])
            let few = try await deployment.hub.run("statistics")
            #expect(few.status == 0 && few.words.contains("real alerts: under 11"))
            #expect(!few.words.contains(" 3"))
            _ = try await deployment.post.publish(Draft.many(12), ["--wait", "60s"])
            let more = try await deployment.hub.run("statistics", ["--format", "csv"])
            #expect(more.output.contains("total,alerts,15") && more.output.contains("kind,suspect,15"))
        }
    }
}
