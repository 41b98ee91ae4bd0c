public import Alerts

/// A stored alert: the bytes that its post sent, and what the hub said of them.
public struct Record: Sendable, Equatable {
    /// The hub's number for the alert: dense, from 1, the order of the national log.
    public var offset: UInt64
    /// Name of the post that signed it.
    public var post: String
    public var epoch: UInt64
    /// The post's number for it within the epoch, from 1.
    public var sequence: UInt64
    /// When the hub took it; never goes back from one offset to the next.
    public var received: Timestamp
    /// The alert's `id`, a UUID's 16 bytes.
    public var alert: [UInt8]
    /// Ids of the alerts that this one updates or cancels.
    public var references: [[UInt8]]
    /// Where it was delivered: each topic's number, and the alert's own number within that topic.
    public var deliveries: [Delivery]
    /// The chain of each delivery's topic after it, one after the other (PROTOCOL.md, "Chains").
    public var chains: [UInt8]
    /// Its payload is empty once it was erased.
    public var signed: SignedAlert
    /// 32 bytes that commit to this record and to every one before it.
    public var hash: [UInt8]
    /// nil while the content is there. After its time is over the payload is empty, and this is its digest, so that chains
    /// and seal can still be verified.
    public var erased: [UInt8]?

    /// Bytes of one chain.
    public static let chainLength = 32

    /// The chain of the topic of the delivery at an index; nil where it was not read or the record is damaged.
    public func chain(at index: Int) -> [UInt8]? {
        let start = index * Record.chainLength
        guard index >= 0, start + Record.chainLength <= chains.count else { return nil }
        return Array(chains[start..<start + Record.chainLength])
    }

    public struct Delivery: Sendable, Hashable {
        public var topic: UInt32
        /// Dense within the topic, from 1.
        public var sequence: UInt64

        public init(topic: UInt32, sequence: UInt64) {
            self.topic = topic
            self.sequence = sequence
        }
    }

    public init(
        offset: UInt64, post: String, epoch: UInt64, sequence: UInt64, received: Timestamp, alert: [UInt8],
        references: [[UInt8]], deliveries: [Delivery],
        chains: [UInt8] = [], signed: SignedAlert, hash: [UInt8]
    ) {
        self.offset = offset
        self.post = post
        self.epoch = epoch
        self.sequence = sequence
        self.received = received
        self.alert = alert
        self.references = references
        self.deliveries = deliveries
        self.chains = chains
        self.signed = signed
        self.hash = hash
    }
}

/// An alert that the hub consumed without storing it, and why.
public struct Refusal: Sendable, Equatable {
    public var post: String
    public var epoch: UInt64
    public var sequence: UInt64
    public var received: Timestamp
    /// A short word for programs: `schema`, `grant`, `signature`, `size`, ...
    public var code: String
    /// A sentence for the post's operator. Names fields and rules, never an alert's content.
    public var reason: String

    public init(
        post: String, epoch: UInt64, sequence: UInt64, received: Timestamp, code: String, reason: String
    ) {
        self.post = post
        self.epoch = epoch
        self.sequence = sequence
        self.received = received
        self.code = code
        self.reason = reason
    }
}

/// How far a post's alerts have been consumed (stored or refused) within its epoch.
public struct Position: Sendable, Equatable {
    public var post: String
    public var epoch: UInt64
    /// The last consumed sequence; 0 before the first.
    public var through: UInt64

    public init(post: String, epoch: UInt64, through: UInt64) {
        self.post = post
        self.epoch = epoch
        self.through = through
    }
}

/// A topic that has had at least one delivery, with the number the hub gave it and its last sequence.
public struct TopicHead: Sendable, Equatable {
    public var number: UInt32
    public var topic: Topic
    public var sequence: UInt64
    /// The topic's chain after its last delivery, 32 bytes; empty before the first.
    public var chain: [UInt8]

    public init(number: UInt32, topic: Topic, sequence: UInt64, chain: [UInt8] = []) {
        self.number = number
        self.topic = topic
        self.sequence = sequence
        self.chain = chain
    }
}
