public import Alerts

/// That an alert has an identifier.
public struct IdentifierEntry: Sendable, Hashable {
    public var offset: UInt64
    public var identifier: Identifier

    public init(offset: UInt64, identifier: Identifier) {
        self.offset = offset
        self.identifier = identifier
    }
}

/// Alerts that have one of some identifiers.
public struct IdentifierMatches: Sendable, Equatable {
    /// The newest alerts first, each with all that it has of them.
    public var entries: [IdentifierEntry]
    /// There are more alerts than were asked for.
    public var isCut: Bool
    /// False while alerts of an older hub are still being indexed.
    public var isComplete: Bool

    /// - limit: most alerts.
    package init(_ entries: [IdentifierEntry], limit: Int, isComplete: Bool = true) {
        let sorted = Set(entries).sorted {
            $0.offset == $1.offset ? $0.identifier < $1.identifier : $0.offset > $1.offset
        }
        let offsets = Set(sorted.map(\.offset)).sorted(by: >)
        let last = offsets.prefix(max(limit, 0)).last
        self.entries = sorted.filter { $0.offset >= last ?? .max }
        isCut = offsets.count > max(limit, 0)
        self.isComplete = isComplete
    }
}
