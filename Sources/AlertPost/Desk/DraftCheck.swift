internal import Alerts

/// What is to be said of a draft before it is queued.
public struct DraftCheck: Sendable, Equatable, Codable {
    public struct Problem: Sendable, Equatable, Codable {
        /// Where, e.g. `movement.vehicle.plate`.
        public var field: String
        /// What is wrong with it, in English.
        public var message: String
    }

    /// What keeps nobody from publishing, and may be forgotten.
    public struct Notice: Sendable, Equatable, Codable {
        public enum Rule: String, Sendable, Codable, CaseIterable {
            /// No age is given: it counts as a minor's.
            case ageUnknown = "age-unknown"
            /// Somebody may be under 18.
            case minorPossible = "minor-possible"
        }

        public var rule: Rule
        public var field: String
    }

    public var problems: [Problem] = []
    public var notices: [Notice] = []
    /// The alert's content as its post would sign it now; nil where there are problems.
    public var content: String?
    /// The slug of its origin, and its kind: the first topic that it would be delivered on; nil likewise.
    public var topic: String?

    init(_ invalid: InvalidAlert) {
        problems = invalid.problems.map { Problem(field: $0.path, message: $0.rule) }
    }

    init(_ alert: Alert, _ payload: [UInt8], _ provinces: ProvinceDirectory) {
        content = String(decoding: payload, as: UTF8.self)
        topic = alert.topics(in: provinces).first?.name
        notices = DraftCheck.notices(of: alert)
    }

    private static func notices(of alert: Alert) -> [Notice] {
        var notices: [Notice] = []
        if let suspect = alert.suspect, suspect.mayBeMinor {
            notices.append(
                Notice(
                    rule: suspect.ageRange == nil ? .ageUnknown : .minorPossible, field: "suspect.ageRange"))
        }
        if let movement = alert.movement, movement.mayIncludeMinor {
            notices.append(
                Notice(rule: movement.minors == nil ? .ageUnknown : .minorPossible, field: "movement.minors"))
        }
        if let sighting = alert.sighting, sighting.mayIncludeMinor {
            notices.append(
                Notice(rule: sighting.minors == nil ? .ageUnknown : .minorPossible, field: "sighting.minors"))
        }
        for (index, person) in alert.atRisk.enumerated() where person.ageBand.mayBeMinor {
            notices.append(
                Notice(
                    rule: person.ageBand == .unknown ? .ageUnknown : .minorPossible,
                    field: "atRisk[\(index)].ageBand"))
        }
        return notices
    }
}

/// What became of a draft that was to be queued.
public enum DraftQueued: Sendable, Equatable, Codable {
    case queued(id: String, sequence: UInt64)
    case invalid(DraftCheck)
}

/// An alert that waits for the hub, or that the hub has rejected.
public struct WaitingDraft: Sendable, Equatable, Codable {
    public var id: String
    public var sequence: UInt64
    /// When, ms since 1970.
    public var queued: Int64
    public var kind: String?
    /// In Khmer and in English, as far as it has one.
    public var headline: Headline?
    public var state: DraftNews.State
    /// Of a rejected one, as in ``DraftNews``.
    public var code: String?
    public var reason: String?

    public struct Headline: Sendable, Equatable, Codable {
        public var km: String?
        public var en: String?
    }
}

/// Who signs what is queued at a desk.
public struct DraftAuthor: Sendable, Equatable, Codable {
    public var name: String
    /// The slug of the province that its alerts concern first, where a draft names none.
    public var province: String?
    /// Whether all kinds of alerts, and not acknowledgements alone.
    public var publishes: Bool
}
