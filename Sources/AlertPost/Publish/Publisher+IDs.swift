internal import Alerts
internal import Identity
internal import Platform

extension Publisher {
    static let otherContent = InvalidAlert(
        path: "id", rule: "another draft has it, with another content: an id names one alert for ever")

    /// - like: an alert that the draft has made before, whose references it gets again.
    func complete(
        _ draft: AlertDraft, at now: Timestamp, like earlier: Alert? = nil
    ) throws(InvalidAlert) -> (alert: Alert, payload: [UInt8]) {
        var references = (earlier.map(draft.references(missingOf:)) ?? [])[...]
        return try draft.completed(
            sender: name, now: now, id: { AlertID(time: now, random: randomBytes(AlertID.randomLength)) },
            province: settings.province, provinces: provinces,
            reference: { references.popFirst() ?? PersonReference.make() })
    }

    /// What a draft would make now; nothing is queued, and its id and what else is made of chance is another each time.
    func complete(_ draft: [UInt8]) throws(InvalidAlert) -> (alert: Alert, payload: [UInt8]) {
        try complete(AlertDraft(draft), at: Timestamp(milliseconds: wallClockMilliseconds()))
    }

    /// What a draft gets whose id the outbox has.
    func again(_ draft: AlertDraft, _ kept: Outbox.Kept) -> Queued {
        do throws(InvalidAlert) {
            // What the draft leaves out was filled in at that time.
            guard let earlier = try? Alert.decode(kept.payload, provinces: provinces),
                try complete(draft, at: earlier.sent, like: earlier).payload == kept.payload
            else {
                throw InvalidAlert(
                    path: "id",
                    rule:
                        "the outbox has it with another content, sequence \(kept.status.sequence): an id names one alert "
                        + "for ever; leave it out, or take another")
            }
            return .known(epoch: kept.epoch, kept.status)
        } catch { return .invalid(error) }
    }
}
