import Testing
import Wire

@testable import AlertPost

@Suite("What the hub had stored")
struct StoredCheckTests {
    private static func questions(_ actions: [PostLink.Action]) -> [Request.Outcomes] {
        actions.compactMap { if case .ask(.outcomes(let body)) = $0 { body } else { nil } }
    }

    @Test("it is asked for after a welcome and then every hour, and once only")
    func times() {
        var post = LinkFixture(last: 5)
        _ = post.rise(through: 5)
        #expect(post.link.tick(post.now).contains(.findStored(through: 5)))
        post.now += PostLink.sign
        #expect(!post.link.tick(post.now).contains(.findStored(through: 5)))
        post.now += StoredCheck.again
        #expect(post.link.tick(post.now).contains(.findStored(through: 5)))
        #expect(post.link.altered == nil)
    }

    @Test("it waits until what became of open alerts is known")
    func settling() {
        var post = LinkFixture(waiting: 4...5)
        _ = post.rise(through: 5)
        #expect(!post.link.tick(post.now).contains(.findStored(through: 5)))
        post.summary = LinkFixture.summary(waiting: nil, last: 5)
        _ = post.link.resolved(post.summary, post.now)
        post.now += PostLink.sign
        #expect(post.link.tick(post.now).contains(.findStored(through: 5)))
    }

    @Test(
        "the newest thousand are asked about, and a stretch of the others",
        arguments: [0, 1_499, 77] as [UInt64])
    func stretches(pick: UInt64) {
        var post = LinkFixture(last: 2_500)
        let questions = StoredCheckTests.questions(post.link.found(stored: 1...2_500, pick: pick))
        #expect(questions.map(\.from) == [1_501, 1 + pick])
        #expect(questions.map(\.through) == [2_500, min(1_000 + pick, 1_500)])
        let few = StoredCheckTests.questions(post.link.found(stored: 3...9, pick: pick))
        #expect(few.map(\.from) == [3] && few.map(\.through) == [9])
        #expect(post.link.found(stored: nil, pick: pick).isEmpty)
        #expect(post.link.altered == 0)
    }

    @Test("its answer is compared and not noted, and a difference is told until it is gone")
    func differences() throws {
        var post = LinkFixture(last: 5)
        _ = post.rise(through: 5)
        let question = try #require(
            StoredCheckTests.questions(post.link.found(stored: 2...5, pick: 1)).first)
        let answer = Reply.Acknowledged(
            request: question.request, epoch: HexNumber(LinkFixture.epoch), through: 5, stored: [[2, 7, 4]])
        let told = (2...5).map { Outbox.Answer.stored(sequence: $0, offset: $0 + 5) }
        #expect(post.reply(.acknowledged(answer)) == [.compareStored(2...5, told, [])])
        // The same once more was not asked for.
        #expect(post.reply(.acknowledged(answer)).contains(.resolve(told, [])))
        guard case .warn(.logAltered, let words)? = post.link.compared(2...5, altered: [3, 4]).first
        else {
            Issue.record("nothing is told")
            return
        }
        #expect(words.contains("2 alerts") && words.contains("sequence 3"))
        #expect(post.link.altered == 2)
        #expect(post.link.compared(4...5, altered: []).isEmpty)
        #expect(post.link.altered == 1)
    }
}
