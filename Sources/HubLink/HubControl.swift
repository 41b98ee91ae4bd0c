public import Identity
public import LogProof
internal import Platform
public import Settings
internal import Wire
public import ZeroMQ

/// A peer's socket to the hub's control port, which follows the hub to its other addresses and to its next keys. Made and used
/// by one thread.
public final class HubControl {
    /// What a ``tend(at:)`` has done to the socket.
    public enum Change: Sendable {
        case none
        /// It connects to another address of the hub.
        case address
        /// It takes the hub for the owner of another key, as other sockets now have to.
        case key
    }

    public let route: HubRoute
    public let socket: ReconnectingSocket
    private let port: Int
    private let keys: IdentityKeys
    private let hub: KnownHub
    /// The hub is to be tried with another of its keys.
    private var isKeyOther = false

    public init(
        _ address: HubAddress, _ keys: IdentityKeys, hub: KnownHub, route: HubRoute, _ context: Context
    ) throws {
        self.route = route
        self.keys = keys
        self.hub = hub
        port = address.control
        socket = try ReconnectingSocket(at: steadyClock()) { [port] () throws(ZeroMQError) in
            let control = try MonitoredSocket(
                context, .dealer,
                SocketOptions(
                    linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                    largestFrame: Int64(WireLimits.replyFrame), security: HubControl.security(keys, hub)))
            if let endpoint = route.endpoint(port: port) { try control.socket.connect(endpoint) }
            return control
        }
    }

    /// For the peer's other sockets to the hub: with the key that it is now taken to have.
    public var security: Security { HubControl.security(keys, hub) }

    private static func security(_ keys: IdentityKeys, _ hub: KnownHub) -> Security {
        .client(
            server: hub.current.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
    }

    /// The next that has become of the connection; nil: nothing new.
    public func event(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> MonitoredSocket.Event? {
        guard let event = try socket.event(receiver, at: now) else { return nil }
        if route.note(event, port: port, at: now), hub.failed(at: now) { isKeyOther = true }
        return event
    }

    /// Makes the socket anew where libzmq has given it up, and follows the route and the hub's keys. To be called at least every
    /// few seconds.
    public func tend(at now: Duration) throws(ZeroMQError) -> Change {
        if try socket.renew(at: now) { route.renewed(port: port) }
        let isMoved = route.tend(at: now)
        guard isMoved || isKeyOther else { return .none }
        try socket.replace(at: now)
        route.renewed(port: port)
        defer { isKeyOther = false }
        return isKeyOther ? .key : .address
    }
}
