import Alerts
import Testing
import Wire

@testable import AlertFeed

/// A hub that knows kinds of topics which this program doesn't, before a reader's stream.
@Suite("A stream of a later hub")
struct LaterHubTests {
    private static let later = Reply.TopicSequence(topic: "kh.koh-kong.later.", number: 9, sequence: 2)

    private func page(
        _ reader: inout StreamFixture, through: UInt64, _ records: [PageRecord], _ sequences: [UInt64]
    ) throws {
        let asked = try #require(reader.asked)
        reader.note(
            reader.stream.received(
                Reply.Page(
                    request: asked.request, log: HexNumber(Sample.log), after: asked.after, through: through,
                    head: through, count: records.count,
                    topics: Sample.sequences(sequences) + [LaterHubTests.later]), records))
    }

    @Test("records of kinds that nobody here knows are passed over and counted; the others come out in order")
    func page() throws {
        var reader = StreamFixture()
        reader.welcome(offset: 4, [2])
        try page(
            &reader, through: 4,
            [
                Sample.record(1, [(1, 1)]), Sample.record(2, [(9, 1)]), Sample.record(3, [(9, 2), (1, 2)]),
            ], [2])
        #expect(reader.given == [1, 3])
        #expect(reader.stream.unknownKinds == 1)
        #expect(reader.isCaughtUp && reader.stream.position == 4 && reader.other.isEmpty)
    }

    @Test("a live alert that is of such a kind too comes out once, after one question what that is")
    func others() throws {
        var reader = StreamFixture.live(at: 10, [4])
        func delivery(_ offset: UInt64, _ sequence: UInt64, _ other: UInt64) -> FeedMessage {
            var item = Delivery.Item(
                offset: offset, received: Timestamp(milliseconds: 0),
                signed: SignedAlert(header: [], payload: [1], signature: []))
            item.others = [Heads.Entry(topic: 9, sequence: other)]
            return .delivery(
                topic: Sample.a,
                Delivery(
                    log: Sample.log, topicNumber: 1, firstSequence: sequence,
                    heads: Heads([.init(topic: 1, sequence: sequence - 1)]), alerts: [item]))
        }
        reader.take(delivery(11, 5, 1))
        #expect(reader.given.isEmpty)
        try page(&reader, through: 11, [Sample.record(11, [(1, 5), (9, 1)])], [5])
        #expect(reader.given == [11])
        reader.take(delivery(12, 6, 2))
        #expect(reader.given == [11, 12])
        #expect(reader.stream.repairs == 1 && reader.other.isEmpty)
    }

    @Test("heads and heartbeats that count such a topic show no loss once it is known")
    func heads() throws {
        var reader = StreamFixture.live(at: 10, [4])
        func beat(_ offset: UInt64, _ later: UInt64) -> FeedMessage {
            .heartbeat(
                Heartbeat(
                    log: Sample.log, offset: offset, sent: Timestamp(milliseconds: 0),
                    heads: Heads([.init(topic: 1, sequence: 4), .init(topic: 9, sequence: later)])))
        }
        reader.take(beat(11, 1))
        #expect(reader.stream.repairs == 1)
        try page(&reader, through: 11, [Sample.record(11, [(9, 1)])], [4])
        reader.take(beat(12, 2))
        reader.take(beat(13, 3))
        #expect(reader.stream.repairs == 1 && reader.stream.unknownKinds == 1)
        #expect(reader.given.isEmpty && reader.stream.position == 13 && reader.other.isEmpty)
    }
}
