public import Alerts

/// One alert on its way from a post to the hub: `[topic, post header, payload, signature]`.
public struct IngestMessage: Sendable, Equatable {
    /// The topic of the alert's origin.
    public var topic: Topic
    public var header: PostHeader
    /// The alert, with the bytes of its header as they came.
    public var signed: SignedAlert

    public static func frames(topic: Topic, _ signed: SignedAlert) -> [[UInt8]] {
        [Array(topic.name.utf8), signed.header, signed.payload, signed.signature]
    }

    /// Payload and signature sizes are left to whoever refuses an alert with a reason: by then it has a sequence.
    public init(frames: [[UInt8]], excess: Int = 0) throws(Malformed) {
        guard frames.count == 4, excess == 0 else {
            throw Malformed("ingest: \(frames.count + excess) frames, expected 4")
        }
        guard let topic = Topic(bytes: frames[0]) else {
            throw Malformed("ingest: the first frame is no topic")
        }
        self.topic = topic
        header = try PostHeader(decoding: frames[1])
        signed = SignedAlert(header: frames[1], payload: frames[2], signature: frames[3])
    }
}
