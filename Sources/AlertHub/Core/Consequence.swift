internal import Alerts
internal import Wire

/// What came of an action, where the core is to know it.
enum Consequence: Sendable {
    /// Of ``Action/look(at:_:_:)``: whether the connection is still there.
    case session(PendingHello, isThere: Bool)
    /// Of ``Action/place(_:)``.
    case placed(PendingHandshake, PeerConnections.Verdict)
    /// A reply was dropped: too many wait for the connections of this account; nil: of nobody known.
    case unread(account: String?)
    /// Of ``Action/read(_:)``: it was not taken, since answers to its asker are not read, or too many wait.
    case unasked(LogQuery, isBehind: Bool)
    /// Of ``Action/record(_:)``: it was not taken.
    case unrecorded(Handshake.Arrival)
    /// A feed listens.
    case bound(domain: String, port: Int)
}

/// An answer from the log, encoded where it was read, so that the loop only sends.
struct LogAnswer: Sendable {
    var asker: Asker
    /// 0: nobody asked.
    var request: UInt64
    var frames: [[UInt8]]
    /// Of a page of the log: alerts in it.
    var alerts: Int?
    /// Of an answer to ``Request/related(_:)``.
    var related: RelatedCount?
}

extension HubCore {
    mutating func learn(_ consequence: Consequence, at now: Timestamp) {
        switch consequence {
        case .session(let pending, let isThere): contended(pending, isSessionThere: isThere, at: now)
        case .placed(let pending, let verdict): placed(pending, verdict, at: now)
        case .unread(let account): isUnread(account, at: now)
        case .unasked(let query, let isBehind): unasked(query, isBehind, at: now)
        case .unrecorded(let arrival): perform(.answer(arrival.handshake.back, .later))
        case .bound(let domain, let port): bound(domain, port)
        }
    }

    /// A look-up is answered. Who was removed from the registry meanwhile is told so, and does not get the answer; where that is
    /// not known any more, nobody gets one.
    mutating func looked(_ answer: LogAnswer, at now: Timestamp) {
        guard isAnswering || answer.asker.user == operatorUser else {
            _ = answered(answer.asker)
            return refuseUnheard(answer.asker.peer, answer.request == 0 ? nil : answer.request)
        }
        guard let reason = answered(answer.asker) else {
            if let related = answer.related { count(related, to: answer.asker, at: now) }
            return perform(.send(to: answer.asker.peer, frames: answer.frames))
        }
        refuse(answer.asker.peer, answer.request == 0 ? nil : answer.request, .grant, reason)
    }

    private mutating func unasked(_ query: LogQuery, _ isBehind: Bool, at now: Timestamp) {
        _ = answered(query.asker)
        if isBehind { isUnread(query.asker.account, at: now) }
        guard query.request != 0 else { return }
        refuse(
            query.asker.peer, query.request, .busy,
            isBehind ? "answers to you are not read" : "too many requests wait: ask again")
    }
}
