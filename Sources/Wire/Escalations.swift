internal import FoundationEssentials

/// Alerts that nobody has seen, or that nobody has acknowledged, for longer than their urgency allows: in a welcome, and as a frame of
/// heartbeats (PROTOCOL.md, "Escalations").
public struct Escalations: Sendable, Equatable, Codable {
    public struct Entry: Sendable, Equatable, Codable {
        /// 1, 2, 3 ... within the log. Told more than once; whoever knows the number knows it.
        public var number: UInt64
        public var offset: UInt64
        /// The alert's id.
        public var alert: String
        /// `unseen`, `unacknowledged` or `unattended`; there may be further ones.
        public var reason: String
        /// By the hub's clock, ms since 1970.
        public var time: Int64
        /// Of those that the reader may read.
        public var topics: [String]

        public init(
            number: UInt64, offset: UInt64, alert: String, reason: String, time: Int64, topics: [String]
        ) {
            self.number = number
            self.offset = offset
            self.alert = alert
            self.reason = reason
            self.time = time
            self.topics = topics
        }
    }

    /// The newest first.
    public var open: [Entry]

    public init(open: [Entry]) {
        self.open = open
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 16 + open.count * 160)
        Preamble.put(.escalations, into: &writer)
        writer.put(ControlFrames.json(self))
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = ByteReader(bytes)
        try Preamble.check(.escalations, in: &reader)
        self = try ControlFrames.decode(
            Escalations.self, Array(bytes.dropFirst(Preamble.length)), of: "escalations")
    }
}
