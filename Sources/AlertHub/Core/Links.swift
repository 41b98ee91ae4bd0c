internal import Alerts
internal import Wire

/// Who is connected, as far as they have said hello, and what each said last.
package struct Links: Sendable {
    struct Link: Sendable, Equatable {
        /// When anything last came from the identity.
        var heard: Timestamp
        /// Where a post gets its acknowledgements: the control connection that said hello last.
        var routing: [UInt8]?
        var depth: UInt64?
        var oldest: Int64?
        var holder: Holder?
        var rival: HubStatus.Link.Rival?
    }

    /// The one process that publishes under a name, as long as it lives.
    struct Holder: Sendable, Equatable {
        var instance: HexNumber
        var address: String
        /// The number of its hello, which the hub repeats to see whether the connection is still there.
        var request: UInt64
        /// When it last said something on control.
        var seen: Timestamp
    }

    /// Without a word from its connection for this long, though the connection stands, a holder counts as gone. Three times a
    /// post's sign of life; in milliseconds.
    static let lease: Int64 = 30_000

    private(set) var byIdentity: [String: Link] = [:]

    func routing(of post: String) -> [UInt8]? { byIdentity[post]?.routing }

    mutating func heard(_ identity: String, at now: Timestamp) {
        byIdentity[identity, default: Link(heard: now)].heard = now
    }

    /// The same of a message on control.
    mutating func heard(_ identity: String, on peer: [UInt8], at now: Timestamp) {
        heard(identity, at: now)
        if byIdentity[identity]?.routing == peer { byIdentity[identity]?.holder?.seen = now }
    }

    mutating func greeted(_ identity: String, routing: [UInt8], _ holder: Holder?, at now: Timestamp) {
        heard(identity, at: now)
        byIdentity[identity]?.routing = routing
        byIdentity[identity]?.holder = holder
    }

    /// Who has to be gone before this process may publish under the name; nil: nobody.
    func holder(of identity: String, before instance: HexNumber?, at now: Timestamp) -> (
        Holder, peer: [UInt8]
    )? {
        guard let link = byIdentity[identity], let holder = link.holder, let peer = link.routing,
            holder.instance != instance, now.milliseconds - holder.seen.milliseconds < Links.lease
        else { return nil }
        return (holder, peer)
    }

    mutating func refused(_ identity: String, rival address: String, at now: Timestamp) {
        byIdentity[identity]?.rival = HubStatus.Link.Rival(at: now.milliseconds, address: address)
    }

    mutating func alive(_ identity: String, _ body: Request.Alive, at now: Timestamp) {
        heard(identity, at: now)
        byIdentity[identity]?.depth = body.depth
        byIdentity[identity]?.oldest = body.oldest
    }

    mutating func keep(_ isKept: (String) -> Bool) {
        byIdentity = byIdentity.filter { isKept($0.key) }
    }
}
