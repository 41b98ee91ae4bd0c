import Foundation
import ProcessHarness
import Testing
import Wire

@Suite("The operator's word, on real programs")
struct NoticeTests {
    private func publish(_ deployment: Deployment, _ drafts: [String]) async throws -> [String] {
        let account = try await deployment.post.publish(drafts, ["--format", "json", "--wait", "100s"])
        try account.expect(0, "publish")
        return try account.published().compactMap(\.id)
    }

    private func verify(_ deployment: Deployment) async throws {
        let hub = try await deployment.hub.run("verify")
        #expect(hub.status == 0, "\(hub.words)")
        let reader = try await deployment.national.run("verify")
        #expect(reader.status == 0, "\(reader.words)")
    }

    @Test(
        "withdraw: every reader sees it beside the alert, live and later, and both verifiers find the log sound"
    )
    func withdraw() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let ids = try await publish(
                deployment, [Draft.movement("Grey van at the pier"), Draft.suspect("Another")])
            let live = try await deployment.national.tail(["--since", "0"])
            let done = try await deployment.hub.run("withdraw", [ids[0], "--reason", "Sent by mistake"])
            try done.expect(0, "withdraw")
            #expect(done.words.contains("the notice is at offset 3"), "\(done.words)")
            try await live.wait(for: "the notice") {
                $0.output.contains { $0.contains("WITHDRAWN by the hub's operator") } ? () : nil
            }
            try await live.stop()
            let shown = try await deployment.national.run("show", [ids[0]])
            #expect(shown.words.contains("WITHDRAWN by the hub's operator"), "\(shown.words)")
            #expect(shown.words.contains("Sent by mistake"))
            #expect(!shown.words.contains("without effect"), "\(shown.words)")
            let other = try await deployment.national.run("show", [ids[1]])
            #expect(!other.words.contains("WITHDRAWN"))
            let found = try await deployment.national.run("search", ["van"])
            #expect(found.words.contains("WITHDRAWN by the hub's operator"), "\(found.words)")
            let json = try await deployment.national.run("show", [ids[0], "--format", "json"])
            #expect(json.words.contains("\"notice\":\"Withdrawal\""))
            try await deployment.hub.process?.wait(for: "the event") {
                $0.talk.contains { $0.contains("the operator withdrew 1 alerts") } ? () : nil
            }
            try await verify(deployment)
            let unknown = try await deployment.hub.run(
                "withdraw", ["01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d", "--reason", "Nobody's"])
            #expect(unknown.status == 65)
            #expect(unknown.words.contains("the hub has no alert of this id"), "\(unknown.words)")
            let number = try await deployment.hub.run("withdraw", [ids[1], "--reason", "Call 012 345 678"])
            #expect(number.status == 65, "\(number.words)")
            let none = try await deployment.hub.run("withdraw", ["nothing", "--reason", "Nobody's"])
            #expect(none.status == 64)
            // A restart goes on in the hub's own epoch.
            try await deployment.hub.stop()
            let away = try await deployment.hub.run("withdraw", [ids[1], "--reason", "Sent by mistake"])
            #expect(away.status == 75, "\(away.words)")
            #expect(away.words.contains("no hub runs"), "\(away.words)")
            try await deployment.hub.start()
            try await deployment.hub.run("withdraw", [ids[1], "--reason", "ផ្ញើដោយច្រឡំ"]).expect(0, "again")
            let khmer = try await deployment.national.run("show", [ids[1]])
            #expect(khmer.words.contains("ផ្ញើដោយច្រឡំ"), "\(khmer.words)")
            try await verify(deployment)
        }
    }

    @Test(
        "erase: the content is gone from the log's files, the notice says why, and both verifiers find the log sound"
    )
    func erase() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let ids = try await publish(
                deployment, [Draft.movement("Grey van at the pier"), Draft.movement("Another pier")])
            let done = try await deployment.hub.run("erase", [ids[0], "--reason", "Order of the court"])
            #expect(done.status == 0 || done.status == 75, "\(done.words)")
            #expect(done.words.contains("erased the content of \(ids[0])"), "\(done.words)")
            let shown = try await deployment.national.run("show", [ids[0]])
            #expect(shown.words.contains("CONTENT ERASED by the hub's operator"), "\(shown.words)")
            #expect(shown.words.contains("Order of the court"))
            #expect(shown.words.contains("content erased"))
            #expect(!shown.words.contains("Grey van"))
            #expect(try await deployment.national.run("show", [ids[1]]).words.contains("Another pier"))
            try await verify(deployment)
            let again = try await deployment.hub.run("erase", [ids[0], "--reason", "Order of the court"])
            #expect(again.words.contains("was erased before"), "\(again.words)")
            try await deployment.hub.stop()
            let words = try await deployment.testbed.shell(
                "grep -rl 'Grey van' \(deployment.hub.directory) || true")
            #expect(words.output.isEmpty, "\(words.words)")
            #expect(try await deployment.hub.run("verify").status == 0)
        }
    }

    @Test("an early erasure without a notice is found by both verifiers")
    func unexplained() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let ids = try await publish(deployment, [Draft.movement("Grey van at the pier")])
            _ = try await deployment.hub.run("erase", [ids[0], "--reason", "Order of the court"])
            try await verify(deployment)
            // Another alert's content goes the same way, and no notice refers to it.
            _ = try await publish(deployment, [Draft.movement("Another pier")])
            try await deployment.hub.stop()
            try await deployment.testbed.shell(
                """
                D=\(deployment.hub.database)
                H=$(sqlite3 $D "SELECT hex(payload) FROM alerts WHERE offset = 3" | xxd -r -p | b2sum -l 256 | cut -c1-64)
                sqlite3 $D "UPDATE alerts SET erased = x'$H', payload = zeroblob(0) WHERE offset = 3"
                """
            ).expect(0, "tamper")
            try await deployment.hub.start()
            for account in [
                try await deployment.hub.run("verify"), try await deployment.national.run("verify"),
            ] {
                #expect(account.status == 65, "\(account.words)")
                #expect(
                    account.words.contains("offset 3: its content was erased before its time"),
                    "\(account.words)")
                #expect(!account.words.contains("offset 1"), "\(account.words)")
            }
        }
    }

    @Test(
        "revoke --compromised-since: what came since is withdrawn, what came before stands; it can be given again"
    )
    func compromised() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let before = try await publish(deployment, [Draft.movement("Before the theft")])
            let received = try #require(try await deployment.log().last?.received)
            let theft = try #require(ISO8601DateFormatter().date(from: received)).addingTimeInterval(1)
            // Times on the command line have whole seconds.
            while Date() < theft { try await Task.sleep(for: .milliseconds(20)) }
            let drafts = (1...40).map { Draft.suspect("Van number \($0) waits") }
            let after = try await publish(deployment, drafts + [Draft.movement("After the theft")])
            #expect(after.count == 41)
            let since = ISO8601DateFormatter().string(from: theft)
            let done = try await deployment.hub.run("revoke", ["koh-kong", "--compromised-since", since])
            try done.expect(0, "revoke")
            #expect(done.words.contains("withdrew 41 alerts of koh-kong"), "\(done.words)")
            #expect(try await deployment.national.run("show", [after[0]]).words.contains("WITHDRAWN"))
            #expect(try await deployment.national.run("show", [after[40]]).words.contains("WITHDRAWN"))
            #expect(!(try await deployment.national.run("show", [before[0]]).words.contains("WITHDRAWN")))
            // 2 for the 40 suspects, 1 for the movement.
            #expect(try await deployment.hub.status().offset == 45)
            let again = try await deployment.hub.run("revoke", ["koh-kong", "--compromised-since", since])
            try again.expect(0, "again")
            #expect(again.words.contains("nothing of koh-kong to withdraw"), "\(again.words)")
            let typo = try await deployment.hub.run("revoke", ["koh-kogn", "--compromised-since", since])
            #expect(typo.status == 65, "\(typo.words)")
            try await verify(deployment)
        }
    }

    @Test("no identity gets the hub's own name")
    func own() async throws {
        try await withDeployment { deployment in
            let other = deployment.testbed.directory + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
            try deployment.testbed.makeKeys("hub", in: other)
            let account = try await deployment.hub.run("enroll", ["\(other)/hub.pub", "--publish", "all"])
            #expect(account.status == 65, "\(account.words)")
            #expect(account.words.contains("hub is the hub's own name"), "\(account.words)")
        }
    }
}
