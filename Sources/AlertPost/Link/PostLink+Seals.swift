internal import Wire

/// Alerts whose seal the hub does not take. It consumes none of them, since whoever has the post's connection and not its
/// signature could otherwise use up its numbers; so the post has to let go of one by a message that it can seal.
extension PostLink {
    /// Between two words of alerts that another program sends under this post's name.
    static let foreignAgain = Duration.seconds(600)

    /// The hub's word that a seal under one of our numbers does not verify.
    func unsealed(_ refused: Reply.Refused) -> [Action] {
        guard state == .up, refused.epoch?.value == epoch, let sequence = refused.sequence,
            let digest = refused.alert, sequence > consumed, sequence <= sent
        else { return [] }
        return [.compare(sequence: sequence, digest: digest, isGivenUp: givenUp.contains(sequence))]
    }

    /// After a ``Action/compare(sequence:digest:isGivenUp:)``.
    /// - isOurs: what the hub could not verify is what this post has sent.
    package mutating func compared(_ sequence: UInt64, isOurs: Bool, _ now: Duration) -> [Action] {
        guard state == .up, sequence > consumed, sequence <= sent else { return [] }
        guard isOurs else {
            if let told = foreignTold, now < told + PostLink.foreignAgain { return [] }
            foreignTold = now
            return [
                .warn(
                    .foreignAlert,
                    "another program sends alerts under this post's name, without its signature: they are refused. It has "
                        + "this post's CURVE key: make new keys, and have them enrolled")
            ]
        }
        guard givenUp.insert(sequence).inserted else {
            // Not this alert alone: once the right key is enrolled they are all good.
            givenUp = []
            return refuse(
                .hub(.signature),
                "the hub takes no signature of this post: is the signing key that is enrolled for it the one in its key file?",
                now)
        }
        sent = sequence - 1
        mayHaveMore = true
        return pump(now)
    }
}
