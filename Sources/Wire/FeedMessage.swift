public import Alerts

/// The feed's sign of life, each second: the heads, so that the loss of the very last delivery shows too.
public struct Heartbeat: Sendable, Equatable {
    /// The first frame; every reader subscribes to it beside its topics. No topic's name begins like it.
    public static let topic = "heartbeat."

    public var log: UInt64
    /// The last offset of the log, whatever its topics.
    public var offset: UInt64
    /// The hub's clock.
    public var sent: Timestamp
    public var heads: Heads
    /// The hub's latest checkpoint, a frame of its own; nil from a hub that doesn't sign any.
    public var checkpoint: SignedCheckpoint?
    /// What was escalated within the last minute, a frame after the checkpoint's; nil: nothing.
    public var escalations: Escalations?

    public init(log: UInt64, offset: UInt64, sent: Timestamp, heads: Heads) {
        self.log = log
        self.offset = offset
        self.sent = sent
        self.heads = heads
    }

    public func frames() -> [[UInt8]] {
        guard let checkpoint else { return [Array(Heartbeat.topic.utf8), encoded()] }
        return [Array(Heartbeat.topic.utf8), encoded(), checkpoint.encoded()]
            + (escalations.map { [$0.encoded()] } ?? [])
    }

    /// Without the checkpoint.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 36 + heads.entries.count * 4)
        Preamble.put(.heartbeat, into: &writer)
        writer.put(log)
        writer.put(offset)
        writer.put(sent.milliseconds)
        heads.put(into: &writer)
        return writer.bytes
    }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = ByteReader(bytes)
        try Preamble.check(.heartbeat, in: &reader)
        log = try reader.takeNumber(atLeast: 1, "log")
        offset = try reader.takeNumber("offset")
        sent = Timestamp(milliseconds: try reader.take(Int64.self, "sent"))
        heads = try Heads(from: &reader)
        guard reader.isAtEnd else { throw Malformed("heartbeat: bytes after its end") }
    }
}

/// What arrives on a feed.
public enum FeedMessage: Sendable, Equatable {
    case delivery(topic: Topic, Delivery)
    case heartbeat(Heartbeat)

    /// Frames after the ones known here are from a later minor version and ignored.
    public init(frames: [[UInt8]]) throws(Malformed) {
        guard let first = frames.first else { throw Malformed("feed: no frames") }
        guard frames.count >= 2 else { throw Malformed("feed: 1 frame, expected 2") }
        if first.elementsEqual(Heartbeat.topic.utf8) {
            var heartbeat = try Heartbeat(decoding: frames[1])
            if frames.count > 2 { heartbeat.checkpoint = try SignedCheckpoint(decoding: frames[2]) }
            // Of another type, it is of a later minor version.
            if frames.count > 3 { heartbeat.escalations = try? Escalations(decoding: frames[3]) }
            self = .heartbeat(heartbeat)
            return
        }
        guard let topic = Topic(bytes: first) else {
            throw Malformed("feed: the first frame is no topic")
        }
        self = .delivery(topic: topic, try Delivery(decoding: frames[1]))
    }
}
