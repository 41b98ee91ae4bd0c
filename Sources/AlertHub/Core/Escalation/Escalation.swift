internal import Alerts
internal import AlertStore
internal import Wire

/// Which alerts nobody has seen, or nobody has acknowledged, for longer than their urgency allows. A value: what is stored and what
/// comes of it in, what is to be told out.
///
/// Time is the hub's own (``HubTime/now(steady:)``): the time for which it was down does not count.
struct Escalation: Sendable {
    /// How many alerts are watched at once, of all authors and of one author, so that one can't use up the room of the others.
    /// At the limit a further alert is not watched, and the operator is told so.
    static let mostWatched = 65_536
    static let mostOfAuthor = 4_096

    /// An alert that may have to be escalated.
    struct Subject: Sendable, Equatable {
        var offset: UInt64
        var alert: AlertID
        var author: String
        var urgency: Urgency
        /// By the hub's clock.
        var stored: Timestamp
        /// Numbers of its topics.
        var topics: [UInt32]
        /// By the hub's clock.
        var expires: Timestamp
        /// Whether anybody but its author was on duty for it when it was stored.
        var isOnDuty: Bool
        /// Alerts of the same author that it replaces.
        var replaces: [AlertID] = []
    }

    /// Why an alert is escalated. For each reason an alert is escalated once.
    enum Reason: String, Sendable, Equatable, CaseIterable {
        case unseen
        case unacknowledged
        /// Nobody was on duty for it when it was stored.
        case unattended

        /// Whether the escalation ends once somebody has seen the alert.
        var isUnseen: Bool { self != .unacknowledged }
    }

    /// An escalation. It is recorded before anybody is told of it.
    struct Raised: Sendable, Equatable {
        /// 1, 2, 3 ... within the log.
        var number: UInt64
        var offset: UInt64
        var alert: AlertID
        var author: String
        var reason: Reason
        var topics: [UInt32]
        /// By the hub's clock.
        var at: Timestamp
    }

    private struct Watched: Sendable {
        var subject: Subject
        /// On the hub's own time scale.
        var since: Timestamp
        var isSeen = false
        var raised: [(reason: Reason, number: UInt64)] = []
    }

    private(set) var settings: EscalationSettings
    /// By offset.
    private var watched: [UInt64: Watched] = [:]
    private var offsets: [AlertID: UInt64] = [:]
    private var counts: [String: Int] = [:]
    /// Escalations that were told and are open, by number; and the numbers of those among them that are settled. These are
    /// removed with the next look, since thousands may be settled at once.
    private var told: [Raised] = []
    private var settled: Set<UInt64> = []
    /// Escalations that are raised and in no batch yet; and those in the batch under way.
    private var due: [Raised] = []
    /// How long the hub was down before this start; nil once it is on disk, or where it is not known.
    var outage: Outage?
    private var underWay: [Raised] = []
    private var last: UInt64 = 0
    /// Authors of whose alerts some are due, and not raised yet: more than they may have within their time.
    private(set) var held: Set<String> = []
    /// Alerts that were not watched since the start.
    private(set) var unwatched: UInt64 = 0
    /// Escalated since the start.
    private(set) var total: UInt64 = 0

    init(_ settings: EscalationSettings = EscalationSettings()) { self.settings = settings }

    mutating func follow(_ settings: EscalationSettings) { self.settings = settings }

    /// Another hub raises them; these are open.
    mutating func follow(_ open: [Raised]) {
        told = open
        settled = []
    }

    var watchedCount: Int { watched.count }

    /// Escalations that were told and are not settled yet, by number.
    var open: [Raised] { settled.isEmpty ? told : told.filter { !settled.contains($0.number) } }

    /// Whether an alert of this urgency is watched at all.
    func concerns(_ urgency: Urgency) -> Bool { settings.limits(of: urgency) != nil }

    // MARK: Events

    /// - since: from when its time runs, on the hub's own time scale; for an alert that was stored before the start, earlier
    ///   by what had passed of it while the hub was up.
    /// - Returns: false where there is no room to watch it.
    @discardableResult
    mutating func stored(_ subject: Subject, since: Timestamp) -> Bool {
        // An update inherits the time of the alert that it replaces: otherwise updates could put off the escalation of an
        // alert at which nobody looks.
        let before = subject.replaces.compactMap { offsets[$0] }.compactMap { watched[$0] }
            .filter { !$0.isSeen }.map(\.since).min()
        for replaced in subject.replaces { settle(replaced) }
        guard concerns(subject.urgency) else { return true }
        guard watched.count < Escalation.mostWatched,
            counts[subject.author, default: 0] < Escalation.mostOfAuthor
        else {
            unwatched &+= 1
            return false
        }
        watched[subject.offset] = Watched(subject: subject, since: min(before ?? since, since))
        offsets[subject.alert] = subject.offset
        counts[subject.author, default: 0] += 1
        return true
    }

    mutating func seen(_ offset: UInt64) {
        guard let entry = watched[offset] else { return }
        watched[offset]?.isSeen = true
        settled.formUnion(entry.raised.filter(\.reason.isUnseen).map(\.number))
    }

    mutating func acknowledged(_ offset: UInt64) { forget(offset) }

    /// It was cancelled, withdrawn or replaced.
    mutating func settle(_ alert: AlertID) {
        if let offset = offsets[alert] { forget(offset) }
    }

