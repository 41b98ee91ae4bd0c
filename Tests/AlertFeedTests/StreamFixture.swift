import Alerts
import Wire

@testable import AlertFeed

/// Topics by number, as a hub might have given them.
enum Sample {
    static let log: UInt64 = 5
    static let a = Topic(country: "kh", province: "koh-kong", kind: .suspect)
    static let b = Topic(country: "kh", province: "prey-veng", kind: .suspect)
    static let c = Topic(country: "th", province: "trat", kind: .movement)
    static let topics = [a, b, c]

    static func heads(_ sequences: [UInt64]) -> Heads {
        Heads(
            sequences.enumerated().filter { $1 > 0 }.map {
                Heads.Entry(topic: UInt32($0) + 1, sequence: $1)
            })
    }

    static func sequences(_ sequences: [UInt64]) -> [Reply.TopicSequence] {
        sequences.enumerated().filter { $1 > 0 }.map {
            Reply.TopicSequence(topic: topics[$0].name, number: UInt32($0) + 1, sequence: $1)
        }
    }

    static func welcome(offset: UInt64, _ sequences: [UInt64], log: UInt64 = Sample.log) -> Reply.Welcome {
        Reply.Welcome(
            request: 1, identity: "analyst", log: HexNumber(log), offset: offset, time: 0, publish: [],
            read: ["all"], ingest: nil, feed: 5, through: nil, topics: Sample.sequences(sequences))
    }

    /// An alert alone in its delivery on the topic with this number (1 is `a`); the heads are those before it.
    static func delivery(
        _ offset: UInt64, on number: UInt32, _ sequence: UInt64, before: [UInt64], log: UInt64 = Sample.log
    ) -> FeedMessage {
        delivery([offset], on: number, sequence, before: before, log: log)
    }

    /// Alerts that share a delivery: `first` is the sequence of the first, and the heads are those before it.
    static func delivery(
        _ offsets: [UInt64], on number: UInt32, _ first: UInt64, before: [UInt64], log: UInt64 = Sample.log
    ) -> FeedMessage {
        .delivery(
            topic: topics[Int(number) - 1],
            Delivery(
                log: log, topicNumber: number, firstSequence: first, heads: heads(before),
                alerts: offsets.map {
                    Delivery.Item(
                        offset: $0, received: Timestamp(milliseconds: 0),
                        signed: SignedAlert(
                            header: [], payload: [UInt8(truncatingIfNeeded: $0)], signature: []))
                }))
    }

    static func heartbeat(_ offset: UInt64, _ sequences: [UInt64], log: UInt64 = Sample.log) -> FeedMessage {
        .heartbeat(
            Heartbeat(log: log, offset: offset, sent: Timestamp(milliseconds: 0), heads: heads(sequences)))
    }

    static func record(_ offset: UInt64, _ deliveries: [(UInt32, UInt64)]) -> PageRecord {
        PageRecord(
            offset: offset, received: Timestamp(milliseconds: 0),
            deliveries: deliveries.map { Heads.Entry(topic: $0.0, sequence: $0.1) },
            signed: SignedAlert(header: [], payload: [UInt8(truncatingIfNeeded: offset)], signature: []))
    }
}

/// A stream, and what it has given out.
struct StreamFixture {
    var stream: FeedStream
    var given: [UInt64] = []
    /// The last page asked for.
    var asked: Request.Replay?
    var asks = 0
    var isCaughtUp = false
    var other: [FeedStream.Action] = []

    init(_ selection: Selection = .everything, after: UInt64 = 0, log: UInt64? = Sample.log) {
        stream = FeedStream(selection, after: after, log: log)
    }

    /// Whether each page is announced before it is taken.
    var isAhead = false

    mutating func note(_ actions: [FeedStream.Action]) {
        for action in actions {
            switch action {
            case .emit(let alert): given.append(alert.offset)
            case .replay(let replay):
                asked = replay
                asks += 1
                isCaughtUp = false
            case .caughtUp: isCaughtUp = true
            case .otherLog, .forked, .broken: other.append(action)
            }
        }
    }

    mutating func take(_ message: FeedMessage) { note(stream.received(message)) }

    mutating func welcome(offset: UInt64, _ sequences: [UInt64]) {
        note(stream.welcomed(Sample.welcome(offset: offset, sequences)))
    }

    /// Answers the page asked for.
    mutating func page(
        through: UInt64, head: UInt64, _ records: [PageRecord] = [], _ sequences: [UInt64],
        to request: UInt64? = nil, after: UInt64? = nil
    ) {
        guard let asked else { return }
        let page = Reply.Page(
            request: request ?? asked.request, log: HexNumber(Sample.log), after: after ?? asked.after,
            through: through, head: head, count: records.count, topics: Sample.sequences(sequences))
        if isAhead, let next = stream.announce(page) { note([.replay(next)]) }
        note(stream.received(page, records))
    }

    /// Live at an offset, with these heads.
    static func live(
        _ selection: Selection = .everything, at offset: UInt64, _ sequences: [UInt64]
    ) -> StreamFixture {
        var fixture = StreamFixture(selection, after: offset)
        fixture.welcome(offset: offset, sequences)
        fixture.page(through: offset, head: offset, [], sequences)
        return fixture
    }
}
