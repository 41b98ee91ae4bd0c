import Alerts
import Testing
import Wire

@testable import AlertPost

@Suite("A post's link")
struct LinkTests {
    @Test("a link greets with its epoch and last sequence as soon as control is up")
    func greets() throws {
        var post = LinkFixture(waiting: 3...7)
        let hello = try #require(LinkFixture.hello(post.link.controlUp(post.now)))
        #expect(hello.epoch == HexNumber(LinkFixture.epoch))
        #expect(hello.last == 7)
        #expect(post.link.word == "greeting")
    }

    @Test("nothing is sent before both the welcome and the hub's subscription are there")
    func waitsForIngest() throws {
        var post = LinkFixture(waiting: 1...3)
        let hello = try #require(LinkFixture.hello(post.link.controlUp(post.now)))
        let actions = post.reply(post.welcome(hello.request, through: 0))
        #expect(actions.contains(.connectIngest(port: 5561)))
        #expect(LinkFixture.fetch(actions) == nil)
        #expect(post.link.word == "welcomed")
        let again = try #require(LinkFixture.hello(post.link.ingestChanged(isUp: true, post.now)))
        #expect(LinkFixture.fetch(post.reply(post.welcome(again.request, through: 0)))?.after == 0)
        #expect(post.link.word == "up")
    }

    @Test("a welcome to an earlier hello is ignored")
    func staleWelcome() throws {
        var post = LinkFixture(waiting: 1...3)
        let first = try #require(LinkFixture.hello(post.link.controlUp(post.now)))
        _ = post.link.controlUp(post.now)
        #expect(post.reply(post.welcome(first.request, through: 2)).isEmpty)
        #expect(post.link.word == "greeting")
    }

