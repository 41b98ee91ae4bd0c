internal import Alerts
internal import Wire

/// Who is connected, as far as they have said hello, and what each said last.
package struct Links: Sendable {
    struct Link: Sendable, Equatable {
        /// When anything last came from the identity.
        var heard: Timestamp
        /// Where a post gets its answers: the control connection that said hello last.
        var routing: [UInt8]?
        /// The epoch that it said hello with; nil before, and after a start of the hub.
        var epoch: UInt64?
        /// Of which alert it was last told that the seal does not verify, and when.
        var unsealed: Unsealed?
        var depth: UInt64?
        var oldest: Int64?
        var session: Session?
        /// Whether it asked to be told what its alerts may be related to.
        var wantsRelated = false
        var secondMachine: SecondMachine?
        /// Whether it has asked to be told what comes of its alerts.
        var wantsAnswers = false
        /// The signing key of the hub that it has taken over as the next one, as it said last.
        var successor: [UInt8]?
    }

    /// A second process that was refused under the same name.
    struct SecondMachine: Sendable, Equatable {
        var at: Timestamp
        var address: String
    }

    struct Unsealed: Sendable, Equatable {
        var sequence: UInt64
        var at: Timestamp
    }

    /// The one process that publishes under a name, as long as it lives.
    struct Session: Sendable, Equatable {
        var instance: HexNumber
        var address: String
        /// The number of its hello, which the hub repeats to see whether the connection is still there.
        var request: UInt64
        /// When it last said something on control.
        var seen: Timestamp
    }

    /// A session that says nothing for so many milliseconds counts as gone, although its connection stands: three times the
    /// interval of a post's sign of life.
    static let lease: Int64 = 30_000

    /// A post is told at most once in so many milliseconds that the seal under a number does not verify.
    static let unsealedAgain: Int64 = 1_000

    private(set) var byIdentity: [String: Link] = [:]

    func routing(of post: String) -> [UInt8]? { byIdentity[post]?.routing }

    func wantsAnswers(_ post: String) -> Bool { byIdentity[post]?.wantsAnswers ?? false }

    mutating func wants(answers: Bool, _ identity: String) { byIdentity[identity]?.wantsAnswers = answers }

    /// Where to tell a post what its alerts may be related to; nil: it has not asked for it.
    func wantsRelated(_ post: String) -> [UInt8]? {
        byIdentity[post].flatMap { $0.wantsRelated ? $0.routing : nil }
    }

    /// The one epoch whose alerts are taken of a post; nil: none are.
    func epoch(of post: String) -> UInt64? { byIdentity[post]?.epoch }

    /// Nobody publishes here any more.
    /// - Returns: the connections of those who did.
    mutating func leavePosts() -> [[UInt8]] {
        var peers: [[UInt8]] = []
        for (name, link) in byIdentity where link.epoch != nil {
            peers += link.routing.map { [$0] } ?? []
            byIdentity[name] = Link(heard: link.heard)
        }
        return peers
    }

    mutating func heard(_ identity: String, at now: Timestamp) {
        byIdentity[identity, default: Link(heard: now)].heard = now
    }

    /// Notes a message on control, by which a session lives on.
    mutating func heard(_ identity: String, on peer: [UInt8], at now: Timestamp) {
        heard(identity, at: now)
        if byIdentity[identity]?.routing == peer { byIdentity[identity]?.session?.seen = now }
    }

    /// - Returns: the connection of another process that had the name until now; nil: there was none, or none that is known
    ///   to be another.
    mutating func greeted(
        _ identity: String, routing: [UInt8], epoch: UInt64, _ session: Session?,
        wantsRelated: Bool = false, at now: Timestamp
    ) -> [UInt8]? {
        heard(identity, at: now)
        let former = byIdentity[identity]
        byIdentity[identity]?.routing = routing
        byIdentity[identity]?.epoch = epoch
        byIdentity[identity]?.session = session
        byIdentity[identity]?.wantsRelated = wantsRelated
        guard let before = former?.session, before.instance != session?.instance, former?.routing != routing
        else { return nil }
        return former?.routing
    }

    /// Where to tell a post of an alert whose seal does not verify; nil: nowhere, or it was told of that number just now.
    mutating func tellUnsealed(_ identity: String, _ sequence: UInt64, at now: Timestamp) -> [UInt8]? {
        guard let link = byIdentity[identity], let peer = link.routing else { return nil }
        if let last = link.unsealed, last.sequence == sequence,
            (0..<Links.unsealedAgain).contains(now.milliseconds - last.at.milliseconds)
        {
            return nil
        }
        byIdentity[identity]?.unsealed = Unsealed(sequence: sequence, at: now)
        return peer
    }

    /// The session that has to be gone before this process may publish under the name; nil: there is none.
    func session(of identity: String, before instance: HexNumber?, at now: Timestamp) -> (
        Session, peer: [UInt8]
    )? {
        guard let link = byIdentity[identity], let session = link.session, let peer = link.routing,
            session.instance != instance, now.milliseconds - session.seen.milliseconds < Links.lease
        else { return nil }
        return (session, peer)
    }

    mutating func refused(_ identity: String, secondMachine address: String, at now: Timestamp) {
        byIdentity[identity]?.secondMachine = SecondMachine(at: now, address: address)
    }

    mutating func tookOver(_ successor: [UInt8]?, _ identity: String) {
        byIdentity[identity]?.successor = successor
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
