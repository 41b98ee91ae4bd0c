public import Identity
internal import LogProof
internal import Platform
internal import Settings
public import Wire
public import ZeroMQ

/// A peer's socket to the control port of a hub, which follows the hub to its other addresses and to its next keys, and goes to
/// another hub of those that share the log. Made and used by one thread.
public final class HubControl {
    /// What a ``tend(at:)`` has done to the socket.
    public enum Change: Sendable {
        case none
        /// It connects to another address of the hub.
        case address
        /// It takes the hub for the owner of another key, as other sockets now have to.
        case key
        /// It connects to another hub: whatever was asked is asked anew, and other sockets have to go there too.
        case hub
    }

    /// Where the socket connects to.
    private final class Target {
        let routes: [HubRoute]
        let hubs: Hubs
        var place = 0

        init(_ routes: [HubRoute], _ hubs: Hubs) {
            self.routes = routes
            self.hubs = hubs
        }

        var route: HubRoute { routes[place] }
        var port: Int { hubs.addresses[place].control }
    }

    public let socket: ReconnectingSocket
    private let target: Target
    private let keys: IdentityKeys
    private var choice: HubChoice
    /// The hub is to be tried with another of its keys.
    private var isKeyOther = false
    /// Hubs that have refused our key since one took it.
    private var refusers: Set<Int> = []

    public init(_ hubs: Hubs, _ keys: IdentityKeys, _ context: Context) throws {
        let now = steadyClock()
        let routes = try hubs.addresses.map { try HubRoute($0, at: now) }
        let target = Target(routes, hubs)
        self.target = target
        self.keys = keys
        choice = HubChoice(hubs.known.names, at: now)
        socket = try ReconnectingSocket(at: now) { () throws(ZeroMQError) in
            let control = try MonitoredSocket(
                context, .dealer,
                SocketOptions(
                    linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                    largestFrame: Int64(WireLimits.replyFrame), security: HubControl.security(keys, hubs)))
            if let endpoint = target.route.endpoint(port: target.port) {
                try control.socket.connect(endpoint)
            }
            return control
        }
    }

    /// The way to the hub of now.
    public var route: HubRoute { target.route }

    /// When ``tend(at:)`` is due at the latest.
    public var nextTick: Duration { min(route.nextTick, choice.nextTick) }

    /// For the peer's other sockets to the hub: with the key that it is now taken to have.
    public var security: Security { HubControl.security(keys, target.hubs) }

    private static func security(_ keys: IdentityKeys, _ hubs: Hubs) -> Security {
        .client(
            server: hubs.known.current.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
    }

    /// Whether no way is left on which our key was not refused.
    public var isKeyRefused: Bool { route.isHopeless && refusers.count == target.routes.count }

    /// The next that has become of the connection; nil: nothing new.
    public func event(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> MonitoredSocket.Event? {
        guard let event = try socket.event(receiver, at: now) else { return nil }
        if route.note(event, port: target.port, at: now), target.hubs.known.failed(at: now) {
            isKeyOther = true
        }
        switch event {
        case .handshakeSucceeded: refusers = []
        case .disconnected: choice.lost(now)
        case .refused:
            refusers.insert(target.place)
            if route.isHopeless { choice.lost(now) }
        case .retrying, .handshakeFailed: if route.isHopeless { choice.lost(now) }
        case .connected: break
        }
        return event
    }

    /// The hub has refused something.
    public func refused(_ refused: Reply.Refused, at now: Duration) { choice.refused(refused, now) }

    /// The hub can't give what is asked of it.
    /// - Returns: whether there is another, to which ``tend(at:)`` goes.
    public func leave(at now: Duration) -> Bool {
        choice.lost(now)
        return target.routes.count > 1
    }

    /// Whether the hub's welcome is believed now; to be said before each ``tend(at:)``.
    public func note(isWelcomed: Bool, at now: Duration) { choice.note(isWelcomed: isWelcomed, now) }

    /// Makes the socket anew where libzmq has given it up, and follows the choice of hubs, the route and the hub's keys. To be called
    /// at least every few seconds.
    public func tend(at now: Duration) throws(ZeroMQError) -> Change {
        if choice.tick(now) {
            target.place = choice.current
            target.hubs.known.select(target.place)
            route.restart(at: now)
            try replace(now)
            return .hub
        }
        if try socket.renew(at: now) { route.renewed(port: target.port) }
        let isMoved = route.tend(at: now)
        guard isMoved || isKeyOther else { return .none }
        let change = isKeyOther ? Change.key : .address
        try replace(now)
        return change
    }

    private func replace(_ now: Duration) throws(ZeroMQError) {
        try socket.replace(at: now)
        route.renewed(port: target.port)
        isKeyOther = false
    }
}
