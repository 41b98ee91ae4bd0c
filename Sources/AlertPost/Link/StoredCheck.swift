internal import Wire

/// Whether alerts that the hub has stored are still in its log, at their offsets: the newest ones and a stretch of the
/// others are compared after each connection, and then every hour. A value.
struct StoredCheck: Sendable {
    static let again = Duration.seconds(3_600)

    private var due: Duration = .zero
    /// The sequences that a request asked about.
    private var asked: [UInt64: ClosedRange<UInt64>] = [:]
    private var altered: Set<UInt64> = []
    private var hasCompared = false

    /// Stored alerts that were not where they had been when they were last compared; nil: none was compared yet.
    var count: Int? { hasCompared ? altered.count : nil }

    /// A new connection: it may lead to another hub, or to the same one with another log.
    mutating func connected(_ now: Duration) {
        due = now
        asked = [:]
    }

    /// The sequences mean other alerts from now on.
    mutating func newEpoch() { self = StoredCheck(due: due) }

    init(due: Duration = .zero) { self.due = due }

    /// - Returns: whether a comparison is due; the next one is after ``again``.
    mutating func begin(_ now: Duration) -> Bool {
        guard now >= due else { return false }
        due = now + StoredCheck.again
        return true
    }

    /// What to ask about.
    /// - kept: what the outbox still holds; nil: nothing, which is all there.
    /// - pick: random.
    mutating func stretches(of kept: ClosedRange<UInt64>?, pick: UInt64) -> [ClosedRange<UInt64>] {
        guard let kept else {
            (altered, hasCompared) = ([], true)
            return []
        }
        let (first, last) = (kept.lowerBound, kept.upperBound)
        guard last - first >= WireLimits.outcomes else { return [kept] }
        let newest = last - WireLimits.outcomes + 1
        let from = first + pick % (newest - first)
        return [newest...last, from...min(from + WireLimits.outcomes - 1, newest - 1)]
    }

    mutating func note(_ request: UInt64, asks stretch: ClosedRange<UInt64>) { asked[request] = stretch }

    /// - Returns: what this answer is about; nil: it was not asked for here.
    mutating func answered(_ request: UInt64?) -> ClosedRange<UInt64>? {
        request.flatMap { asked.removeValue(forKey: $0) }
    }

    mutating func compared(_ stretch: ClosedRange<UInt64>, altered found: [UInt64]) {
        hasCompared = true
        altered = altered.filter { !stretch.contains($0) }.union(found)
    }
}
