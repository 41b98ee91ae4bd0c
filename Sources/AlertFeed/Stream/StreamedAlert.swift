public import Alerts
internal import Identity
package import Wire

/// An alert as it comes out of the stream: once, in offset order.
public struct StreamedAlert: Sendable, Equatable {
    public var offset: UInt64
    /// Of the topics asked for, the first that the alert was delivered on.
    public var topic: Topic
    public var topicSequence: UInt64
    /// Its sequences on all topics asked for, the first one included.
    package var places: [Heads.Entry] = []
    public var received: Timestamp
    /// Its payload is empty once the hub has erased it.
    public var signed: SignedAlert
    /// Of the payload as it was.
    public var digest: [UInt8]

    /// - erased: what is left of a payload that was erased.
    package init(
        offset: UInt64, topic: Topic, topicSequence: UInt64, received: Timestamp, signed: SignedAlert,
        erased: [UInt8]? = nil
    ) {
        self.offset = offset
        self.topic = topic
        self.topicSequence = topicSequence
        self.received = received
        self.signed = signed
        digest = erased ?? Seal.digest(of: signed.payload)
    }
}
