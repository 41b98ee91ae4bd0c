import Platform
import Alerts
import Settings
import Testing
import Wire

@testable import AlertFeed

@Suite("A reader's link")
struct FeedLinkTests {
    private let log = SignedLog([1, 2, 1, 3, 1])

    @Test("a link greets as soon as control is up, and gives the backlog page by page, and then what is live")
    func backlogAndLive() {
        var reader = FeedLinkFixture(log)
        #expect(reader.asked.isEmpty)
        reader.up()
        reader.answerAll()
        #expect(reader.beginning?.offset == 0 && reader.beginning?.log == Sample.log)
        #expect(reader.given == [1, 2, 3, 4, 5] && reader.isCaughtUp)
        reader.log.add(on: 2)
        reader.deliver(6)
        #expect(reader.given == [1, 2, 3, 4, 5, 6])
    }

    @Test("nothing is taken from the feed between a hello and its welcome")
    func feedWaits() {
        var reader = FeedLinkFixture.live(log)
        reader.up()
        #expect(!reader.link.takesFeed)
        reader.answer()
        #expect(!reader.link.takesFeed, "it is not believed yet")
        reader.answer()
        #expect(reader.link.takesFeed)
    }

    @Test("a greeting that is refused for its grant ends the link, and says why")
    func refusedGreeting() {
        var reader = FeedLinkFixture(log)
        reader.up()
        reader.refuse(.grant, "this key is not in the registry")
        #expect(reader.failure?.exitStatus == .noPermission)
        #expect(reader.failure?.cause == "the hub refuses: this key is not in the registry")
        reader.up()
        reader.pass(.seconds(60))
        #expect(reader.asked.isEmpty, "it has ended")
    }

    @Test("a hub that is busy, or silent, is asked again, and the reason is told", arguments: [true, false])
    func askedAgain(says: Bool) {
        var reader = FeedLinkFixture(log)
        reader.up()
        if says { reader.refuse(.busy, "too many") } else { reader.asked = [] }
        #expect(reader.told == (says ? ["the hub can't answer now: too many"] : []))
        reader.pass(FeedLink.patience)
        #expect(reader.asked.count == 1 && reader.failure == nil)
        reader.answerAll()
        #expect(reader.given.count == 5)
    }

    @Test(
        "silent posts are asked for each ten seconds where the reader may know them, and told where they are others"
    )
    func silentPosts() throws {
        var reader = FeedLinkFixture(log, watchesSilence: true)
        reader.up()
        reader.answer { reply in
            guard case .welcome(var welcome) = reply else { return reply }
            welcome.may = ["receipts"]
            return .welcome(welcome)
        }
        while reader.questionOfSilence == nil, !reader.asked.isEmpty { reader.answer() }
        func answer(_ posts: [Reply.Silent.Post]) throws -> [SilentPost]? {
            let number = try #require(reader.questionOfSilence)
            reader.asked = []
            reader.happen { link, now in
                link.replied(.silent(Reply.Silent(request: number, posts: posts)), now)
            }
            return reader.link.silence.take()
        }
        let post = Reply.Silent.Post(post: "koh-kong", since: 7)
        #expect(try answer([post]) == [SilentPost(post: "koh-kong", since: 7)])
        #expect(reader.questionOfSilence == nil)
        for expected in [nil, []] as [[SilentPost]?] {
            for _ in 0..<3 {
                reader.pass(.seconds(4))
                reader.beat()
            }
            #expect(try answer(expected == nil ? [post] : []) == expected)
        }
        // The hub says no, and the reading goes on.
        for _ in 0..<3 {
            reader.pass(.seconds(4))
            reader.beat()
        }
        let number = try #require(reader.questionOfSilence)
        reader.asked = []
        reader.happen { link, now in
            link.replied(.refused(Reply.Refused(request: number, code: .grant, reason: "invented")), now)
        }
        #expect(reader.failure == nil)
    }

    @Test(
        "who may not know which posts are silent does not ask", arguments: [nil, [], ["ack"]] as [[String]?])
    func noSilence(may: [String]?) {
        var reader = FeedLinkFixture(log, watchesSilence: true)
        reader.up()
        reader.answer { reply in
            guard case .welcome(var welcome) = reply else { return reply }
            welcome.may = may
            return .welcome(welcome)
        }
        while !reader.asked.isEmpty {
            #expect(reader.questionOfSilence == nil)
            reader.answer()
        }
        #expect(reader.isCaughtUp)
    }

