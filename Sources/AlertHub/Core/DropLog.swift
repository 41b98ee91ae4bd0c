internal import Alerts
internal import Wire

/// Messages that could not be taken and have no sequence to refuse: counted by reason, logged once per period each.
struct DropLog: Sendable {
    /// Milliseconds between two log lines of the same reason from the same peer.
    static let period: Int64 = 10_000
    /// Most (peer, reason) pairs whose last line is remembered; beyond it all are forgotten, and lines may come early.
    static let mostRemembered = 1_000

    private(set) var counts: [String: UInt64] = [:]
    private var logged: [String: Timestamp] = [:]
    private var unlogged: [String: UInt64] = [:]

    /// - Returns: what to log, if it is time to.
    mutating func count(_ reason: ReasonCode, peer: String, detail: String, at now: Timestamp) -> Notice? {
        counted(HubEvent(dropped: reason), reason, peer: peer, "dropped a message: \(detail)", at: now)
    }

    mutating func counted(
        _ event: HubEvent, _ reason: ReasonCode, peer: String, _ words: String, at now: Timestamp
    ) -> Notice? {
        counts[reason.rawValue, default: 0] += 1
        return notice(event, reason.rawValue, peer: peer, words, at: now)
    }

    /// What to log of an event that a peer can cause as often as it likes, and that is counted elsewhere; nil: it was logged
    /// just now.
    mutating func notice(
        _ event: HubEvent, _ reason: String, peer: String, _ words: String, at now: Timestamp
    ) -> Notice? {
        let key = "\(peer) \(reason)"
        if let last = logged[key], (0..<DropLog.period).contains(now.milliseconds - last.milliseconds) {
            unlogged[key, default: 0] += 1
            return nil
        }
        if logged.count >= DropLog.mostRemembered {
            logged = [:]
            unlogged = [:]
        }
        logged[key] = now
        let more = unlogged.removeValue(forKey: key).map { ", and \($0) more since the last such line" } ?? ""
        var notice = Notice(event, .warning, words + more, reason: reason)
        if event == .strangerRefused { notice.peer = peer } else { notice.post = peer }
        return notice
    }
}

extension HubEvent {
    /// The event as which a message that was dropped for this reason is logged.
    init(dropped reason: ReasonCode) {
        switch reason {
        case .stranger: self = .strangerRefused
        case .rate: self = .rateExceeded
        case .quota, .epochs: self = .budgetReached
        default: self = .messageDropped
        }
    }
}
