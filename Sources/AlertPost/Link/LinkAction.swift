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
        /// Compare the digest with that of the message that was sent under this number; tell the result by
        /// ``compared(_:isOurs:_:)``.
        case compare(sequence: UInt64, digest: String, isGivenUp: Bool)
        /// Write the hub's answers into the outbox, as far as they are about the alerts that it holds; then call
        /// ``resolved(_:_:_:)``.
        case resolve([Outbox.Answer], [Outbox.Check])
        /// Keep what an alert may be related to.
        case note(Reply.Related)
        /// The latest checkpoint of each of the hub's logs.
        case keep([SignedCheckpoint])
        /// Make everything after the sequence wait for the hub again; then call ``reopened(_:_:_:_:)``.
        case reopen(after: UInt64)
        /// Find out which stored alerts up to this sequence the outbox still holds; then call ``found(stored:pick:)``.
        case findStored(through: UInt64)
        /// Compare what the hub says now of these sequences with what it had said when it stored them; then call
        /// ``compared(_:altered:)``.
        case compareStored(ClosedRange<UInt64>, [Outbox.Answer], [Outbox.Check])
        /// Tell the programs that watch what has come of alerts.
        case answered([AlertAnswer])
        case tell(PostEvent, String)
        /// As ``tell``, for something that the operator should act on.
        case warn(PostEvent, String)
    }
}
