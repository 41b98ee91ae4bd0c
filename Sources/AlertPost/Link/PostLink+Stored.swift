internal import Wire

/// The post compares its hub's log with its own outbox: only the post knows what it was told is stored.
extension PostLink {
    /// nil: not compared yet.
    package var altered: Int? { stored.count }

    /// With a sign of life, once it is due and no answer is missing.
    mutating func lookAtStored(_ now: Duration) -> [Action] {
        guard consumed > 0, !lacksAnswers, stored.begin(now) else { return [] }
        return [.findStored(through: consumed)]
    }

    /// After a ``Action/findStored(through:)``.
    /// - kept: the first and the last stored sequence that the outbox still holds. pick: random.
    package mutating func found(stored kept: ClosedRange<UInt64>?, pick: UInt64) -> [Action] {
        stored.stretches(of: kept, pick: pick).map { stretch in
            let request = number()
            stored.note(request, asks: stretch)
            return .ask(
                .outcomes(
                    Request.Outcomes(
                        request: request, epoch: HexNumber(epoch), from: stretch.lowerBound,
                        through: stretch.upperBound)))
        }
    }

    /// - Returns: nil when this is no answer to the question.
    mutating func toldOfStored(_ answer: Reply.Acknowledged) -> [Action]? {
        guard let stretch = stored.answered(answer.request) else { return nil }
        guard answer.epoch.value == epoch else { return [] }
        let (answers, checks) = answer.forOutbox
        return [.compareStored(stretch, answers, checks)]
    }

    /// After a ``Action/compareStored(_:_:_:)``.
    /// - altered: stored sequences of which the hub now says something else; ascending.
    package mutating func compared(_ stretch: ClosedRange<UInt64>, altered: [UInt64]) -> [Action] {
        stored.compared(stretch, altered: altered)
        guard let first = altered.first else { return [] }
        return [
            .warn(
                .logAltered,
                "the hub's log no longer has \(altered.count) alerts of this post as it had stored them, the first of "
                    + "them sequence \(first): alerts were removed, moved or exchanged. Tell the hub's operator and whoever "
                    + "oversees them; the outbox keeps the alerts for outbox.keep")
        ]
    }
}
