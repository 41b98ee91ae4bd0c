internal import Alerts
internal import Platform

/// Whose each TCP connection is, and how much of the hub it holds. A value: what the kernel counted comes in, what to cut goes
/// out.
///
/// libzmq tells an application neither who connects, in the end, nor who has gone, nor what waits for a peer: ZAP (RFC 27)
/// has a key and an address, but no descriptor; the monitor has descriptors, but no key. The kernel's counters tell both:
/// - Until a handshake is over the server has sent its greeting (64 bytes) and WELCOME (170), and not a byte more
///   (measured: 234, and 285 to 301 after it). So when the
///   answers to one identity, address and socket are given one after the other, the connection that sends more is the
///   identity's. No count can leak: each ends with its connection's cookie.
/// - Bytes received since a message was last taken off a connection are of messages not complete (`ZMQ_MAXMSGSIZE` is for a
///   frame: one of 10,000 frames is gathered whole), or wait in its queue.
/// - Bytes received on a feed are subscriptions: libzmq 4.3.4 keeps some 30 bytes for each (2.8 GiB for 300,000 of 300 bytes), never
///   gives them back, and takes them in on the loop's thread without a pause as long as more come. An XPUB shows them only afterwards; so the
///   feeds stay PUB, and a thread of its own looks (``ConnectionWatch``).
/// - Bytes sent and not acknowledged wait in the kernel or in libzmq.
struct PeerConnections: Sendable {
    enum Kind: Sendable {
        case control, ingest, feed

        init(domain: String) {
            switch domain {
            case HubCore.Domain.control: self = .control
            case HubCore.Domain.ingest: self = .ingest
            default: self = .feed
            }
        }
    }

    /// Greeting and WELCOME (RFC 23, RFC 26): who has been sent more is through the handshake, or was refused in it.
    static let handshakeBytes: UInt64 = 234
    /// How long it may take until an answer of ZAP shows on its connection; and how long a connection whose handshake is over
    /// may last without being anybody's.
    static let patience = Duration.seconds(1)
    /// Bytes received before the handshake is over, at most; an honest peer sends a few hundred.
    static let mostUnnamed: UInt64 = 65_536
    /// Received of an identity on control and on ingest since a message was last taken, over its connections. A window of 256
    /// alerts of 64 KiB and a full buffer of the kernel fit.
    static let mostUntaken: [Kind: UInt64] = [.control: 4 << 20, .ingest: 32 << 20]
    /// Bytes a second that ZMTP's heartbeats may bring, which are part of no message.
    static let heartbeats: UInt64 = 64

    private struct Connection: Sendable {
        var domain: String
        var kind: Kind
        var address: String
        var cookie: UInt64
        /// When the connection was seen first; and since when its handshake is over without its being known whose it is.
        var since: Duration
        var strayed: Duration?
        var account: String?
        var received: UInt64
        /// What had been received when a message was last taken, and when that was.
        var taken: UInt64 = 0
        var takenAt: Duration
        var acknowledged: UInt64
        var unsent: Int64 = 0
        var route: [UInt8]?

        var place: Place { Place(domain: domain, address: address) }
    }

    /// All connections from one address to one socket.
    private struct Place: Hashable, Sendable {
        var domain: String
        var address: String
    }

    /// A handshake that was let in, and is not seen on a connection yet.
    private struct Expected: Sendable {
        var account: String
        var count: Int
        var until: Duration
    }

    enum Verdict: Sendable, Equatable {
        case letIn
        /// Another peer was let in from the same address just now: ask again once it is known on which connection that is.
        case wait
        /// The identity has as many as it may.
        case full
    }

    /// A connection to end, and why.
    struct Breach: Sendable, Equatable {
        var connection: TCPConnection
        /// nil: it has no name, and nobody is to be told.
        var account: String?
        var resource: Budgets.Resource
        var words: String
    }

    private var limits: [Budgets.Resource: Budgets.Limit]
    private var connections: [Int32: Connection] = [:]
    private var expected: [Place: Expected] = [:]
    private var routes: [[UInt8]: Int32] = [:]
    /// Of all its connections, by account.
    private var unsent: [String: Int64] = [:]

    init(_ limits: HubLimits) { self.limits = limits.budgets }

    mutating func follow(_ limits: HubLimits) { self.limits = limits.budgets }

    private func most(_ resource: Budgets.Resource) -> Int64 { limits[resource]?.most ?? .max }

