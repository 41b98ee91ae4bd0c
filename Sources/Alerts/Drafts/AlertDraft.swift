internal import JSON

/// What an officer wrote: a JSON object in which much may be missing, read once.
public struct AlertDraft: Sendable {
    /// What a draft without `expires` gets: a day, in milliseconds.
    public static let life: Int64 = 86_400_000

    let root: JSONValue
    /// The id that it names; nil where it names none, or nothing that is one.
    public let id: AlertID?

    /// - Throws: where it is no JSON at all, with the place, or too long.
    public init(_ bytes: [UInt8]) throws(InvalidAlert) {
        root = try Alert.document(bytes) { $0.placed(in: bytes) }
        id = root["id"]?.string.flatMap { AlertID($0) }
    }

    /// Makes an alert of it.
    ///
    /// `id`, `sender` and `sent` are filled in (a sender, if given, must be this post's), `status` becomes Actual,
    /// `msgType` Alert, `handling` TLP:AMBER+STRICT, `expires` a day after `sent`, `urgency`, `severity` and `certainty`
    /// Unknown; a person at risk without a reference gets a new one. Provinces may have any of their names, and `headline` and
    /// `description` may be plain texts. The result is written once and then checked as strictly as the hub does. A draft that
    /// has already expired is refused.
    /// - id: asked once; used if the draft has none. province: any name of the one that a draft without provinces is about;
    ///   nil: each has to name its own.
    /// - Returns: the alert, and the bytes to sign and send.
    public func completed(
        sender: String, now: Timestamp, id: () -> AlertID, province: String? = nil,
        provinces: ProvinceDirectory, reference: @escaping () -> String = PersonReference.make
    ) throws(InvalidAlert) -> (alert: Alert, payload: [UInt8]) {
        // Alerts have whole seconds. Cutting here keeps every comparison the same before and after writing.
        let now = max(now.milliseconds, .min + 1_000)
        let second = Timestamp(milliseconds: now - ((now % 1_000) + 1_000) % 1_000)
        let defaults = DraftDefaults(
            sender: sender, now: second, id: id(), province: province, reference: reference)
        let alert = try Alert.read(root, provinces: provinces, draft: defaults, screened: true)
        let payload = alert.encoded()
        // Its texts are those that the draft was screened for.
        return (try Alert.decode(payload, provinces: provinces, screened: false), payload)
    }

    /// The references of an alert that this draft of it does not name, in order: it gets them again.
    public func references(missingOf alert: Alert) -> [String] {
        let people = root["atRisk"]?.elements ?? []
        let named = Set(people.compactMap { $0["reference"]?.string })
        return alert.atRisk.map(\.reference).filter { !named.contains($0) }
    }
}
