internal import Alerts
internal import AlertStore

/// Which reads are the same one again, and so need no row of their own in the audit. A value, bounded.
struct RepeatedReads: Sendable {
    /// Milliseconds after which the same read is a new one.
    static let period: Int64 = 600_000
    /// Reads remembered; beyond it all are forgotten, and rows come that could have been joined.
    static let most = 10_000

    /// What makes two reads the same.
    struct Read: Hashable, Sendable {
        var identity: String
        var action: AuditEvent.Action
        var subject: String

        /// A moment of the log says nothing of an alert, and an id that leads to nothing can be any: each of them a row would
        /// be a way to push out what was read.
        init(_ event: AuditEvent) {
            identity = event.identity
            action = event.action
            let isOfNothing = event.alerts == 0 && [.find, .related, .seen].contains(event.action)
            subject = event.action == .locate || isOfNothing ? "" : event.subject
        }
    }

    private struct Row: Sendable {
        var number: UInt64
        var since: Timestamp
    }

    private var rows: [Read: Row] = [:]

    /// The row that the event repeats; 0: none.
    func row(of event: AuditEvent, at now: Timestamp) -> UInt64 {
        guard let row = rows[Read(event)],
            (0..<RepeatedReads.period).contains(now.milliseconds - row.since.milliseconds)
        else { return 0 }
        return row.number
    }

    /// - number: of the row in which the event was recorded.
    mutating func recorded(_ event: AuditEvent, in number: UInt64, at now: Timestamp) {
        let read = Read(event)
        guard rows[read]?.number != number else { return }
        if rows.count >= RepeatedReads.most { rows = [:] }
        rows[read] = Row(number: number, since: now)
    }
}
