import Platform
import Alerts
import Settings
import Testing
import Wire

@testable import AlertFeed

@Suite("A reader's link to a hub that may not be what it was")
struct FeedLinkProofTests {
    private let log = SignedLog([1, 2, 1, 3, 1])

    @Test("a hub that has signed a checkpoint must show it again before anything else is believed")
    func confirmed() throws {
        var reader = FeedLinkFixture(log, start: .after(4, log: Sample.log), kept: [log.checkpoint(at: 3)])
        reader.up()
        reader.answer()
        #expect(reader.questions == [3])
        #expect(reader.beginning == nil && !reader.link.takesFeed)
        reader.answerAll()
        #expect(reader.beginning?.offset == 4, "nothing before it is given out")
        #expect(reader.given == [5])
    }

    @Test("one that shows another log there is refused, and named a fork")
    func forked() {
        var reader = FeedLinkFixture(log, kept: [log.checkpoint(at: 3)])
        reader.log.salt = 7
        reader.up()
        reader.answerAll()
        #expect(reader.failure?.operation == .verify && reader.failure?.exitStatus == .dataError)
        #expect(reader.failure?.cause.hasPrefix("the hub's log has forked: at offset 3") == true)
        #expect(reader.failure?.remedy.contains("keep /kept") == true)
        #expect(reader.given.isEmpty)
    }

    @Test("one that answers for another offset is refused")
    func otherOffset() {
        var reader = FeedLinkFixture(log, kept: [log.checkpoint(at: 3)])
        reader.up()
        reader.answer()
        let other = log.checkpoint(at: 2)
        reader.answer { reply in
            guard case .checkpoint(var body) = reply else { return reply }
            body.checkpoint = other
            return .checkpoint(body)
        }
        #expect(reader.failure?.cause.contains("another log or offset") == true)
    }

    @Test(
        "a hub whose log ends before what it had signed, or given, has lost alerts", arguments: [true, false])
    func forgot(keeps: Bool) {
        let short = SignedLog([1, 2])
        var reader = FeedLinkFixture(log, kept: keeps ? [log.checkpoint(at: 5)] : [])
        if keeps {
            reader.asked = [.hello(Request.Hello(request: 1, program: "test"))]
        } else {
            reader = .live(log)
        }
        reader.up()
        guard case .hello(let hello)? = reader.asked.last,
            case .welcome(var welcome) = short.welcome(hello.request)
        else {
            Issue.record("it did not greet")
            return
        }
        welcome.checkpoint = nil
        reader.happen { $0.replied(.welcome(welcome), $1) }
        #expect(reader.failure?.exitStatus == .dataError)
        #expect(reader.failure?.cause.hasSuffix("are gone") == true, "\(String(describing: reader.failure))")
    }

    @Test("a page that comes while the hub is doubted does not make it look as if it had lost alerts")
    func pageWhileDoubted() {
        var reader = FeedLinkFixture.live(log)
        reader.log.add(on: 1)
        reader.beat()
        reader.up()
        guard case .replay(let replay)? = reader.asked.first else {
            Issue.record("no page is asked for")
            return
        }
        reader.asked.removeFirst()
        reader.answer()
        #expect(!reader.link.takesFeed, "the welcome of offset 6 is not believed yet")
        reader.log.add(on: 2)
        guard let page = reader.log.answer(.replay(replay)) else { return }
        reader.happen { $0.replied(page, $1) }
        reader.answerAll()
        #expect(reader.failure == nil)
        #expect(reader.given == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test("the hub vouches for what was read every ten seconds, and each of its words is kept")
    func vouching() {
        var reader = FeedLinkFixture.live(log)
        #expect(reader.kept.map(\.checkpoint.offset) == [3], "at once, of the first page")
        reader.log.add(on: 1)
        reader.deliver(6)
        reader.pass(.seconds(4))
        reader.beat()
        reader.pass(.seconds(4))
        reader.beat()
        #expect(reader.questions.isEmpty)
        reader.pass(.seconds(2))
        #expect(reader.questions == [6])
        reader.answerAll()
        #expect(reader.kept.map(\.checkpoint.offset) == [6])
        #expect(!reader.link.owesVouching)
    }

    @Test("at the end it vouches for the rest")
    func vouchingAtEnd() {
        var reader = FeedLinkFixture.live(log)
        reader.log.add(on: 1)
        reader.deliver(6)
        #expect(reader.link.owesVouching && reader.questions.isEmpty)
        reader.happen { $0.vouchAtEnd($1) }
        #expect(reader.questions == [6])
        reader.answerAll()
        #expect(reader.kept.map(\.checkpoint.offset) == [6] && !reader.link.owesVouching)
        reader.happen { $0.vouchAtEnd($1) }
        #expect(reader.questions.isEmpty)
    }

    @Test("a hub that has signed something else than it has shown is refused")
    func otherThanShown() {
        var reader = FeedLinkFixture.live(log)
        reader.log.add(on: 1)
        reader.deliver(6)
        reader.happen { $0.vouchAtEnd($1) }
        // It says now that the alert was on another topic.
        var other = log
        other.add(on: 2)
        guard let question = reader.asked.first, let answer = other.answer(question)
        else {
            Issue.record("nothing is asked")
            return
        }
        reader.happen { $0.replied(answer, $1) }
        #expect(reader.failure?.cause == "what was read up to offset 6 is not what the hub has signed for it")
    }
}