    var descriptors: [Int32] { Array(connections.keys) }
    /// Those at places where somebody is expected.
    var unnamed: [Int32] {
        connections.filter { $0.value.account == nil && expected[$0.value.place] != nil }.map(\.key)
    }

    // MARK: What happens

    mutating func accepted(_ connection: TCPConnection, domain: String, address: String, at now: Duration) {
        forget(connection.descriptor)
        connections[connection.descriptor] = Connection(
            domain: domain, kind: Kind(domain: domain), address: address, cookie: connection.cookie,
            since: now,
            received: connection.received, takenAt: now, acknowledged: connection.acknowledged)
    }

    /// The account of those whose handshakes are refused.
    static let strangers = ""

    /// Before a handshake is let in, or refused; after ``Verdict/letIn`` it must be. The connections of
    /// ``PeerConnections/strangers`` end by themselves and aren't counted.
    mutating func ask(_ account: String, domain: String, address: String, at now: Duration) -> Verdict {
        let place = Place(domain: domain, address: address)
        if let other = expected[place], other.account != account, other.until > now { return .wait }
        let kind = Kind(domain: domain)
        let coming = expected.reduce(0) { count, entry in
            let isTheirs =
                entry.value.account == account && entry.value.until > now
                && Kind(domain: entry.key.domain) == kind
            return count + (isTheirs ? entry.value.count : 0)
        }
        let there = connections.values.count { $0.account == account && $0.kind == kind }
        guard account == PeerConnections.strangers || Int64(there + coming) < most(.connections) else {
            return .full
        }
        let before = expected[place].map { $0.account == account && $0.until > now ? $0.count : 0 } ?? 0
        expected[place] = Expected(account: account, count: before + 1, until: now + PeerConnections.patience)
        return .letIn
    }

    /// A message was taken off a connection.
    /// - route: on control, how its sender is answered. account: its sender's, where it was sent by one: the descriptor of a
    ///   connection that has ended may be another's by now.
    mutating func took(
        from descriptor: Int32, route: [UInt8]?, account: String? = nil, at now: Duration
    ) {
        guard let place = connections.index(forKey: descriptor) else { return }
        if let account, let named = connections.values[place].account, named != account { return }
        if let route, connections.values[place].route != route {
            connections.values[place].route = route
            routes[route] = descriptor
        }
        connections.values[place].taken = connections.values[place].received
        connections.values[place].takenAt = now
    }

    /// Whether an answer may be sent: its account has room for it, or nothing unsent. Then it counts.
    mutating func send(_ bytes: Int, to route: [UInt8]) -> Bool {
        guard let descriptor = routes[route], let connection = connections[descriptor] else { return true }
        guard let account = connection.account else { return true }
        let before = unsent[account, default: 0]
        guard before == 0 || before + Int64(bytes) <= most(.replyBytes) else { return false }
        connections[descriptor]?.unsent += Int64(bytes)
        unsent[account] = before + Int64(bytes)
        return true
    }

    /// Takes back what ``send(_:to:)`` counted.
    mutating func unsend(_ bytes: Int, to route: [UInt8]) {
        guard let descriptor = routes[route], let connection = connections[descriptor] else { return }
        let back = min(connection.unsent, Int64(bytes))
        connections[descriptor]?.unsent -= back
        free(back, of: connection.account)
    }

    func account(of route: [UInt8]) -> String? { routes[route].flatMap { connections[$0]?.account } }

    /// What the kernel counts now, or nil where a connection is gone; of all connections, or of some.
    mutating func look(_ facts: [(descriptor: Int32, now: TCPConnection?)], at now: Duration) -> [Breach] {
        var breaches: [Breach] = []
        for (descriptor, fact) in facts {
            guard let known = connections[descriptor] else { continue }
            guard let fact, fact.cookie == known.cookie else {
                forget(descriptor)
                continue
            }
            connections[descriptor]?.received = fact.received
            let gone = min(known.unsent, Int64(clamping: fact.acknowledged &- known.acknowledged))
            connections[descriptor]?.unsent -= gone
            free(gone, of: known.account)
            connections[descriptor]?.acknowledged = fact.acknowledged
            name(fact, at: now)
        }
        let held = held(at: now)
        for case (_, let fact?) in facts {
            if let breach = breach(of: fact, held, at: now) { breaches.append(breach) }
        }
        // If no connection from there is in its handshake any more, none is expected to show.
        let places = Set(connections.values.filter { $0.account == nil && $0.strayed == nil }.map(\.place))
        expected = expected.filter { places.contains($0.key) && $0.value.until > now }
        return breaches
    }

