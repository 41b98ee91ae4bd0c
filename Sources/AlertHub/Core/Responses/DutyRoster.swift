internal import AlertStore
internal import Alerts

/// Which identity is on duty for what, now and at the time when an alert was stored.
struct DutyRoster: Sendable {
    private struct Change: Sendable {
        var from: UInt64
        var duty: Grant
        /// It is enrolled no longer.
        var isGone = false
    }

    /// The changes of each identity that ever was on duty, in ascending order of offsets.
    private var history: [String: [Change]] = [:]

    init() {}

    /// - changes: by offset.
    init(_ changes: [DutyChange]) {
        for change in changes { put(change) }
    }

    /// Takes over what the registry says, for alerts from the offset on.
    /// - others: who has shown something, and may never have been on duty: since when they are gone is noted too.
    /// - Returns: the changes, which have to be recorded.
    mutating func follow(_ registry: Registry, from: UInt64, others: [String] = []) -> [DutyChange] {
        let enrolled = Dictionary(
            registry.identities.map { ($0.name, $0.duty) }, uniquingKeysWith: { first, _ in first })
        let names = Set(history.keys).union(others).union(enrolled.filter { !$0.value.isEmpty }.keys)
        let changes = names.sorted().compactMap { name -> DutyChange? in
            let last = history[name]?.last
            guard let duty = enrolled[name] else {
                return last?.isGone ?? false
                    ? nil : DutyChange(from: from, identity: name, duty: DutyChange.gone)
            }
            let isSame = (last?.duty ?? .none) == duty && !(last?.isGone ?? false)
            return isSame ? nil : DutyChange(from: from, identity: name, duty: duty.texts)
        }
        for change in changes { put(change) }
        return changes
    }

    /// Alerts that were staged were not stored after all: a change that was to count from a later offset counts from this one.
    mutating func rollBack(to from: UInt64) {
        for name in history.keys {
            while let last = history[name]?.last, last.from > from {
                history[name]?.removeLast()
                put(
                    DutyChange(
                        from: from, identity: name,
                        duty: last.isGone ? DutyChange.gone : last.duty.texts))
            }
        }
    }

    var knowsGone: Bool { history.values.contains { $0.last?.isGone ?? false } }

    /// Who is enrolled no longer since before an offset; ascending.
    func gone(before offset: UInt64) -> [String] {
        history.filter { $0.value.last.map { $0.isGone && $0.from < offset } ?? false }.keys.sorted()
    }

    mutating func forget(_ identity: String) { history[identity] = nil }

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
        let isGone = change.duty == DutyChange.gone
        let duty = isGone ? .none : Grant(slugs: change.duty) ?? .none
        var changes = history[change.identity] ?? []
        if changes.last?.from == change.from { changes.removeLast() }
        changes.append(
            Change(from: change.from, duty: duty, isGone: isGone))
        history[change.identity] = changes
    }
}
