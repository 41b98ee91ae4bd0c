internal import Alerts
internal import LogProof
internal import Wire

/// What the hub must vouch for with its signature (PROTOCOL.md, "Checkpoints").
extension FeedLink {
    /// Whether the stream has come further than the hub has vouched for, and the hub can be asked.
    var owesVouching: Bool {
        guard state == .reading, let stream, stream.chains != nil else { return false }
        return vouchingAsked != nil || stream.position > vouchedThrough
    }

    /// When the hub is to be asked, or asked again; nil: there is nothing to ask.
    var vouchingDue: Duration? {
        guard owesVouching else { return nil }
        return vouchingAsked.map { $0.since + FeedLink.patience } ?? nextVouching
    }

    /// Has the hub vouch for the last position before the end, so that a later rewriting of it shows.
    mutating func vouchAtEnd(_ now: Duration) -> [Action] {
        owesVouching && vouchingAsked == nil ? vouch(now) : []
    }

    mutating func keepVouching(_ now: Duration) -> [Action] {
        guard let vouchingDue, now >= vouchingDue else { return [] }
        return vouch(now)
    }

    private mutating func vouch(_ now: Duration) -> [Action] {
        guard let stream, let chains = stream.chains else { return [] }
        let request = number()
        vouchingAsked = Vouching(request: request, offset: stream.position, chains: chains, since: now)
        return [
            .ask(
                .checkpoint(
                    Request.Checkpoint(
                        request: request, offset: stream.position, topics: stream.selection.names)))
        ]
    }

    /// The hub's word for what the stream had come to when it was asked.
    mutating func verified(
        by answer: Reply.Checkpoint, _ now: Duration
    ) throws(CheckpointVerifier.Fork) -> [Action] {
        guard let asked = vouchingAsked, answer.request == asked.request, let stream else { return [] }
        vouchingAsked = nil
        progress(now)
        let marks = try marks(in: answer, at: asked.offset, stream.selection)
        guard answer.checkpoint.checkpoint.log == stream.log else { return [] }
        guard asked.chains.marks == marks else {
            throw CheckpointVerifier.Fork(
                description:
                    "what was read up to offset \(asked.offset) is not what the hub has signed for it")
        }
        vouchedThrough = asked.offset
        nextVouching = now + FeedLink.vouching
        return try verifier.see(answer.checkpoint) ? [.keep(verifier.kept)] : []
    }

    /// The chains of the selection that an answer names, as far as the checkpoint in it proves them.
    func marks(
        in answer: Reply.Checkpoint, at offset: UInt64, _ selection: Selection
    ) throws(CheckpointVerifier.Fork) -> [UInt32: TopicMark] {
        try verifier.check(answer.checkpoint)
        guard answer.checkpoint.checkpoint.offset == offset else {
            throw CheckpointVerifier.Fork(
                description: "the hub answers for another offset than it was asked for")
        }
        return try ChainProof.marks(in: answer).filter { _, named in
            Topic(named.topic).map { selection.contains($0) } ?? false
        }.mapValues(\.mark)
    }
}
