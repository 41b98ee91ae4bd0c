internal import ZeroMQ

/// ZAP's messages (RFC 27). The handler's socket is a ROUTER, so that a question can be answered after later ones: some wait
/// until it is recorded who was let in.
enum ZAP {
    static let endpoint = "inproc://zeromq.zap.01"
    /// The way back and an empty frame; version, request id, domain, address, identity, mechanism, key.
    static let frames = 9

    static func reply(to back: Handshake.Return, _ verdict: Handshake.Verdict) -> [[UInt8]] {
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

extension Handshake {
    /// Nil when it is not a CURVE request: it is then answered with a refusal.
    init?(zap frames: [[UInt8]]) {
        guard frames.count == ZAP.frames, frames[1].isEmpty, frames[2] == Array("1.0".utf8),
            frames[7] == Array("CURVE".utf8), frames[8].count == 32
        else { return nil }
        back = Return(route: frames[0], id: frames[3])
        domain = String(decoding: frames[4], as: UTF8.self)
        address = peerAddress(String(decoding: frames[5], as: UTF8.self))
        key = frames[8]
    }
}
