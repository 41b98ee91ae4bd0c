internal import AlertStore
internal import Alerts
internal import Identity

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
            case Domain.ingest: !identity.publish.isEmpty
            default: !identity.read.isEmpty && domain == Feed.domain(of: identity.read)
            }
        return isGranted
            ? Admission(user: user, reason: identity.name)
            : Admission(user: nil, reason: "\(identity.name) has no grant for \(domain)")
    }
}
