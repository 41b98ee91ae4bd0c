internal import Wire

/// Alerts whose seal the hub does not take. It consumes none of them, since whoever has the post's connection and not its
/// signature could otherwise use up its numbers; so the post has to let go of one by a message that it can seal.
extension PostLink {
    /// The hub's word that a seal under one of our numbers does not verify.
    func unsealed(_ refused: Reply.Refused) -> [Action] {
        guard isWelcomed, refused.epoch?.value == epoch, let sequence = refused.sequence,
            let digest = refused.alert, window.isOpen(sequence)
        else { return [] }
        return [
            .compare(
                sequence: sequence, digest: digest, isGivenUp: window.givenUp.contains(sequence))
        ]
    }

    /// After a ``Action/compare(sequence:digest:isGivenUp:)``.
    /// - isOurs: what the hub could not verify is what this post has sent.
    package mutating func compared(_ sequence: UInt64, isOurs: Bool, _ now: Duration) -> [Action] {
        guard isWelcomed, window.isOpen(sequence) else { return [] }
        guard isOurs else {
            return [
                .warn(
                    .foreignAlert,
                    "another program sends alerts under this post's name, without its signature: they are refused. It has "
                        + "this post's CURVE key: make new keys, and have them enrolled")
            ]
        }
        guard window.givenUp.insert(sequence).inserted else {
            // The hub does not take even the empty message under this number, so it has another key for this post. Once the
            // right one is enrolled all of the alerts are good: none is given up.
            window.givenUp = []
            refuse(
                .hub(.signature),
                "the hub takes no signature of this post: is the signing key that is enrolled for it the one in its key file?",
                now)
            return []
        }
        window.goBack(to: sequence - 1)
        return pump(now)
    }
}
