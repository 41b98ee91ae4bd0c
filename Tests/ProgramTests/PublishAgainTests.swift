import Foundation
import ProcessHarness
import Testing

@Suite("Publishing again")
struct PublishAgainTests {
    /// An id of the present, as a program makes one before it publishes.
    private static func newID(_ number: Int) -> String {
        let time = String(UInt64(Date().timeIntervalSince1970 * 1_000), radix: 16)
        let digits = String(repeating: "0", count: 12 - time.count) + time
        return "\(digits.prefix(8))-\(digits.suffix(4))-7abc-8def-00000000000\(number)"
    }

    private static func draft(_ id: String, _ headline: String) -> String {
        Draft.suspect(headline, more: ", \"id\": \"\(id)\"")
    }

    @Test("the same draft with its id again gets the answer that it has, and is stored once")
    func again() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let draft = Self.draft(Self.newID(1), "Van at the pier")
            let options = ["--wait", "100s", "--format", "json"]
            let first = try await deployment.post.publish([draft], options)
            let second = try await deployment.post.publish([draft, Draft.suspect("Another"), draft], options)
            #expect(second.status == 0)
            let answer = try #require(try first.published().first)
            let answers = try second.published()
            #expect(answers.map(\.state) == ["stored", "stored", "stored"])
            #expect(answers.map(\.offset).sorted { ($0 ?? 0) < ($1 ?? 0) } == [1, 1, 2])
            #expect(answers.filter { $0.offset == 1 }.allSatisfy { $0.id == answer.id && $0.sequence == 1 })
            #expect(try await deployment.log().count == 2)
            let plain = try await deployment.post.publish([draft])
            #expect(plain.output.map { $0.prefix(7) } == ["stored "])
        }
    }

    @Test("twice in one file, and before any daemon runs, it is queued once")
    func onceQueued() async throws {
        try await withDeployment { deployment in
            let draft = Self.draft(Self.newID(1), "Van at the pier")
            let account = try await deployment.post.publish([draft, draft], ["--format", "json"])
            #expect(account.status == 0)
            #expect(try account.published().map(\.sequence) == [1, 1])
            let again = try await deployment.post.publish([draft], ["--format", "json"])
            #expect(try again.published().map(\.state) == ["queued"])
            #expect(try again.published().map(\.sequence) == [1])
        }
    }

    @Test("another content under an id that the outbox has is refused, and the others go")
    func otherContent() async throws {
        try await withDeployment { deployment in
            let id = Self.newID(1)
            let drafts = [
                Self.draft(id, "Van at the pier"), Self.draft(id, "Boat at the pier"), Draft.suspect("Next"),
            ]
            let account = try await deployment.post.publish(drafts)
            #expect(account.status == 65)
            #expect(account.output.count == 2)
            #expect(account.words.contains("id: another draft has it, with another content"))
            let later = try await deployment.post.publish([drafts[1]])
            #expect(later.status == 65)
            #expect(later.words.contains("id: the outbox has it with another content, sequence 1"))
            #expect(!later.words.contains("pier"))
        }
    }
}
