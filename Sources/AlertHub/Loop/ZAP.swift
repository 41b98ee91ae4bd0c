internal import Identity
internal import ZeroMQ

/// A question of libzmq's: may this key complete a handshake on this domain? (RFC 27/ZAP)
struct ZAPRequest {
    static let endpoint = "inproc://zeromq.zap.01"
    /// version, request id, domain, address, identity, mechanism, key.
    static let frames = 7

    let id: [UInt8]
    let domain: String
    let address: String
    let key: [UInt8]

    /// Nil when it is not a CURVE request: it is then answered with a refusal.
    init?(_ frames: [[UInt8]]) {
        guard frames.count == ZAPRequest.frames, frames[0] == Array("1.0".utf8),
            frames[5] == Array("CURVE".utf8),
            frames[6].count == 32
        else { return nil }
        id = frames[1]
        domain = String(decoding: frames[2], as: UTF8.self)
        address = String(decoding: frames[3], as: UTF8.self)
        key = frames[6]
    }

    /// - user: nil refuses.
    static func reply(to id: [UInt8], user: String?) -> [[UInt8]] {
        let status = user == nil ? "400" : "200"
        let text = user == nil ? "key not authorised" : "OK"
        return [Array("1.0".utf8), id, Array(status.utf8), Array(text.utf8), Array((user ?? "").utf8), []]
    }
}
