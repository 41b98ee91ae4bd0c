internal import AlertStore
internal import Alerts

/// Which identity is on duty for what, now and at the time when an alert was stored.
struct DutyRoster: Sendable {
    private struct Change: Sendable {
        var from: UInt64
        var duty: Grant
    }

    /// The changes of each identity that ever was on duty, in ascending order of offsets.
    private var history: [String: [Change]] = [:]

    init() {}

    /// - changes: by offset.
    init(_ changes: [DutyChange]) {
        for change in changes { put(change) }
    }

    /// Takes over what the registry says, for alerts from the offset on.
    /// - Returns: the changes, which have to be recorded.
    mutating func follow(_ registry: Registry, from: UInt64) -> [DutyChange] {
        var wanted = history.mapValues { _ in Grant.none }
        for identity in registry.identities where !identity.duty.isEmpty {
            wanted[identity.name] = identity.duty
        }
        let changes = wanted.sorted { $0.key < $1.key }.compactMap { name, duty in
            (history[name]?.last?.duty ?? .none) == duty
                ? nil : DutyChange(from: from, identity: name, duty: duty.texts)
        }
        for change in changes { put(change) }
        return changes
    }

    /// Alerts that were staged were not stored after all: a change that was to count from a later offset counts from this one.
    mutating func rollBack(to from: UInt64) {
        for name in history.keys {
            while let last = history[name]?.last, last.from > from {
                history[name]?.removeLast()
                put(DutyChange(from: from, identity: name, duty: last.duty.texts))
            }
        }
    }

    /// Whether an alert on a topic counts as seen once this identity has seen it: who is not on duty only counts where nobody is.
    func counts(_ identity: String, for topic: Topic, at offset: UInt64) -> Bool {
        func isOnDuty(_ changes: [Change]?) -> Bool {
            changes?.last { $0.from <= offset }?.duty.allows(topic) ?? false
        }
        return isOnDuty(history[identity]) || !history.values.contains { isOnDuty($0) }
    }

    /// Whether nobody is on duty for anything now, or was when an alert was stored.
    var isEmpty: Bool { history.values.allSatisfy { $0.last?.duty.isEmpty ?? true } }
    func isEmpty(at offset: UInt64) -> Bool {
        history.values.allSatisfy { $0.last { $0.from <= offset }?.duty.isEmpty ?? true }
    }

    /// Whether anybody but its author is on duty for an alert on these topics.
    func isAnybody(onDutyFor topics: [Topic], at offset: UInt64, but author: String) -> Bool {
        history.contains { name, changes in
            guard name != author, let duty = changes.last(where: { $0.from <= offset })?.duty else {
                return false
            }
            return topics.contains(where: duty.allows)
        }
    }

    /// Who is on duty for an alert on these topics; ascending.
    func identities(onDutyFor topics: [Topic], at offset: UInt64) -> [String] {
        history.compactMap { name, changes in
            guard let duty = changes.last(where: { $0.from <= offset })?.duty,
                topics.contains(where: duty.allows)
            else { return nil }
            return name
        }.sorted()
    }

    private mutating func put(_ change: DutyChange) {
        let duty = Grant(slugs: change.duty) ?? .none
        var changes = history[change.identity] ?? []
        if changes.last?.from == change.from { changes.removeLast() }
        changes.append(Change(from: change.from, duty: duty))
        history[change.identity] = changes
    }
}
