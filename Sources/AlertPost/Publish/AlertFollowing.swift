internal import Alerts
internal import Wire

/// What `publish --wait` waits for.
public enum WaitEnd: String, Sendable, CaseIterable {
    /// The hub's answer.
    case stored
    /// Somebody else than the author has seen it, or taken it over.
    case seen
    case acknowledged

    var answer: Reply.Answered.What? {
        switch self {
        case .stored: nil
        case .seen: .seen
        case .acknowledged: .acknowledged
        }
    }
}

/// Stored alerts until what is waited for has come of them. A value.
struct AlertFollowing: Sendable {
    /// Alerts that the daemon is asked to follow at once: the first ones that are open.
    static let atOnce = 100
    /// A daemon that was started anew, or came later, is asked again so often.
    static let again = Duration.seconds(5)

    let until: Reply.Answered.What
    /// In the order in which they were stored.
    private(set) var open: [AlertID] = []
    private var sequences: [AlertID: UInt64] = [:]
    private var asked: Set<AlertID> = []
    private var nextAsking = Duration.zero

    init(until: Reply.Answered.What) { self.until = until }

    var isEmpty: Bool { open.isEmpty }

    mutating func add(_ alert: AlertID, sequence: UInt64) {
        guard sequences.updateValue(sequence, forKey: alert) == nil else { return }
        open.append(alert)
    }

    /// Which to ask for now.
    mutating func next(_ now: Duration) -> [AlertID] {
        if now >= nextAsking {
            asked = []
            nextAsking = now + AlertFollowing.again
        }
        return open.prefix(AlertFollowing.atOnce).filter { asked.insert($0).inserted }
    }

    /// - Returns: the alert's sequence, where this is what was waited for. Who has taken it over has seen it.
    mutating func take(_ answer: AlertAnswer) -> UInt64? {
        guard let alert = AlertID(answer.alert), let place = open.firstIndex(of: alert),
            answer.what == until || until == .seen && answer.what == .acknowledged
        else { return nil }
        open.remove(at: place)
        return sequences[alert]
    }
}
