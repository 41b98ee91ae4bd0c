internal import Alerts
internal import Settings
public import Wire

extension Publisher {
    /// What the hub says an alert may be related to.
    public enum Relation: Sendable, Equatable {
        /// It has no plate, vessel or document that the hub would look for.
        case none
        /// The hub has not said yet.
        case open
        case told(Reply.Related)
    }

    public func relation(of id: [UInt8]) throws(OutboxError) -> Relation {
        if let related = try outbox.related(to: id) { return .told(related) }
        guard let kept = try outbox.kept(id), !Identifier.all(in: kept.payload).isEmpty else { return .none }
        return .open
    }
}
