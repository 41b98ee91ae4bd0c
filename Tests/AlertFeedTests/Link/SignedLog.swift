import Alerts
import Identity
import LogProof
import Wire

@testable import AlertFeed

/// A hub's log of invented alerts, and what the hub that has it would answer.
struct SignedLog {
    let key = SigningKey()
    private(set) var records: [PageRecord] = []
    private var sequences: [UInt64] = [0, 0, 0]
    /// The hash that is signed for an offset is made of this too: a fork has another.
    var salt: UInt8 = 0

    var head: UInt64 { UInt64(records.count) }

    /// - topics: numbers of ``Sample/topics``; each gets its first alert after those before it.
    init(_ topics: [UInt32] = []) {
        for topic in topics { add(on: topic) }
    }

    mutating func add(on topic: UInt32) {
        sequences[Int(topic) - 1] += 1
        records.append(Sample.record(head + 1, [(topic, sequences[Int(topic) - 1])]))
    }

    private func sequences(through offset: UInt64) -> [UInt64] {
        var sequences: [UInt64] = [0, 0, 0]
        for record in records.prefix(Int(offset)) {
            for delivery in record.deliveries { sequences[Int(delivery.topic) - 1] = delivery.sequence }
        }
        return sequences
    }

    private func marks(through offset: UInt64) -> [UInt32: TopicMark] {
        var chains = TopicChains([:])
        for record in records.prefix(Int(offset)) {
            let body = Chain.body(
                offset: record.offset, received: record.received, header: record.signed.header,
                digest: Seal.digest(of: record.signed.payload), seal: record.signed.signature)
            try? chains.take(
                body, at: record.offset,
                on: record.deliveries.map {
                    TopicChains.Place(
                        number: $0.topic, topic: Sample.topics[Int($0.topic) - 1], sequence: $0.sequence)
                })
        }
        return chains.marks
    }

    func checkpoint(at offset: UInt64) -> SignedCheckpoint {
        let marks = marks(through: offset)
        return Checkpoint(
            log: Sample.log, offset: offset, time: Timestamp(milliseconds: 1),
            hash: [UInt8](repeating: UInt8(truncatingIfNeeded: offset) &+ salt, count: 32),
            root: TopicTree(marks.sorted { $0.key < $1.key }.map(\.value)).root
        ).signed(by: key)
    }

    // MARK: Answers

    func welcome(_ request: UInt64) -> Reply {
        var welcome = Sample.welcome(offset: head, sequences(through: head))
        welcome.request = request
        welcome.checkpoint = checkpoint(at: head)
        return .welcome(welcome)
    }

    /// - most: alerts of a page.
    func answer(_ request: Request, most: Int = 3) -> Reply? {
        switch request {
        case .hello(let body): return welcome(body.request)
        case .checkpoint(let body):
            let marks = marks(through: body.offset)
            var reply = Reply.Checkpoint(request: body.request, checkpoint: checkpoint(at: body.offset))
            reply.topics = marks.sorted { $0.key < $1.key }.map { number, mark in
                Reply.TopicSequence(
                    topic: Sample.topics[Int(number) - 1].name, number: number, sequence: mark.sequence,
                    chain: HexBytes(mark.chain))
            }
            reply.count = UInt32(marks.count)
            reply.proof = []
            return .checkpoint(reply)
        case .locate(let body): return .located(Reply.Located(request: body.request, after: head / 2))
        case .replay(let body):
            let some = records.dropFirst(Int(body.after)).prefix(most)
            let through = some.last?.offset ?? head
            return .page(
                Reply.Page(
                    request: body.request, log: HexNumber(Sample.log), after: body.after, through: through,
                    head: head, count: some.count, topics: Sample.sequences(sequences(through: through))),
                records: PageRecord.encode(Array(some)))
        default: return nil
        }
    }

    /// As the feed carries it.
    func delivery(of offset: UInt64) -> [[UInt8]] {
        let delivery = records[Int(offset) - 1].deliveries[0]
        return frames(
            Sample.delivery(
                offset, on: delivery.topic, delivery.sequence, before: sequences(through: offset - 1)))
    }

    func heartbeat() -> [[UInt8]] { frames(Sample.heartbeat(head, sequences(through: head))) }

    private func frames(_ message: FeedMessage) -> [[UInt8]] {
        switch message {
        case .delivery(let topic, let delivery): [Array(topic.name.utf8), delivery.encoded()]
        case .heartbeat(let heartbeat): heartbeat.frames()
        }
    }
}