    // MARK: What it holds

    /// What an account uses: of connections, that of the socket where it has most.
    func used(by account: String, at now: Duration) -> [Budgets.Resource: Int64] {
        let own = connections.values.filter { $0.account == account }
        guard !own.isEmpty else { return [:] }
        let most = [Kind.control, .ingest, .feed].map { kind in own.count { $0.kind == kind } }.max() ?? 0
        return [
            .connections: Int64(most), .replyBytes: unsent[account, default: 0],
            .subscriptions: Int64(
                clamping: own.reduce(UInt64(0)) { $0 + ($1.kind == .feed ? waiting($1, now) : 0) }),
        ]
    }

    var accounts: Set<String> {
        Set(connections.values.compactMap(\.account)).subtracting([PeerConnections.strangers])
    }

    /// Whether no more may be looked up for an account, since it has not read what it was sent.
    func isBehind(_ account: String) -> Bool { unsent[account, default: 0] >= most(.replyBytes) }

    /// Bytes held by each account on each kind of socket: of messages that have not come to their end, and of subscriptions.
    private func held(at now: Duration) -> [Holding: UInt64] {
        var held: [Holding: UInt64] = [:]
        for connection in connections.values {
            guard let account = connection.account else { continue }
            held[Holding(account: account, kind: connection.kind), default: 0] += waiting(connection, now)
        }
        return held
    }

    private struct Holding: Hashable {
        var account: String
        var kind: Kind
    }

    // MARK: Steps of a look

    private mutating func name(_ fact: TCPConnection, at now: Duration) {
        guard let known = connections[fact.descriptor], known.account == nil,
            fact.sent > PeerConnections.handshakeBytes
        else { return }
        guard var waiting = expected[known.place] else {
            if known.strayed == nil { connections[fact.descriptor]?.strayed = now }
            return
        }
        connections[fact.descriptor]?.account = waiting.account
        connections[fact.descriptor]?.strayed = nil
        connections[fact.descriptor]?.taken = fact.received
        waiting.count -= 1
        expected[known.place] = waiting.count > 0 ? waiting : nil
    }

    private func breach(of fact: TCPConnection, _ held: [Holding: UInt64], at now: Duration) -> Breach? {
        guard let connection = connections[fact.descriptor] else { return nil }
        guard let account = connection.account else {
            let isStray = connection.strayed.map { now - $0 > PeerConnections.patience } ?? false
            guard isStray || fact.received > PeerConnections.mostUnnamed else { return nil }
            return Breach(connection: fact, account: nil, resource: .connections, words: "no name")
        }
        let most =
            connection.kind == .feed
            ? UInt64(clamping: most(.subscriptions)) : PeerConnections.mostUntaken[connection.kind] ?? .max
        guard held[Holding(account: account, kind: connection.kind), default: 0] > most,
            waiting(connection, now) > 0
        else { return nil }
        return connection.kind == .feed
            ? Breach(
                connection: fact, account: account, resource: .subscriptions,
                words: "more than \(most) bytes of subscriptions, and its connections to feeds are cut")
            : Breach(
                connection: fact, account: account, resource: .messageBytes,
                words: "more than \(most) bytes of messages that do not end, and their connections are cut")
    }

    /// Bytes that a connection has brought: all of them on a feed, elsewhere those since its last message.
    private func waiting(_ connection: Connection, _ now: Duration) -> UInt64 {
        let isFeed = connection.kind == .feed
        let bytes = connection.received - (isFeed ? 0 : min(connection.taken, connection.received))
        return bytes - min(bytes, heartbeats(since: isFeed ? connection.since : connection.takenAt, now))
    }

    private mutating func free(_ bytes: Int64, of account: String?) {
        guard bytes > 0, let account, let left = unsent[account].map({ $0 - bytes }) else { return }
        unsent[account] = left > 0 ? left : nil
    }

    private func heartbeats(since: Duration, _ now: Duration) -> UInt64 {
        UInt64(clamping: max(0, (now - since).components.seconds)) * PeerConnections.heartbeats
    }

    private mutating func forget(_ descriptor: Int32) {
        guard let gone = connections.removeValue(forKey: descriptor) else { return }
        free(gone.unsent, of: gone.account)
        if let route = gone.route, routes[route] == descriptor { routes[route] = nil }
    }
}
