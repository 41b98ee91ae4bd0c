public import Alerts

/// One or more alerts of one topic, as the hub delivers them: those that follow each other in the feed without an alert of
/// another of its topics between them (PROTOCOL.md, "Delivery").
///
/// One frame, whatever it holds: CURVE encrypts each frame of a message by itself, once per reader, and five small frames
/// for each alert halved the rate at which libzmq fans out.
public struct Delivery: Sendable, Equatable {
    /// The hub's log; another log numbers from 1 again.
    public var log: UInt64
    public var topicNumber: UInt32
    /// The first alert's number within its topic, from 1; the others follow without a hole.
    public var firstSequence: UInt64
    /// As they were before the first alert, for the topics of this feed.
    public var heads: Heads
    public var alerts: [Item]

    public struct Item: Sendable, Equatable {
        public var offset: UInt64
        public var received: Timestamp
        /// The same alert's numbers on the other topics of the feed, in the order of its provinces: with one copy a reader
        /// knows of all.
        public var others: [Heads.Entry]
        public var signed: SignedAlert

        public init(
            offset: UInt64, received: Timestamp, others: [Heads.Entry] = [], signed: SignedAlert
        ) {
            self.offset = offset
            self.received = received
            self.others = others
            self.signed = signed
        }
    }

    public init(log: UInt64, topicNumber: UInt32, firstSequence: UInt64, heads: Heads, alerts: [Item]) {
        self.log = log
        self.topicNumber = topicNumber
        self.firstSequence = firstSequence
        self.heads = heads
        self.alerts = alerts
    }

    /// Bytes of an item beside those of its pieces, at most.
    private static let itemOverhead = 24

    /// About the bytes that an item adds to the frame.
    public static func size(of item: Item) -> Int {
        itemOverhead + 8 * item.others.count + item.signed.size
    }

    public func encoded() -> [UInt8] {
        let size = alerts.reduce(48 + heads.entries.count * 4) { $0 + Delivery.size(of: $1) }
        var writer = ByteWriter(reserving: size)
        Preamble.put(.delivery, into: &writer)
        writer.put(Preamble.plain)
        writer.put(log)
        writer.put(topicNumber)
        writer.put(firstSequence)
        heads.put(into: &writer)
        for alert in alerts {
            writer.put(alert.offset)
            writer.put(alert.received.milliseconds)
            writer.putDeliveries(alert.others)
            writer.putPiece(alert.signed.header)
            writer.putPiece(alert.signed.payload)
            writer.putPiece(alert.signed.signature)
        }
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = ByteReader(bytes)
        try Preamble.check(.delivery, in: &reader)
        try Preamble.checkCoding(&reader)
        log = try reader.takeNumber(atLeast: 1, "log")
        topicNumber = try reader.take(UInt32.self, "topic number")
        guard topicNumber >= 1 else { throw Malformed("topic number: 0 is out of range") }
        firstSequence = try reader.takeNumber(atLeast: 1, "topic sequence")
        heads = try Heads(from: &reader)
        alerts = []
        var last: UInt64 = 0
        repeat {
            let offset = try reader.takeNumber(atLeast: 1, "offset")
            guard offset > last else { throw Malformed("offset: \(offset) does not come after \(last)") }
            let received = Timestamp(milliseconds: try reader.take(Int64.self, "received"))
            let others = try reader.takeDeliveries()
            alerts.append(
                Item(
                    offset: offset, received: received, others: others,
                    signed: SignedAlert(
                        header: try reader.takePiece("header"), payload: try reader.takePiece("payload"),
                        signature: try reader.takePiece("signature"))))
            last = offset
        } while !reader.isAtEnd
        guard firstSequence <= WireLimits.number - UInt64(alerts.count - 1) else {
            throw Malformed("topic sequence: \(firstSequence) is out of range")
        }
    }
}
