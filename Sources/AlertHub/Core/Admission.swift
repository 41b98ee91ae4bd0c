internal import Alerts
internal import AlertStore
internal import Identity
internal import Notation
internal import Wire

/// Who may complete a CURVE handshake on which socket: the core's half of ZAP (RFC 27).
extension HubCore {
    enum Domain {
        static let ingest = "ingest"
        static let control = "control"
    }

    struct Admission: Sendable, Equatable {
        /// The user id of the connection; nil when it is refused.
        var user: String?
        var reason: String
    }

    /// What to record of a connection that is let in, before it is; nil where nothing can be read on it.
    func audit(domain: String, user: String) -> AuditEvent? {
        guard domain != Domain.ingest, domain != Domain.control, let identity = registry.identity(user: user)
        else { return nil }
        return AuditEvent(
            identity: identity.name, action: .feed, subject: HubCore.list(identity.read.texts))
    }

    /// Handshakes that wait for a place, at most.
    static let mostHeld = 4_096

    /// A handshake has come.
    /// - isShort: descriptors are short, so that only the operator is let in.
    mutating func asked(_ handshake: Handshake, isShort: Bool, at now: Timestamp) {
        let admission = admit(domain: handshake.domain, key: handshake.key)
        guard let user = admission.user else {
            drop(
                .stranger, peer: "\(handshake.address) \(handshake.domain)",
                "a handshake on \(handshake.domain) was refused: \(admission.reason)", at: now)
            return place(handshake, user: nil)
        }
        // The operator's commands are of the work that the reserve is for.
        if isShort, user != operatorUser { return perform(.answer(handshake.back, .later)) }
        guard let event = audit(domain: handshake.domain, user: user) else {
            return place(handshake, user: user)
        }
        perform(.record(Handshake.Arrival(handshake: handshake, user: user, event: event)))
    }

    /// Who is to be let in is recorded, or it is known that it can't be. The registry may have lost it meanwhile.
    mutating func recorded(_ arrival: Handshake.Arrival, isRecorded: Bool, at now: Timestamp) {
        let handshake = arrival.handshake
        let isKnown = admit(domain: handshake.domain, key: handshake.key).user != nil
        guard isRecorded || !isKnown else { return perform(.answer(handshake.back, .later)) }
        place(handshake, user: isKnown ? arrival.user : nil)
    }

    private mutating func place(_ handshake: Handshake, user: String?) {
        let account = user.map { self.account(of: $0) } ?? PeerConnections.strangers
        perform(.place(PendingHandshake(handshake: handshake, user: user, account: account)))
    }

    /// The verdict of the connections on a handshake has come.
    mutating func placed(
        _ pending: PendingHandshake, _ verdict: PeerConnections.Verdict, at now: Timestamp
    ) {
        let back = pending.handshake.back
        switch verdict {
        case .letIn: perform(.answer(back, pending.user.map { .letIn(user: $0) } ?? .refused))
        case .wait where held.count < HubCore.mostHeld: held.append(pending, of: pending.account)
        case .wait: perform(.answer(back, .later))
        case .full:
            isFull(pending.account, at: now)
            perform(.answer(back, .later))
        }
    }

    /// Handshakes that wait for a place are tried again, in turns over the identities.
    mutating func askAgain() {
        guard held.count > 0 else { return }
        perform(.identify)
        while let next = held.popFirst() { perform(.place(next)) }
    }

    /// Fails closed: a key or a domain that isn't known is refused.
    func admit(domain: String, key: [UInt8]) -> Admission {
        let user = key.hex
        if user == operatorUser {
            return domain == Domain.control
                ? Admission(user: user, reason: "operator")
                : Admission(user: nil, reason: "the hub's own key is for control only")
        }
        guard let identity = registry.identity(user: user) else {
            return Admission(user: nil, reason: "unknown key")
        }
        let isGranted =
            switch domain {
            case Domain.control: true
            case Domain.ingest: identity.sends
            default: !identity.read.isEmpty && domain == Feed.domain(of: identity.read)
            }
        return isGranted
            ? Admission(user: user, reason: identity.name)
            : Admission(user: nil, reason: "\(identity.name) has no grant for \(domain)")
    }
}
