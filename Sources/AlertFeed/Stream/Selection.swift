public import Alerts

/// The topics that a reader asks for.
public enum Selection: Sendable, Equatable {
    /// All that the identity may read, also topics that get their first alert later.
    case everything
    case topics(Set<Topic>)

    func contains(_ topic: Topic) -> Bool {
        switch self {
        case .everything: true
        case .topics(let topics): topics.contains(topic)
        }
    }

    /// The names as a replay asks for them: an empty list means everything.
    var names: [String] {
        switch self {
        case .everything: []
        case .topics(let topics): topics.map(\.name).sorted()
        }
    }
}
