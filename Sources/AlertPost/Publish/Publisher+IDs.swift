internal import Alerts
internal import Identity
internal import Platform
internal import Wire

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
            if let digest = kept.erased {
                guard try isSame(draft, kept, digest) else { throw Publisher.otherContent(kept) }
                return .known(epoch: kept.epoch, kept.status)
            }
            // What the draft leaves out was filled in at that time.
            guard let earlier = try? Alert.decode(kept.payload, provinces: provinces),
                try complete(draft, at: earlier.sent, like: earlier).payload == kept.payload
            else { throw Publisher.otherContent(kept) }
            return .known(epoch: kept.epoch, kept.status)
        } catch { return .invalid(error) }
    }

    private static func otherContent(_ kept: Outbox.Kept) -> InvalidAlert {
        InvalidAlert(
            path: "id",
            rule:
                "the outbox has it with another content, sequence \(kept.status.sequence): an id names one alert "
                + "for ever; leave it out, or take another")
    }

    /// Whether a draft makes the alert whose content is erased. References of persons that were made for it are not known any
    /// more: a draft without them is taken for the same, since whoever tries again is to hear what became of it.
    private func isSame(
        _ draft: AlertDraft, _ kept: Outbox.Kept, _ digest: [UInt8]
    ) throws(InvalidAlert) -> Bool {
        guard let header = try? PostHeader(decoding: kept.header) else { return false }
        var isMade = false
        let (_, payload) = try draft.completed(
            sender: name, now: header.queued,
            id: { AlertID(time: header.queued, random: randomBytes(AlertID.randomLength)) },
            province: settings.province, provinces: provinces,
            reference: {
                isMade = true
                return PersonReference.make()
            })
        return isMade || Seal.digest(of: payload) == digest
    }
}
