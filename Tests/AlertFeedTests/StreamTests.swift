import Alerts
import Testing
import Wire

@testable import AlertFeed

@Suite("An exact stream")
struct StreamTests {
    @Test(
        "backlog and live merge: pages in order, then what came meanwhile, each once",
        arguments: [false, true])
    func merge(isAhead: Bool) throws {
        var reader = StreamFixture()
        reader.isAhead = isAhead
        reader.take(Sample.delivery(3, on: 1, 2, before: [1, 1]))
        reader.welcome(offset: 2, [1, 1])
        #expect(reader.asked?.after == 0)
        reader.take(Sample.delivery(3, on: 1, 2, before: [1, 1]))
        reader.page(through: 1, head: 2, [Sample.record(1, [(1, 1)])], [1])
        #expect(reader.asked?.after == 1)
        reader.take(Sample.delivery(4, on: 2, 2, before: [2, 1]))
        reader.page(through: 2, head: 2, [Sample.record(2, [(2, 1)])], [1, 1])
        #expect(reader.given == [1, 2, 3, 4])
        #expect(reader.isCaughtUp)
        #expect(reader.stream.repairs == 0)
    }

    @Test("live deliveries that follow come out at once")
    func live() {
        var reader = StreamFixture.live(at: 10, [4, 6])
        reader.take(Sample.delivery(11, on: 1, 5, before: [4, 6]))
        reader.take(Sample.delivery(12, on: 2, 7, before: [5, 6]))
        #expect(reader.given == [11, 12])
        #expect(reader.asks == 1)
        #expect(reader.stream.position == 12)
    }

