public import Alerts
internal import Identity

/// An alert as it comes out of the stream: once, in offset order.
public struct StreamedAlert: Sendable, Equatable {
    public var offset: UInt64
    /// Of the topics asked for, the first that the alert was delivered on.
    public var topic: Topic
    public var topicSequence: UInt64
    public var received: Timestamp
    public var header: [UInt8]
    /// Empty once the hub has erased the content.
    public var payload: [UInt8]
    /// Of the payload as it was.
    public var digest: [UInt8]
    public var signature: [UInt8]

    /// - erased: what is left of a payload that was erased.
    package init(
        offset: UInt64, topic: Topic, topicSequence: UInt64, received: Timestamp, header: [UInt8],
        payload: [UInt8], erased: [UInt8]? = nil, signature: [UInt8]
    ) {
        self.offset = offset
        self.topic = topic
        self.topicSequence = topicSequence
        self.received = received
        self.header = header
        self.payload = payload
        digest = erased ?? Seal.digest(of: payload)
        self.signature = signature
    }
}
