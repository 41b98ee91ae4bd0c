internal import AlertStore

/// A question of libzmq's: may this key complete a handshake on this domain? (RFC 27/ZAP)
package struct Handshake: Sendable, Equatable {
    /// Whom to answer, and which question of theirs.
    package struct Return: Sendable, Equatable {
        var route: [UInt8]
        var id: [UInt8]
    }

    let back: Return
    let domain: String
    let address: String
    let key: [UInt8]

    package enum Verdict: Sendable, Equatable {
        case letIn(user: String)
        /// The peer is told that its key is refused; libzmq does not try again by itself.
        case refused
        /// Not now: the connection ends without a word, and libzmq tries again.
        case later
    }

    /// A connection to a feed that is let in once it is recorded who it is.
    package struct Arrival: Sendable {
        var handshake: Handshake
        var user: String
        var event: AuditEvent
    }
}

/// A handshake, and what comes of it once it is known on which connections those before it are.
package struct PendingHandshake: Sendable {
    var handshake: Handshake
    /// nil: it is refused.
    var user: String?
    /// Whose connection it counts as.
    var account: String
}
