// The code lists of an alert's envelope. Raw values are the words on the wire; those with a CAP name are CAP 1.2's
// own (section 3.2), so that a CAP document can be made without guessing.

/// CAP's status, without System and Draft: whether an alert is meant. An exercise or a test must be marked wherever
/// it is shown.
public enum Status: String, Sendable, Hashable, CaseIterable {
    case actual = "Actual"
    case exercise = "Exercise"
    case test = "Test"
}

/// CAP's msgType, without Error, which the hub answers outside of alerts.
public enum MessageType: String, Sendable, Hashable, CaseIterable {
    case alert = "Alert"
    case update = "Update"
    case cancel = "Cancel"
    /// A person on duty has taken an alert over. It refers to that one alert, and has its kind.
    case ack = "Ack"

    /// Whether it changes alerts of its author that it refers to.
    public var isChange: Bool { self == .update || self == .cancel }
}

/// Why an alert was cancelled, where that has consequences.
public enum Resolution: String, Sendable, Hashable, CaseIterable {
    /// Whoever it sought is safe: the hub erases what it said at once, and what was said in answer to it.
    case safe
}

/// CAP's urgency.
public enum Urgency: String, Sendable, Hashable, CaseIterable {
    case immediate = "Immediate"
    case expected = "Expected"
    case future = "Future"
    case past = "Past"
    case unknown = "Unknown"
}

/// CAP's severity. Ordered from unknown, the least, to extreme.
public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
    case extreme = "Extreme"
    case severe = "Severe"
    case moderate = "Moderate"
    case minor = "Minor"
    case unknown = "Unknown"

    private var rank: Int {
        switch self {
        case .extreme: 4
        case .severe: 3
        case .moderate: 2
        case .minor: 1
        case .unknown: 0
        }
    }

    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// CAP's certainty.
public enum Certainty: String, Sendable, Hashable, CaseIterable {
    case observed = "Observed"
    case likely = "Likely"
    case possible = "Possible"
    case unlikely = "Unlikely"
    case unknown = "Unknown"
}

/// Who may see an alert further on: the labels of TLP 2.0 (first.org), which are never translated.
/// `TLP:CLEAR` is not among them: an alert names suspects and is never for everyone.
public enum Handling: String, Sendable, Hashable, CaseIterable {
    case red = "TLP:RED"
    case amberStrict = "TLP:AMBER+STRICT"
    case amber = "TLP:AMBER"
    case green = "TLP:GREEN"

    /// Whether an alert that may concern a minor can carry it.
    public var isRestricted: Bool { self == .red || self == .amberStrict }
}

public enum Sex: String, Sendable, Hashable, CaseIterable {
    case female
    case male
    case other
    case unknown
}
