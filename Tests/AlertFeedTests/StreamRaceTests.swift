import Alerts
import Testing
import Wire

@testable import AlertFeed

@Suite("An exact stream when things come late or wrong")
struct StreamRaceTests {
    @Test("a page that was asked for before a new welcome is ignored")
    func latePage() throws {
        var reader = StreamFixture()
        reader.welcome(offset: 1, [1])
        let first = try #require(reader.asked)
        reader.welcome(offset: 2, [2])
        reader.page(through: 1, head: 1, [Sample.record(1, [(1, 1)])], [1], to: first.request)
        #expect(reader.given.isEmpty)
        reader.page(through: 2, head: 2, [Sample.record(1, [(1, 1)]), Sample.record(2, [(1, 2)])], [2])
        #expect(reader.given == [1, 2])
    }

    @Test(
        "a request without a reply is asked again under a new number, and both replies give each alert once")
    func askAgain() throws {
        var reader = StreamFixture()
        reader.welcome(offset: 1, [1])
        let first = try #require(reader.asked)
        reader.note(reader.stream.askAgain())
        #expect(reader.asked?.request != first.request)
        #expect(reader.asked?.after == first.after)
        reader.page(through: 1, head: 1, [Sample.record(1, [(1, 1)])], [1])
        reader.page(through: 1, head: 1, [Sample.record(1, [(1, 1)])], [1], to: first.request)
        #expect(reader.given == [1])
        #expect(reader.stream.askAgain().isEmpty, "nothing to ask when live")
    }

    @Test("what is held while a replay is under way and then turns out incomplete leads to another replay")
    func heldGap() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.heartbeat(11, [5]))
        reader.take(Sample.delivery(14, on: 1, 8, before: [7]))
        reader.take(Sample.delivery(15, on: 1, 9, before: [8]))
        reader.page(through: 12, head: 12, [Sample.record(11, [(1, 5)]), Sample.record(12, [(1, 6)])], [6])
        #expect(reader.given == [11, 12])
        #expect(reader.asked?.after == 12)
        reader.page(
            through: 14, head: 14, [Sample.record(13, [(1, 7)]), Sample.record(14, [(1, 8)])], [8])
        #expect(reader.given == [11, 12, 13, 14, 15])
        #expect(reader.isCaughtUp)
    }

    @Test("more than can be held is let go, shows, and is fetched")
    func mostHeld() {
        var reader = StreamFixture.live(at: 0, [0])
        reader.take(Sample.heartbeat(1, [1]))
        let last = UInt64(FeedStream.mostHeld) + 10
        for offset in UInt64(2)...last {
            reader.take(Sample.delivery(offset, on: 1, offset, before: [offset - 1]))
        }
        reader.page(through: 1, head: 1, [Sample.record(1, [(1, 1)])], [1])
        #expect(reader.given.count == FeedStream.mostHeld + 1)
        reader.take(Sample.heartbeat(last, [last]))
        let rest = (UInt64(FeedStream.mostHeld) + 2...last).map { Sample.record($0, [(1, $0)]) }
        reader.page(through: last, head: last, rest, [last])
        #expect(reader.given == Array(1...last))
    }

    @Test("a heartbeat from before a page, and one during a replay, change nothing")
    func heartbeatRaces() {
        var reader = StreamFixture()
        reader.take(Sample.heartbeat(5, [3]))
        reader.welcome(offset: 5, [3])
        reader.take(Sample.heartbeat(5, [3]))
        reader.page(through: 6, head: 6, [Sample.record(6, [(1, 4)])], [4])
        reader.take(Sample.heartbeat(5, [3]))
        #expect(reader.given == [6])
        #expect(reader.stream.position == 6)
        #expect(reader.asks == 1)
    }

    @Test("a restarted hub is asked from where we are, and what it published while we were away is fetched")
    func hubRestart() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.welcome(offset: 12, [6])
        #expect(reader.asked?.after == 10)
        reader.page(through: 12, head: 12, [Sample.record(11, [(1, 5)]), Sample.record(12, [(1, 6)])], [6])
        #expect(reader.given == [11, 12])
    }

    @Test("another log is told, and nothing of it comes out")
    func otherLog() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.delivery(11, on: 1, 5, before: [4], log: 6))
        reader.take(Sample.heartbeat(20, [9], log: 6))
        #expect(reader.given.isEmpty)
        #expect(reader.stream.position == 10)
        reader.note(reader.stream.welcomed(Sample.welcome(offset: 3, [1], log: 6)))
        #expect(reader.other == [.otherLog(6)])
    }

    @Test("a hub whose log ends before our position was restored from an older copy: told, not waited for")
    func logWentBack() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.welcome(offset: 7, [3])
        reader.page(through: 10, head: 7, [], [3])
        #expect(!reader.isCaughtUp)
        guard case .broken(let words)? = reader.other.first else {
            Issue.record("its next alerts would be taken for ones we have")
            return
        }
        #expect(words.contains("7"))
    }

    @Test("a page that brings nothing and ends before the head is broken, not asked for in a circle")
    func noProgress() {
        var reader = StreamFixture()
        reader.welcome(offset: 5, [1])
        reader.page(through: 0, head: 5, [], [])
        #expect(reader.asks == 1)
        guard case .broken? = reader.other.first else {
            Issue.record("asked again")
            return
        }
    }

    @Test("a record on topics without a name is broken, not guessed")
    func nameless() {
        var reader = StreamFixture()
        reader.welcome(offset: 1, [])
        reader.page(through: 1, head: 1, [Sample.record(1, [(3, 1)])], [])
        #expect(reader.given.isEmpty)
        guard case .broken? = reader.other.first else {
            Issue.record("taken")
            return
        }
    }

    @Test("the largest numbers there are never trap")
    func extremes() {
        let most = WireLimits.number
        var counted = StreamFixture.live(at: 10, [.max])
        counted.take(Sample.delivery(11, on: 1, 5, before: [4]))
        #expect(counted.given.isEmpty)
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.delivery(most, on: 1, most, before: [most]))
        reader.page(through: .max, head: .max, [], [.max])
        reader.take(Sample.delivery(most, on: 1, most, before: [.max]))
        reader.take(Sample.heartbeat(.max, [.max]))
        reader.welcome(offset: .max, [.max])
        #expect(reader.given.isEmpty)
    }
}
