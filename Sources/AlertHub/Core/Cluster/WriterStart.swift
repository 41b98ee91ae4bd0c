internal import Alerts
package import AlertStore

/// All that a hub needs to begin to write a log, as the log has it while nobody else writes.
package struct WriterStart: Sendable {
    package var state: LogState
    var ids: KnownIDs
    /// Bytes of each post within the last day: a day's quota does not begin anew with the hub.
    var sent: [String: Int64]
    var responses: Responses
    var escalation: Escalation
    /// Since a hub was there last; nil: one always was.
    var outage: Outage?

    /// Alerts looked at for ``sent``: some 200 MB of the log, less than a second.
    static let mostCounted: UInt64 = 200_000

    /// By when time is counted.
    struct Clock: Sendable {
        /// On the hub's own time scale.
        var now: Timestamp
        /// From there to what the hub takes for the time, in milliseconds.
        var shift: Int64 = 0
    }

    /// - outage: since a hub was there last; nil: one always was. kept: ids that are kept in memory.
    init(
        _ state: LogState, _ log: any AlertReader, _ settings: EscalationSettings, _ clock: Clock,
        outage: Outage?,
        kept: Int = KnownIDs.kept
    ) throws(StoreError) {
        self.state = state
        self.outage = outage
        ids = KnownIDs(try log.unindexedIDs(), kept: kept)
        sent = try WriterStart.sent(log, before: clock.now)
        responses = try Responses(log)
        let down = outage.map { $0.until.milliseconds - $0.from.milliseconds } ?? 0
        escalation = try Escalation(
            settings, log, topics: state.topics.map(\.topic), roster: responses.roster, started: clock.now,
            ahead: clock.shift - down)
    }

    private static func sent(_ log: any AlertReader, before now: Timestamp) throws(StoreError) -> [String:
        Int64]
    {
        let day = try log.offset(before: Timestamp(milliseconds: now.milliseconds - 86_400_000))
        let head = try log.head()
        return try log.bytes(after: max(day, head > mostCounted ? head - mostCounted : 0))
    }
}