    @Test("a gap in the delivery's own topic leads to a page from where we are")
    func gapInTopic() throws {
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.delivery(12, on: 1, 6, before: [5]))
        #expect(reader.given.isEmpty)
        #expect(reader.asked?.after == 10)
        reader.page(through: 12, head: 12, [Sample.record(11, [(1, 5)]), Sample.record(12, [(1, 6)])], [6])
        #expect(reader.given == [11, 12])
        #expect(reader.stream.repairs == 1)
    }

    @Test("a gap in another topic shows in the heads of the next delivery")
    func gapElsewhere() {
        var reader = StreamFixture.live(at: 10, [4, 6])
        reader.take(Sample.delivery(12, on: 1, 5, before: [4, 7]))
        #expect(reader.given.isEmpty)
        reader.page(
            through: 12, head: 12, [Sample.record(11, [(2, 7)]), Sample.record(12, [(1, 5)])], [5, 7])
        #expect(reader.given == [11, 12])
    }

    @Test("the loss of the very last delivery shows in the heartbeat")
    func lostLast() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.heartbeat(10, [4]))
        #expect(reader.asks == 1)
        reader.take(Sample.heartbeat(11, [5]))
        #expect(reader.asks == 2)
        reader.page(through: 11, head: 11, [Sample.record(11, [(1, 5)])], [5])
        #expect(reader.given == [11])
    }

    @Test("a heartbeat moves the position over what is not ours")
    func position() {
        var reader = StreamFixture.live(.topics([Sample.a]), at: 10, [4])
        reader.take(Sample.heartbeat(25, [4]))
        #expect(reader.stream.position == 25)
        reader.take(Sample.heartbeat(20, [4]))
        #expect(reader.stream.position == 25, "never back")
    }

    @Test("an alert on several of our topics comes out once, and none of them has a gap")
    func severalTopics() {
        var reader = StreamFixture.live(at: 10, [4, 6, 1])
        reader.take(Sample.delivery(11, on: 1, 5, before: [4, 6, 1]))
        reader.take(Sample.delivery(11, on: 2, 7, before: [4, 6, 1]))
        reader.take(Sample.delivery(11, on: 3, 2, before: [4, 6, 1]))
        reader.take(Sample.delivery(12, on: 2, 8, before: [5, 7, 2]))
        #expect(reader.given == [11, 12])
        #expect(reader.stream.repairs == 0)
    }

    @Test("of an alert on several topics any one delivery is enough")
    func oneOfSeveral() {
        var reader = StreamFixture.live(at: 10, [4, 6])
        reader.take(Sample.delivery(11, on: 2, 7, before: [4, 6]))
        #expect(reader.given == [11])
        reader.take(Sample.delivery(12, on: 1, 6, before: [5, 7]))
        reader.page(through: 12, head: 12, [Sample.record(12, [(1, 6)])], [6, 7])
        #expect(reader.given == [11, 12])
    }

    @Test("a topic that nobody has told us of counts as missing until a page names it")
    func unknownTopic() {
        var reader = StreamFixture.live(.topics([Sample.a, Sample.c]), at: 10, [4])
        reader.take(Sample.heartbeat(11, [4, 0, 1]))
        #expect(reader.asked?.after == 10)
        reader.page(through: 11, head: 11, [Sample.record(11, [(3, 1)])], [4, 0, 1])
        #expect(reader.given == [11])
        reader.take(Sample.heartbeat(12, [4, 1, 1]))
        reader.page(through: 12, head: 12, [], [4, 1, 1])
        reader.take(Sample.heartbeat(13, [4, 2, 1]))
        #expect(reader.asks == 3, "a topic that is not ours is no gap once it has a name")
        #expect(reader.stream.position == 13)
    }

    @Test("what is not selected never comes out")
    func selection() {
        var reader = StreamFixture.live(.topics([Sample.a]), at: 10, [4, 6])
        reader.take(Sample.delivery(11, on: 2, 7, before: [4, 6]))
        #expect(reader.given.isEmpty)
        reader.take(Sample.delivery(12, on: 1, 5, before: [4, 7]))
        #expect(reader.given == [12])
        #expect(reader.asked?.topics == [Sample.a.name])
    }

    @Test(
        "a page that ends before the head is followed by the next, also when it is empty",
        arguments: [false, true])
    func shortPages(isAhead: Bool) {
        var reader = StreamFixture()
        reader.isAhead = isAhead
        reader.welcome(offset: 90_000, [1])
        reader.page(through: 65_536, head: 90_000, [], [])
        #expect(reader.asked?.after == 65_536)
        #expect(!reader.isCaughtUp)
        reader.page(through: 90_000, head: 90_000, [Sample.record(80_000, [(1, 1)])], [1])
        #expect(reader.given == [80_000])
        #expect(reader.isCaughtUp)
    }

    @Test("a page is asked for before the one ahead of it is taken, once, and neither comes out twice")
    func askedAhead() throws {
        var reader = StreamFixture()
        reader.welcome(offset: 3, [3])
        func page(_ replay: Request.Replay, through: UInt64) -> Reply.Page {
            Reply.Page(
                request: replay.request, log: HexNumber(Sample.log), after: replay.after, through: through,
                head: 3, count: 1, topics: Sample.sequences([through]))
        }
        let first = page(try #require(reader.asked), through: 1)
        let announced = reader.stream.announce(first)
        let next = try #require(announced)
        #expect(next.after == 1)
        #expect(reader.stream.announce(first) == nil, "it was announced already")
        reader.note(reader.stream.received(first, [Sample.record(1, [(1, 1)])]))
        #expect(reader.given == [1] && reader.asks == 1, "the next is asked for by whoever announced")
        reader.note(reader.stream.received(first, [Sample.record(1, [(1, 1)])]))
        #expect(reader.given == [1])
        reader.note(reader.stream.received(page(next, through: 2), [Sample.record(2, [(1, 2)])]))
        #expect(reader.given == [1, 2] && reader.asked?.after == 2)
        let last = page(try #require(reader.asked), through: 3)
        #expect(reader.stream.announce(last) == nil, "nothing comes after it")
        reader.note(reader.stream.received(last, [Sample.record(3, [(1, 3)])]))
        #expect(reader.given == [1, 2, 3] && reader.isCaughtUp && reader.other.isEmpty)
    }

    @Test(
        "a new link in between lets the page that was announced go, and asks again from where the stream is")
    func newLinkAhead() throws {
        var reader = StreamFixture()
        reader.welcome(offset: 3, [3])
        let asked = try #require(reader.asked)
        let page = Reply.Page(
            request: asked.request, log: HexNumber(Sample.log), after: 0, through: 1, head: 3, count: 1,
            topics: Sample.sequences([1]))
        #expect(reader.stream.announce(page) != nil)
        reader.welcome(offset: 3, [3])
        reader.note(reader.stream.received(page, [Sample.record(1, [(1, 1)])]))
        #expect(reader.given.isEmpty && reader.asked?.after == 0)
    }

    @Test("a stream goes on after a restart exactly behind what it had given out")
    func resumed() {
        var reader = StreamFixture(after: 12)
        reader.welcome(offset: 14, [6, 7])
        #expect(reader.asked?.after == 12)
        reader.page(
            through: 14, head: 14, [Sample.record(13, [(1, 6)]), Sample.record(14, [(2, 7)])], [6, 7])
        #expect(reader.given == [13, 14])
    }
}