    /// Restores an escalation that was recorded before the start: it is not raised again, and stays open as long as its alert
    /// does.
    mutating func restore(_ row: EscalationRow) {
        last = max(last, row.number)
        guard let entry = watched[row.offset], let reason = Reason(rawValue: row.reason),
            !entry.raised.contains(where: { $0.reason == reason })
        else { return }
        let raised = Raised(
            number: row.number, offset: row.offset, alert: entry.subject.alert, author: entry.subject.author,
            reason: reason, topics: entry.subject.topics, at: row.at)
        watched[raised.offset]?.raised.append((reason, row.number))
        if !(reason.isUnseen && entry.isSeen) { told.append(raised) }
    }

    /// Forgets alerts from which nothing is expected any more.
    /// - certain: no earlier than this is certain.
    mutating func expire(at certain: Timestamp) {
        for (offset, entry) in watched where entry.subject.expires <= certain { forget(offset) }
        told = open
        settled = []
    }

    /// Looks once a second. What an author can't afford now stays due, and is raised with a later look.
    /// - now: on the hub's own time scale. clock: what the hub takes for the time. certain: no earlier than this is certain.
    ///   affords: whether one more alert of an author may be escalated now; not asked again in this look once it may not.
    mutating func look(
        at now: Timestamp, clock: Timestamp, certain: Timestamp, affords: (String) -> Bool = { _ in true }
    ) {
        expire(at: certain)
        var candidates: [Raised] = []
        for (offset, entry) in watched {
            guard let reason = reason(to: entry, at: now) else { continue }
            candidates.append(
                Raised(
                    number: 0, offset: offset, alert: entry.subject.alert, author: entry.subject.author,
                    reason: reason, topics: entry.subject.topics, at: clock))
        }
        candidates.sort { ($0.offset, $0.reason.rawValue) < ($1.offset, $1.reason.rawValue) }
        held = []
        for var raised in Escalation.fairly(candidates, by: \.author) where !held.contains(raised.author) {
            guard affords(raised.author) else {
                held.insert(raised.author)
                continue
            }
            last += 1
            raised.number = last
            watched[raised.offset]?.raised.append((raised.reason, last))
            due.append(raised)
        }
    }

    /// One of each author after the other, and each author's in their order: who has thousands is not told before all others.
    static func fairly<One>(_ all: [One], by author: (One) -> String) -> [One] {
        var ranks: [String: Int] = [:]
        let ranked = all.enumerated().map { place, one in
            let rank = ranks[author(one), default: 0]
            ranks[author(one)] = rank + 1
            return (rank: rank, place: place, one: one)
        }
        return ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.one)
    }

    // MARK: Batches

    /// Whether something is to be recorded, also without an alert.
    var isDue: Bool { !due.isEmpty || outage != nil }

    mutating func close(into batch: inout Batch) {
        batch.escalations = due.map {
            EscalationRow(number: $0.number, offset: $0.offset, reason: $0.reason.rawValue, at: $0.at)
        }
        batch.outages = outage.map { [$0] } ?? []
        underWay = due
        due = []
    }

    /// The batch under way is on disk: the escalations in it that nothing has settled meanwhile are open now.
    /// - Returns: what to tell now.
    mutating func committed() -> [Raised] {
        let recorded = underWay
        underWay = []
        outage = nil
        total &+= UInt64(recorded.count)
        let current = recorded.filter { one in
            watched[one.offset].map { !(one.reason.isUnseen && $0.isSeen) } ?? false
        }
        told += current
        return current
    }

    mutating func rolledBack() {
        due = underWay + due
        underWay = []
    }

    private func reason(to entry: Watched, at now: Timestamp) -> Reason? {
        guard let limits = settings.limits(of: entry.subject.urgency) else { return nil }
        let waited = now.milliseconds - entry.since.milliseconds
        func isDue(_ reason: Reason, after limit: Int64?) -> Bool {
            limit.map { waited >= $0 } ?? false && !entry.raised.contains { $0.reason == reason }
        }
        if !entry.subject.isOnDuty, !entry.isSeen, isDue(.unattended, after: 0) { return .unattended }
        if !entry.isSeen, isDue(.unseen, after: limits.unseen) { return .unseen }
        return isDue(.unacknowledged, after: limits.unacknowledged) ? .unacknowledged : nil
    }

    private mutating func forget(_ offset: UInt64) {
        guard let entry = watched.removeValue(forKey: offset) else { return }
        offsets[entry.subject.alert] = nil
        let left = counts[entry.subject.author, default: 1] - 1
        counts[entry.subject.author] = left > 0 ? left : nil
        settled.formUnion(entry.raised.map(\.number))
    }
}

extension Escalation.Subject {
    /// nil: an alert of this kind is never escalated, and replaces none that could be.
    init?(_ record: Record, _ facts: AlertFacts, _ urgency: Urgency) {
        guard facts.status == Status.actual.code, facts.hasStanding, facts.kind != Kind.sighting.code,
            let alert = AlertID(bytes: record.alert)
        else { return nil }
        self.init(
            offset: record.offset, alert: alert, author: record.post, urgency: urgency,
            stored: record.received, topics: record.deliveries.map(\.topic), expires: facts.expires,
            isOnDuty: true,
            replaces: facts.changes.compactMap { AlertID(bytes: $0) })
    }
}

extension AlertFacts {
    /// Alerts that this one ends. Those that an update replaces are not among them: they are in ``Subject/replaces``.
    var ended: [AlertID] {
        switch messageType {
        case MessageType.cancel.code: changes.compactMap { AlertID(bytes: $0) }
        case NoticeCode.withdrawal, NoticeCode.erasure: references.compactMap { AlertID(bytes: $0) }
        default: []
        }
    }
}
