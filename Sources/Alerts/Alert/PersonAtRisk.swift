/// People at risk, counted: never named. Who they are is known to the authority that gave the reference, and to no
/// reader of the stream.
public struct PersonAtRisk: Sendable, Hashable {
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case victim
        case possibleVictim = "possible-victim"
    }

    public let role: Role
    /// Opaque, and made by the post's program: see ``PersonReference``.
    public let reference: String
    public let ageBand: AgeBand
    public let sex: Sex
    /// A language that an interpreter is needed for, by its ISO 639 code; nil when none is.
    public let languageNeed: String?
    /// How many people, at least 1.
    public let count: Int
}

public enum AgeBand: String, Sendable, Hashable, CaseIterable {
    case upTo11 = "0-11"
    case from12 = "12-15"
    case from16 = "16-17"
    case from18 = "18-24"
    case from25 = "25-59"
    case from60 = "60+"
    case unknown

    /// Years at which a person stops being a minor.
    public static let adult = 18

    /// An unknown age counts as a minor's.
    public var mayBeMinor: Bool {
        switch self {
        case .upTo11, .from12, .from16, .unknown: true
        case .from18, .from25, .from60: false
        }
    }
}