    @Test("never more than the window is in flight, and an acknowledgement makes room")
    func window() throws {
        var post = LinkFixture(waiting: 1...1_000)
        let asked = try #require(LinkFixture.fetch(post.rise()))
        #expect(asked == (0, WireLimits.window))
        #expect(post.send(1...256).count == 256)
        #expect(LinkFixture.fetch(post.link.tick(post.now)) == nil)
        let next = try #require(
            LinkFixture.fetch(post.acknowledge(through: 10, stored: [[1, 1, 10]])))
        #expect(next == (256, 10))
        #expect(post.link.inFlight == 246)
    }

    @Test("a resume sends again from where the hub says")
    func resume() throws {
        var post = LinkFixture(waiting: 1...20)
        _ = post.rise()
        _ = post.send(1...20)
        let epoch = HexNumber(LinkFixture.epoch)
        let actions = post.reply(.resume(Reply.Resume(epoch: epoch, from: 5)))
        #expect(LinkFixture.fetch(actions)?.after == 4)
        #expect(post.send(5...20) == Array(5...20))
        #expect(
            post.reply(.resume(Reply.Resume(epoch: HexNumber(8), from: 1))).isEmpty, "of another epoch")
    }

    @Test("a resume with a wait is followed when the wait is over, and the loop is told when that is")
    func resumeLater() throws {
        var post = LinkFixture(waiting: 1...20)
        _ = post.rise()
        _ = post.send(1...20)
        let resume = Reply.Resume(epoch: HexNumber(LinkFixture.epoch), from: 1, wait: 1_000)
        #expect(LinkFixture.fetch(post.reply(.resume(resume))) == nil)
        _ = post.link.tick(post.now)
        #expect(post.link.nextTick == post.now + .seconds(1))
        post.now = post.link.nextTick
        #expect(LinkFixture.fetch(post.link.tick(post.now))?.after == 0)
    }

    @Test("a pause that ends while ingest is down does not make the loop spin")
    func pauseWithoutIngest() {
        var post = LinkFixture(waiting: 1...20)
        _ = post.rise()
        _ = post.send(1...20)
        let resume = Reply.Resume(epoch: HexNumber(LinkFixture.epoch), from: 1, wait: 1_000)
        _ = post.reply(.resume(resume))
        _ = post.link.ingestChanged(isUp: false, post.now)
        post.now += .seconds(2)
        _ = post.link.tick(post.now)
        #expect(post.link.nextTick > post.now)
    }

    @Test("a hostile wait, sequence or run never traps", arguments: [UInt64.max, WireLimits.number, 0])
    func hostile(number: UInt64) throws {
        var post = LinkFixture(waiting: 1...20)
        _ = post.rise()
        _ = post.send(1...20)
        let epoch = HexNumber(LinkFixture.epoch)
        for wait in [Int.max, Int.min, 0] {
            _ = post.reply(.resume(Reply.Resume(epoch: epoch, from: number, wait: wait)))
            _ = post.link.tick(post.now)
        }
        _ = post.acknowledge(through: number, stored: [[number, number, number], [1, number, 5]])
        _ = post.link.resolved(LinkFixture.summary(waiting: 2...20), post.now)
        let hello = try #require(LinkFixture.hello(post.link.controlUp(post.now)))
        _ = post.reply(post.welcome(hello.request, through: number))
        #expect(post.link.nextTick > .zero)
    }

    @Test("a run of acknowledgements becomes one answer for each sequence")
    func answers() {
        var post = LinkFixture(waiting: 1...5)
        _ = post.rise()
        _ = post.send(1...5)
        let refused = Reply.RefusedSequence(sequence: 3, code: .schema, reason: "kind: missing")
        let actions = post.reply(
            .acknowledged(
                Reply.Acknowledged(
                    epoch: HexNumber(LinkFixture.epoch), through: 4, stored: [[1, 40, 2], [4, 42, 1]],
                    refused: [refused])))
        #expect(
            actions.first
                == .resolve(
                    [
                        .stored(sequence: 1, offset: 40), .stored(sequence: 2, offset: 41),
                        .stored(sequence: 4, offset: 42),
                        .rejected(sequence: 3, code: "schema", reason: "kind: missing"),
                    ], []))
    }

    @Test("an acknowledgement of another epoch changes nothing")
    func foreignEpoch() {
        var post = LinkFixture(waiting: 1...5)
        _ = post.rise()
        _ = post.send(1...5)
        let other = Reply.Acknowledged(epoch: HexNumber(1), through: 5, stored: [[1, 1, 5]])
        #expect(post.reply(.acknowledged(other)).isEmpty)
        #expect(post.link.inFlight == 5)
    }

    @Test(
        "a hub that speaks another version of the protocol is told once, and stands in the status until it welcomes"
    )
    func otherVersion() {
        var fixture = LinkFixture(waiting: 1...3)
        let hello = LinkFixture.hello(fixture.link.controlUp(fixture.now))
        let older = Malformed("header: protocol version 1", code: .version, version: 1)
        let line = fixture.account.ignored(older)
        #expect(line?.words.contains("the hub has to be upgraded") == true && line?.reason == "version")
        #expect(fixture.account.ignored(older) == nil)
        _ = fixture.account.note(fixture.link, nil, at: 1)
        #expect(fixture.account.link == "greeting")
        #expect(
            fixture.account.reason?.hasPrefix("the hub speaks an older version of the protocol, 1,") == true)
        let newer = Malformed("header: protocol version 3", code: .version, version: 3)
        #expect(fixture.account.ignored(newer)?.words.contains("this program has to be upgraded") == true)
        #expect(fixture.account.ignored(Malformed("no JSON"))?.reason == nil)
        _ = fixture.reply(fixture.welcome(hello?.request ?? 0, through: 0))
        _ = fixture.account.note(fixture.link, nil, at: 2)
        #expect(fixture.account.reason?.contains("version") != true)
        // It is told again where the hub goes back to it.
        #expect(fixture.account.ignored(older) != nil)
    }

    @Test("the last welcome says whether anything is to be waited for of possible matches")
    func related() {
        var fixture = LinkFixture()
        _ = fixture.rise()
        #expect(!fixture.link.tellsRelated, "a hub of before says nothing")
        let hello = LinkFixture.hello(fixture.link.controlUp(fixture.now))
        guard case .welcome(var welcome) = fixture.welcome(hello?.request ?? 0, through: 0) else { return }
        welcome.related = true
        _ = fixture.reply(.welcome(welcome))
        #expect(fixture.link.tellsRelated)
    }
}
