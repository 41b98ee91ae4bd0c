package import Wire

extension PostLink {
    package enum Action: Sendable, Equatable {
        case ask(Request)
        /// Connect the ingest socket to this port of the hub, if it isn't.
        case connectIngest(port: Int)
        /// Read up to `limit` waiting alerts after the sequence from the outbox, and hand them to ``fetched(_:)``.
        case fetch(after: UInt64, limit: Int)
        case send(Outbox.Entry)
        /// Send a sealed message without a payload under the entry's number, so that the number is used up.
        case giveUp(Outbox.Entry)
        /// Look whether the digest is that of what was sent under this number, and say so by ``compared(_:isOurs:_:)``.
        case compare(sequence: UInt64, digest: String, isGivenUp: Bool)
        /// Note what the hub said, as far as it is of the alerts that the outbox holds; then ``resolved(_:_:_:)``.
        case resolve([Outbox.Answer], [Outbox.Check])
        /// Keep what an alert may be related to.
        case note(Reply.Related)
        /// The latest checkpoint of each of the hub's logs.
        case keep([SignedCheckpoint])
        /// Everything after the sequence is to wait for the hub again; then ``reopened(_:_:_:_:)``.
        case reopen(after: UInt64)
        /// Look which stored alerts up to the sequence the outbox still holds; then ``found(stored:pick:)``.
        case findStored(through: UInt64)
        /// Hold what the hub says of these sequences against what it had told; then ``compared(_:altered:)``.
        case compareStored(ClosedRange<UInt64>, [Outbox.Answer], [Outbox.Check])
        /// Tell whoever watches what has come of alerts.
        case answered([AlertAnswer])
        case tell(PostEvent, String)
        /// The same, and loud.
        case warn(PostEvent, String)
    }
}
