public import Alerts

/// What an identity says that it has shown its user, of one topic.
public struct Receipt: Sendable, Equatable {
    public var identity: String
    public var topic: UInt32
    /// Ranges of topic sequences; the store doesn't look into them.
    public var ranges: [UInt8]

    public init(identity: String, topic: UInt32, ranges: [UInt8]) {
        self.identity = identity
        self.topic = topic
        self.ranges = ranges
    }
}

/// From an offset on an identity is on duty for what a grant names.
public struct DutyChange: Sendable, Equatable {
    /// The first offset for which it counts.
    public var from: UInt64
    public var identity: String
    /// Entries of a grant; none: it is on duty no longer; ``gone``: nor is it enrolled.
    public var duty: [String]

    /// Names no province.
    public static let gone = ["-"]

    public init(from: UInt64, identity: String, duty: [String]) {
        self.from = from
        self.identity = identity
        self.duty = duty
    }
}

/// When something first came of an alert, by somebody else than its author. Seen is what somebody on duty has seen, or whoever where
/// nobody is on duty for it.
public struct AlertProgress: Sendable, Equatable {
    public var offset: UInt64
    /// By the hub's clock; nil: not yet.
    public var seen: Timestamp?
    public var acknowledged: Timestamp?
    public var sighted: Timestamp?

    public init(
        offset: UInt64, seen: Timestamp? = nil, acknowledged: Timestamp? = nil, sighted: Timestamp? = nil
    ) {
        self.offset = offset
        self.seen = seen
        self.acknowledged = acknowledged
        self.sighted = sighted
    }

    /// What came first stays.
    public mutating func add(_ other: AlertProgress) {
        seen = seen ?? other.seen
        acknowledged = acknowledged ?? other.acknowledged
        sighted = sighted ?? other.sighted
    }
}

/// An alert without its content: what tells which one it is, whose, and where it went.
public struct AlertOutline: Sendable, Equatable {
    public var offset: UInt64
    public var post: String
    /// A UUID's 16 bytes.
    public var alert: [UInt8]
    public var header: [UInt8]
    public var deliveries: [Record.Delivery]

    public init(
        offset: UInt64, post: String, alert: [UInt8], header: [UInt8], deliveries: [Record.Delivery]
    ) {
        self.offset = offset
        self.post = post
        self.alert = alert
        self.header = header
        self.deliveries = deliveries
    }
}

/// An alert that was escalated: recorded before anybody is told.
public struct EscalationRow: Sendable, Equatable {
    /// 1, 2, 3 ... within the log.
    public var number: UInt64
    /// Of the alert.
    public var offset: UInt64
    /// A short word for programs: `unseen`, `unacknowledged`, `unattended`.
    public var reason: String
    /// By the hub's clock.
    public var at: Timestamp

    public init(number: UInt64, offset: UInt64, reason: String, at: Timestamp) {
        self.number = number
        self.offset = offset
        self.reason = reason
        self.at = at
    }
}

/// A time for which the hub was down, by its clock.
public struct Outage: Sendable, Equatable {
    public var from: Timestamp
    public var until: Timestamp

    public init(from: Timestamp, until: Timestamp) {
        self.from = from
        self.until = until
    }
}
