/// What became of an alert elsewhere, said by whoever met what it is about. SIS calls it a hit (Regulation (EU) 2018/1862,
/// Article 37). People with it are counted, never named.
public struct Sighting: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case seen
        case checked
        case stopped
        /// People at risk were brought to safety.
        case protected
        case notSeen = "not-seen"
        /// The alert is about somebody or something else.
        case mistaken

        /// Whether somebody or something was met, so that it must be said by what it was recognised.
        var isHit: Bool { self != .notSeen && self != .mistaken }
    }

    /// By what somebody or something was recognised.
    public enum Identifier: String, Sendable, Hashable, CaseIterable {
        case plate
        case document
        case vessel
        case appearance
        /// Never alone: many people share one.
        case name
    }

    /// What whoever meets it next is asked to do, in SIS's words (Articles 32 and 36); nil: nothing.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        case inform
        case discreet
        case inquiry
        case specific
        case locate
        case protect
    }

    /// The alert that it answers; the hub may not have it.
    public let of: AlertID
    public let outcome: Outcome
    /// Not empty where the outcome is a hit, and then not a name alone.
    public let identifiers: [Identifier]
    public let time: Timestamp
    public let place: String?
    public let mode: Movement.Mode?
    public let direction: Movement.Direction?
    /// Where it is going.
    public let towards: String?
    public let vehicle: Vehicle?
    /// nil when not counted.
    public let people: Int?
    /// How many of them appear to be under 18; nil when not known: then they count as minors.
    public let minors: Int?
    public let action: Action?
    /// Whether it is for those who read its author's own provinces too, and not only for those of the alert.
    public let share: Bool

    public var mayIncludeMinor: Bool { outcome.isHit && minors != 0 }
}