    @Test("a welcome to an earlier hello is ignored")
    func staleWelcome() {
        var reader = FeedLinkFixture(log)
        reader.up()
        reader.pass(FeedLink.patience)
        #expect(reader.asked.count == 2)
        reader.answer()
        #expect(reader.beginning == nil)
        reader.answerAll()
        #expect(reader.given.count == 5)
    }

    @Test("a key that is refused at one address is tried at the next one, and ends the link at the last")
    func secondAddress() {
        var reader = FeedLinkFixture(log)
        reader.happen { link, _ in link.keyRefused(isLast: false) }
        #expect(reader.failure == nil)
        reader.up()
        reader.answerAll()
        #expect(reader.given.count == 5)
        var other = FeedLinkFixture(log)
        other.happen { link, _ in link.keyRefused(isLast: true) }
        #expect(other.failure == .notAuthorised)
    }

    @Test("a gap that a delivery or a heartbeat shows is replayed, once each", arguments: [true, false])
    func gap(beats: Bool) {
        var reader = FeedLinkFixture.live(log)
        for topic: UInt32 in [1, 2, 1] { reader.log.add(on: topic) }
        if beats { reader.beat() } else { reader.deliver(8) }
        #expect(reader.given.count == 5)
        reader.answerAll()
        #expect(reader.given == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(reader.link.stream?.repairs == 1)
    }

    @Test("while nobody takes the alerts no page is asked for, and what the feed brings comes again")
    func flowControl() {
        var reader = FeedLinkFixture(log, follows: false)
        reader.hasRoom = false
        reader.up()
        reader.answerAll()
        #expect(reader.given.isEmpty && reader.asked.isEmpty)
        reader.pass(.seconds(20))
        reader.beat()
        reader.answerAll()
        reader.pass(.seconds(20))
        reader.answerAll()
        #expect(reader.failure == nil, "whoever takes them may take as long as they like")
        reader.hasRoom = true
        reader.pass(.milliseconds(1))
        reader.answerAll()
        #expect(reader.given == [1, 2, 3, 4, 5])
    }

    @Test("a feed that is silent for five seconds has the hub greeted anew, and nothing comes twice")
    func silence() {
        var reader = FeedLinkFixture.live(log)
        reader.log.add(on: 3)
        reader.pass(FeedLink.silence)
        #expect(reader.link.state != .reading)
        reader.answerAll()
        #expect(reader.given == [1, 2, 3, 4, 5, 6])
    }

    @Test("a link that is lost comes back where the stream was, and both is told")
    func lostLink() {
        var reader = FeedLinkFixture.live(log)
        reader.happen { link, _ in link.controlDown() }
        reader.happen { link, _ in link.controlDown() }
        reader.log.add(on: 1)
        reader.up()
        reader.answerAll()
        #expect(reader.given == [1, 2, 3, 4, 5, 6])
        #expect(
            reader.told == ["the link to the hub is lost; trying again", "the link to the hub is back"])
    }

    @Test("a moment is located first, and the stream begins after it")
    func moment() {
        let reader = FeedLinkFixture.live(log, start: .ago(.seconds(60)))
        #expect(reader.beginning?.offset == 2)
        #expect(reader.given == [3, 4, 5])
    }

    @Test("a reader that doesn't follow gives up after 10 s without the hub, and one that follows never does")
    func unreachable() {
        var (once, follower) = (FeedLinkFixture(log, follows: false), FeedLinkFixture(log))
        once.pass(FeedLink.reach - .seconds(1))
        #expect(!once.hasGivenUp)
        once.pass(.seconds(1))
        #expect(once.hasGivenUp)
        follower.pass(.seconds(10_000))
        #expect(!follower.hasGivenUp && follower.failure == nil)
    }

    @Test("it gives up too when no answer comes for 30 s, with the hub's reason")
    func standstill() {
        var reader = FeedLinkFixture(log, follows: false)
        reader.up()
        reader.answer()
        for _ in 0..<6 where reader.failure == nil {
            while !reader.asked.isEmpty { reader.refuse(.unavailable, "no log") }
            reader.beat()
            reader.pass(FeedLink.patience)
        }
        #expect(reader.failure?.cause.hasPrefix("no answer for 30 s; the hub says: no log") == true)
        #expect(reader.failure?.exitStatus == .unavailable)
    }
}
