package import Alerts
internal import LogProof
internal import Wire

/// A hub that lacks what it had stored.
extension PostLink {
    /// Whether the hub expects a sequence that it has answered before.
    func isBehind(_ through: UInt64) -> Bool {
        through < outbox.last && through + 1 < outbox.oldest?.sequence ?? outbox.last + 1
    }

    /// The hub lacks alerts that it had stored. If its log has a new name, it was restored from a copy, and gets again what
    /// the outbox still keeps. If the log has the name under which the hub had stored the alerts, it has lost them without
    /// saying so, and is refused.
    mutating func fallBehind(
        _ welcome: Reply.Welcome, _ through: UInt64, isReopened: Bool, _ now: Duration
    ) -> [Action] {
        guard verifier.kept(log: welcome.log.value) == nil else {
            refuse(
                .hubBehind,
                "the hub has lost alerts that it had stored, those after sequence \(through), and does not say that "
                    + "it was restored; its operator must restore a backup with borderwire-hub restore", now)
            return []
        }
        guard !isReopened else {
            refuse(.hubBehind, "the hub has sequences through \(through) only", now)
            return []
        }
        state = .reopening(welcome, since: now)
        return [.reopen(after: through)]
    }

    /// The alerts of ``Action/reopen(after:)`` wait again.
    package mutating func reopened(
        _ reopened: Outbox.Reopened, _ summary: Outbox.Summary, clock: Timestamp, _ now: Duration
    ) -> [Action] {
        // The operator has begun a new epoch between the question and this answer.
        guard summary.epoch == epoch else { return outboxChanged(summary, now) }
        outbox = summary
        guard case .reopening(let welcome, _) = state else { return [] }
        let words =
            "the hub was restored from an older copy: it lacks what came after sequence \(welcome.through ?? 0)"
        guard reopened.missing.isEmpty else {
            let ranges = reopened.missing.map { "\($0.lowerBound) to \($0.upperBound)" }.joined(
                separator: ", ")
            refuse(
                .hubBehind,
                "\(words), and this outbox no longer keeps sequences \(ranges): they are lost. To send the "
                    + "\(reopened.count) that are left, under a new epoch: borderwire-post new-epoch", now)
            return []
        }
        return [.warn(.hubBehind, "\(words); \(reopened.count) stored alerts are sent again")]
            + welcomed(welcome, clock, isReopened: true, now)
    }
}
