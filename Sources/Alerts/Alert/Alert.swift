/// What a post says it saw: an envelope, and a section for its kind.
///
/// A value that exists was checked: ``decode(_:provinces:screened:)`` is the only way from bytes. The bytes themselves are what
/// is signed and stored; this is only their reading.
///
/// No field takes a victim's name, document, telephone number, address or photograph. People at risk are
/// counted in ``atRisk``; free texts are searched for numbers (``TextRules``).
public struct Alert: Sendable, Hashable {
    public let id: AlertID
    /// Name of the post that says it.
    public let sender: String
    public let sent: Timestamp
    public let status: Status
    public let messageType: MessageType
    /// The alerts that this one updates or cancels, or the one that it acknowledges; empty for a new one.
    public let references: [AlertID]
    /// Only of a cancellation, of all that it refers to.
    public let resolution: Resolution?
    public let kind: Kind
    public let urgency: Urgency
    public let severity: Severity
    public let certainty: Certainty
    /// When it stops being true; later than ``sent`` by at most ``Limits/life``.
    public let expires: Timestamp
    public let handling: Handling
    /// ISO 3166-2 codes of the provinces concerned, the origin first.
    public let provinces: [String]
    /// Name of a border crossing, as people write it; nil when none is concerned.
    public let crossing: String?
    /// nil only in an acknowledgement, which has none, and in a sighting, which needs none.
    public let headline: Text?
    public let description: Text?
    /// Only of an acknowledgement: what its author adds.
    public let note: Text?
    /// Present exactly when the kind is suspect; a cancellation may leave it out, an acknowledgement has none.
    public let suspect: Suspect?
    /// Present exactly when the kind is movement, with the same exceptions.
    public let movement: Movement?
    /// Present exactly when the kind is sighting; a cancellation and an acknowledgement have none.
    public let sighting: Sighting?
    public let atRisk: [PersonAtRisk]
    /// nil of all that was written for this stream.
    public let source: Source?

    /// Whether anyone in it may be under 18. Where an age is not known, the answer is yes.
    public var mayConcernMinor: Bool {
        if let suspect, suspect.mayBeMinor { return true }
        if let movement, movement.mayIncludeMinor { return true }
        if let sighting, sighting.mayIncludeMinor { return true }
        return atRisk.contains { $0.ageBand.mayBeMinor }
    }

    /// Every alert that it is about: those that it refers to; then, of a sighting, the one that it answers.
    public var subjects: [AlertID] {
        guard let sighting else { return references }
        return references.filter { $0 != sighting.of } + [sighting.of]
    }

    /// Where it is delivered: one topic for each province concerned, in the alert's order.
    public func topics(in directory: ProvinceDirectory) -> [Topic] {
        provinces.compactMap { directory.province(code: $0)?.topic(kind) }
    }
}

/// A text in one or both languages; never empty.
public struct Text: Sendable, Hashable {
    /// Khmer; holds at least one Khmer letter.
    public let km: String?
    /// English; holds at least one Latin letter.
    public let en: String?

    init(km: String? = nil, en: String? = nil) {
        self.km = km
        self.en = en
    }
}
