internal import Alerts
internal import AlertStore
internal import Wire

/// The open escalations as the log has them: for a hub that follows, and watches no alerts itself. A value; each look reads a little.
struct OpenEscalations: Sendable {
    /// Between two looks.
    static let pause = Duration.seconds(2)
    /// Alerts looked at that refer to one.
    static let mostReferring = 256

    /// Numbers of those that are over: they never open again.
    private var over: Set<UInt64> = []

    /// The newest ones, by number.
    /// - certain: no earlier than this is certain.
    mutating func read(
        _ log: any AlertReader, certain: Timestamp
    ) throws(StoreError) -> [Escalation.Raised] {
        let rows = try log.escalations(limit: HubStatus.mostEscalations)
        over.formIntersection(rows.map(\.number))
        var open: [Escalation.Raised] = []
        for row in rows where !over.contains(row.number) {
            guard let raised = try raised(row, log, certain) else {
                over.insert(row.number)
                continue
            }
            open.append(raised)
        }
        return open
    }

    /// - Returns: nil: it is over.
    private func raised(
        _ row: EscalationRow, _ log: any AlertReader, _ certain: Timestamp
    ) throws(StoreError) -> Escalation.Raised? {
        guard let reason = Escalation.Reason(rawValue: row.reason),
            let record = try log.record(at: row.offset),
            let alert = AlertID(bytes: record.alert),
            let facts = try? PostHeader(decoding: record.signed.header).facts, facts.expires > certain
        else { return nil }
        if let progress = try log.progress(after: row.offset - min(row.offset, 1), limit: 1).first,
            progress.offset == row.offset
        {
            if progress.acknowledged != nil || progress.sighted != nil { return nil }
            if reason.isUnseen, progress.seen != nil { return nil }
        }
        for member in try log.referring(to: record.alert, limit: OpenEscalations.mostReferring) {
            guard let referring = try log.record(at: member.offset),
                let facts = try? PostHeader(decoding: referring.signed.header).facts
            else { continue }
            if facts.ended.contains(alert) || facts.changes.contains(record.alert) { return nil }
        }
        return Escalation.Raised(
            number: row.number, offset: row.offset, alert: alert, author: record.post, reason: reason,
            topics: record.deliveries.map(\.topic), at: row.at)
    }
}
