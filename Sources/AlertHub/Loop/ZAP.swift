internal import AlertStore
internal import Identity
internal import ZeroMQ

/// A question of libzmq's: may this key complete a handshake on this domain? (RFC 27/ZAP)
///
/// The handler's socket is a ROUTER, so that a question can be answered after later ones: some wait until it is recorded
/// who was let in.
struct ZAPRequest: Sendable {
    static let endpoint = "inproc://zeromq.zap.01"
    /// The way back and an empty frame; version, request id, domain, address, identity, mechanism, key.
    static let frames = 9

    /// Whom to answer, and which question of theirs.
    struct Return: Sendable, Equatable {
        var route: [UInt8]
        var id: [UInt8]
    }

    let back: Return
    let domain: String
    let address: String
    let key: [UInt8]

    /// Nil when it is not a CURVE request: it is then answered with a refusal.
    init?(_ frames: [[UInt8]]) {
        guard frames.count == ZAPRequest.frames, frames[1].isEmpty, frames[2] == Array("1.0".utf8),
            frames[7] == Array("CURVE".utf8), frames[8].count == 32
        else { return nil }
        back = Return(route: frames[0], id: frames[3])
        domain = String(decoding: frames[4], as: UTF8.self)
        address = peerAddress(String(decoding: frames[5], as: UTF8.self))
        key = frames[8]
    }

    /// A connection to a feed that is let in once it is recorded who it is.
    struct Arrival: Sendable {
        var request: ZAPRequest
        var user: String
        var event: AuditEvent
    }

    enum Verdict {
        case letIn(user: String)
        /// The peer is told that its key is refused; libzmq does not try again by itself.
        case refused
        /// Not now: the connection ends without a word, and libzmq tries again.
        case later
    }

    static func reply(to back: Return, _ verdict: Verdict) -> [[UInt8]] {
        let (status, text, user) =
            switch verdict {
            case .letIn(let user): ("200", "OK", user)
            case .refused: ("400", "key not authorised", "")
            case .later: ("300", "not now", "")
            }
        return [
            back.route, [], Array("1.0".utf8), back.id, Array(status.utf8), Array(text.utf8),
            Array(user.utf8), [],
        ]
    }
}
