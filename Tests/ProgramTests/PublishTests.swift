import AlertPost
import Foundation
import Platform
import ProcessHarness
import Settings
import Testing
import Wire

@Suite("Publishing")
struct PublishTests {
    @Test("what is queued while the hub is away is stored once it is there")
    func hubAway() async throws {
        try await withDeployment { deployment in
            try await deployment.post.start()
            let publishing = try await deployment.post.publishing(["--wait", "100s", "--format", "json"])
            for draft in Draft.many(3) { publishing.write(line: draft) }
            publishing.closeInput()
            try await deployment.hub.start()
            let account = try await publishing.ended()
            #expect(account.status == 0)
            #expect(try account.published().map(\.state) == ["stored", "stored", "stored"])
            #expect(try account.published().map(\.offset) == [1, 2, 3])
        }
    }

    @Test("what is queued while no daemon runs is sent once one does, and publish says so")
    func noDaemon() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            let account = try await deployment.post.publish(Draft.many(2))
            #expect(account.status == 0)
            #expect(account.output.count == 2)
            #expect(account.output.allSatisfy { $0.hasPrefix("queued ") })
            #expect(account.words.contains("daemon is not running"))
            try await deployment.post.start()
            let tail = try await deployment.national.tail([
                "--since", "0", "--count", "2", "--format", "json",
            ])
            #expect(try await tail.ended().output.map { try TailLine(line: $0).sequence } == [1, 2])
        }
    }

    @Test("what was queued without a word to the daemon is sent all the same")
    func unsaid() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            // As a publish that is killed right after its transaction, or whose word was lost.
            let publisher = try Publisher(decodeTOML(PostSettings.self, file: deployment.post.settings))
            _ = try publisher.queue(Draft.many(3).map { Array($0.utf8) })
            publisher.close()
            let tail = try await deployment.national.tail(["--since", "0", "--count", "3"])
            #expect(try await tail.ended().status == 0)
        }
    }

    @Test("several processes that publish at once share one outbox without a hole or a double")
    func atOnce() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let accounts = try await withThrowingTaskGroup(of: Account.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await deployment.post.publish(
                            Draft.many(50), ["--wait", "100s", "--format", "json"])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(accounts.map(\.status) == [0, 0, 0, 0])
            let lines = try accounts.flatMap { try $0.published() }
            #expect(lines.compactMap(\.sequence).sorted() == Array(1...200))
            #expect(lines.compactMap(\.offset).sorted() == Array(1...200))
            #expect(try await deployment.log().map(\.sequence) == Array(1...200))
        }
    }

    @Test("a wait that runs out ends with 75, says what stands in the way, and loses nothing")
    func waitRunsOut() async throws {
        try await withDeployment { deployment in
            try await deployment.post.start()
            let account = try await deployment.post.publish(
                Draft.many(2), ["--wait", "300ms", "--format", "json"])
            #expect(account.status == 75)
            #expect(try account.published().map(\.state) == ["queued", "queued"])
            #expect(account.talk.contains { $0.contains("What is queued stays queued") })
            #expect(try await deployment.post.status().depth == 2)
        }
    }

    @Test("an invalid alert in the middle is named with its line, and the others go")
    func invalidInTheMiddle() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let drafts = [Draft.suspect("One"), #"{"kind": "suspect"}"#, Draft.suspect("Three")]
            let account = try await deployment.post.publish(drafts, ["--wait", "100s"])
            #expect(account.status == 65)
            #expect(account.output.count { $0.hasPrefix("stored ") } == 2)
            #expect(account.talk.contains { $0.contains("line 2 is not queued") })
            #expect(account.talk.contains { $0.contains("headline: missing") })
            #expect(try await deployment.log().compactMap(\.alert.headline.en) == ["One", "Three"])
        }
    }

    @Test("with --format json an invalid alert is a line too, with its number and reason")
    func invalidAsJSON() async throws {
        try await withDeployment { deployment in
            let account = try await deployment.post.publish(
                ["", "no JSON", Draft.suspect("Three")], ["--format", "json"])
            let lines = try account.published()
            #expect(account.status == 65)
            #expect(lines.map(\.state).sorted() == ["queued", "rejected"])
            #expect(lines.first { $0.state == "rejected" }?.line == 2)
            #expect(lines.first { $0.state == "rejected" }?.reason?.isEmpty == false)
        }
    }

    @Test("an empty file is said to hold no alert")
    func emptyFile() async throws {
        try await withDeployment { deployment in
            let file = try deployment.testbed.write("", to: "empty.jsonl")
            let account = try await deployment.post.run(["publish", "--file", file])
            #expect(account.status == 0)
            #expect(account.talk == ["borderwire-post: \(file) holds no alert"])
        }
    }

    @Test("a file that is not there is named, and the status is 66")
    func noFile() async throws {
        try await withDeployment { deployment in
            let account = try await deployment.post.run(["publish", "--file", "/nowhere/day.jsonl"])
            #expect(account.status == 66)
            #expect(account.words.contains("/nowhere/day.jsonl"))
        }
    }

    @Test("bytes that are not UTF-8 are refused as such, and the next line goes")
    func notUTF8() async throws {
        try await withDeployment { deployment in
            var bytes = Array(Draft.suspect("Caf\u{E9} by the pier").utf8)
            let at = try #require(bytes.firstIndex(of: 0xC3))
            bytes.remove(at: at + 1)
            let input = bytes + [0x0A] + Array(Draft.suspect("Two").utf8) + [0x0A]
            let account = try await deployment.testbed.run(
                .post, ["publish", "--file", "-", "--config", deployment.post.settings], input: input)
            #expect(account.status == 65)
            #expect(account.words.contains("UTF-8"))
            #expect(account.output.count == 1)
        }
    }

    @Test(
        "an alert of 65 KiB is refused by its size, and the next line goes", arguments: [65 << 10, 1 << 20])
    func tooLarge(size: Int) async throws {
        try await withDeployment { deployment in
            let large = Draft.suspect(String(repeating: "x", count: size))
            let account = try await deployment.post.publish([large, Draft.suspect("Two")])
            #expect(account.status == 65)
            #expect(account.words.contains("line 1 is not queued"))
            #expect(account.words.contains("64 KiB") || account.words.contains("65536"), "\(account.words)")
            #expect(account.output.count == 1)
        }
    }

    @Test("a draft that names no province is about the post's own")
    func ownProvince() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let draft = Draft.suspect("Ours").replacingOccurrences(
                of: #""provinces": ["koh-kong"], "#, with: "")
            let account = try await deployment.post.publish([draft], ["--wait", "100s"])
            #expect(account.status == 0, "\(account)")
            #expect(try await deployment.log().map(\.topic) == ["kh.koh-kong.suspect."])
        }
    }

    @Test("options describe an alert as a file does")
    func options() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let account = try await deployment.post.run([
                "publish", "suspect", "--role", "transporter", "--headline", "ឡានពណ៌ប្រផេះ", "--severity",
                "Severe", "--age", "30-40", "--wait", "100s",
            ])
            #expect(account.status == 0, "\(account)")
            #expect(try await deployment.log().map(\.alert.headline.km) == ["ឡានពណ៌ប្រផេះ"])
        }
    }

    @Test("a post's alert for another's province is rejected with the reason, and the next one passes")
    func foreignProvince() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let drafts = [Draft.suspect("Theirs", provinces: ["prey-veng"]), Draft.suspect("Ours")]
            let account = try await deployment.post.publish(drafts, ["--wait", "100s", "--format", "json"])
            let lines = try account.published()
            #expect(account.status == 65)
            #expect(lines.map(\.state) == ["rejected", "stored"])
            #expect(lines[0].reason?.hasPrefix("grant: ") == true, "\(account)")
            #expect(lines[0].reason?.contains("prey-veng") == true, "\(account)")
            #expect(try await deployment.log().compactMap(\.alert.headline.en) == ["Ours"])
            #expect(try await deployment.hub.status().refusals.map(\.code) == ["grant"])
            #expect(try await deployment.post.status().rejected == 1)
        }
    }
}
