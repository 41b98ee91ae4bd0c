import Alerts
import Testing
import Wire

@testable import AlertFeed

@Suite("An exact stream of deliveries that hold several alerts")
struct SharedDeliveryTests {
    @Test("the alerts of a delivery come out in order, with sequences that go on from its first")
    func whole() {
        var reader = StreamFixture.live(at: 10, [4, 6])
        let actions = reader.stream.received(Sample.delivery([11, 13, 17], on: 1, 5, before: [4, 6]))
        let sequences = actions.map { action -> UInt64? in
            if case .emit(let alert) = action { alert.topicSequence } else { nil }
        }
        #expect(sequences == [5, 6, 7])
        reader.note(actions)
        reader.take(Sample.delivery([18, 19], on: 2, 7, before: [7, 6]))
        #expect(reader.given == [11, 13, 17, 18, 19])
        #expect(reader.stream.position == 19)
        #expect(reader.stream.repairs == 0)
    }

    @Test("a delivery lost between two others of its topic is fetched exactly")
    func lostOfTheTopic() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.delivery([11, 12], on: 1, 5, before: [4]))
        // [13, 14] is lost.
        reader.take(Sample.delivery([15, 16], on: 1, 9, before: [8]))
        #expect(reader.given == [11, 12])
        #expect(reader.asked?.after == 12)
        let records = (UInt64(13)...16).map { Sample.record($0, [(1, $0 - 6)]) }
        reader.page(through: 16, head: 16, records, [10])
        reader.take(Sample.delivery([17], on: 1, 11, before: [10]))
        #expect(reader.given == Array(11...17))
        #expect(reader.stream.repairs == 1)
    }

    @Test("a delivery of another topic lost between two is fetched before the second comes out")
    func lostOfAnother() {
        var reader = StreamFixture.live(at: 10, [4, 6])
        reader.take(Sample.delivery([11, 12], on: 1, 5, before: [4, 6]))
        // [13, 14] on topic 2 is lost; the second delivery goes on with the sequence of its own topic.
        reader.take(Sample.delivery([15, 16], on: 1, 7, before: [6, 8]))
        #expect(reader.given == [11, 12])
        let records = (UInt64(13)...14).map { Sample.record($0, [(2, $0 - 6)]) }
        reader.page(through: 14, head: 14, records, [6, 8])
        reader.take(Sample.delivery([17], on: 2, 9, before: [8, 8]))
        #expect(reader.given == Array(11...17))
        #expect(reader.stream.repairs == 1)
    }

    @Test("a delivery whose topic has a gap before it is held whole, and its rest follows the replay")
    func heldWhole() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.delivery([12, 13, 14], on: 1, 6, before: [5]))
        #expect(reader.given.isEmpty)
        #expect(reader.asks == 2, "one replay for all three")
        reader.page(through: 12, head: 12, [Sample.record(11, [(1, 5)]), Sample.record(12, [(1, 6)])], [6])
        #expect(reader.given == [11, 12, 13, 14])
        #expect(reader.stream.repairs == 1)
    }

    @Test("a replay that ends in the middle of a delivery gives each of its alerts once")
    func replayEndsWithin() {
        var reader = StreamFixture()
        reader.welcome(offset: 12, [2])
        reader.take(Sample.delivery([11, 12, 13, 14], on: 1, 1, before: []))
        reader.page(through: 12, head: 12, [Sample.record(11, [(1, 1)]), Sample.record(12, [(1, 2)])], [2])
        #expect(reader.given == [11, 12, 13, 14])
        reader.take(Sample.delivery([15], on: 1, 5, before: [4]))
        #expect(reader.given.last == 15)
        #expect(reader.stream.repairs == 0)
    }

    @Test("what no longer can be held of a delivery shows, and is fetched")
    func cutByTheBound() {
        var reader = StreamFixture.live(at: 0, [0])
        reader.take(Sample.heartbeat(1, [1]))
        let last = UInt64(FeedStream.mostHeld) + 10
        reader.take(Sample.delivery(Array(2...last), on: 1, 2, before: [1]))
        reader.page(through: 1, head: 1, [Sample.record(1, [(1, 1)])], [1])
        #expect(reader.given.count == FeedStream.mostHeld + 1)
        reader.take(Sample.delivery([last + 1], on: 1, last + 1, before: [last]))
        let rest = (UInt64(FeedStream.mostHeld) + 2...last).map { Sample.record($0, [(1, $0)]) }
        reader.page(through: last, head: last, rest, [last])
        #expect(reader.given == Array(1...last + 1))
    }

    @Test("a delivery of another log gives nothing")
    func otherLog() {
        var reader = StreamFixture.live(at: 10, [4])
        reader.take(Sample.delivery([11, 12], on: 1, 5, before: [4], log: 6))
        #expect(reader.given.isEmpty)
        #expect(reader.stream.position == 10)
    }

    @Test("sequences up to the largest number never trap")
    func extremes() {
        let most = WireLimits.number
        var reader = StreamFixture.live(at: 10, [most - 2])
        reader.take(Sample.delivery([most - 1, most], on: 1, most - 1, before: [most - 2]))
        #expect(reader.given == [most - 1, most])
    }
}
