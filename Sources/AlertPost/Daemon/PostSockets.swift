internal import HubLink
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The post's sockets: made and used by the loop's thread.
final class PostSockets {
    private let context: Context
    let route: HubRoute
    let control: ReconnectingSocket
    let local: Socket
    /// nil before the first welcome.
    private(set) var ingest: ReconnectingSocket?
    private var ingestEndpoint: String?
    private var ingestPort: Int?
    private let settings: PostSettings
    private let keys: IdentityKeys
    private let hub: KnownHub
    /// The hub is tried with another of its keys: control is to be made anew for it.
    private var isKeyOther = false

    init(
        _ settings: PostSettings, _ keys: IdentityKeys, hub: KnownHub, route: HubRoute, _ context: Context
    ) throws {
        self.settings = settings
        self.route = route
        self.keys = keys
        self.hub = hub
        self.context = context
        control = try ReconnectingSocket(at: steadyClock()) {
            [context] () throws(ZeroMQError) in
            let control = try MonitoredSocket(
                context, .dealer,
                SocketOptions(
                    linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                    largestFrame: Int64(WireLimits.replyFrame),
                    security: PostSockets.security(keys, hub)))
            if let endpoint = route.endpoint(port: settings.hub.control) {
                try control.socket.connect(endpoint)
            }
            return control
        }
        local = try Socket(
            context, .router,
            SocketOptions(
                linger: .zero, sendHighWater: 1_000, receiveHighWater: 1_000, largestFrame: 1_024,
                heartbeat: nil, mandatoryRouting: true))
        try local.bind(try settings.localEndpoint())
    }

    private static func security(_ keys: IdentityKeys, _ hub: KnownHub) -> Security {
        .client(
            server: hub.current.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
    }

    /// The next that has become of control's connection; nil: nothing new.
    func controlEvent(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> MonitoredSocket.Event? {
        guard let event = try control.event(receiver, at: now) else { return nil }
        if route.note(event, port: settings.hub.control, at: now), hub.failed(at: now) { isKeyOther = true }
        return event
    }

    /// Reads what has become of ingest's connection: whether it is up the socket says itself, in its order.
    /// - Returns: whether ingest is a new socket.
    func tendIngest(_ receiver: borrowing Receiver, at now: Duration) throws(ZeroMQError) -> Bool {
        guard let ingest, let ingestPort else { return false }
        while let event = try ingest.event(receiver, at: now) {
            route.note(event, port: ingestPort, at: now)
        }
        guard try ingest.renew(at: now) else { return false }
        route.renewed(port: ingestPort)
        return true
    }

    /// Makes anew what libzmq has given up, and follows the route.
    /// - Returns: whether control is on its way to another address, or with another key; ingest is closed then.
    func tendControl(at now: Duration) throws(ZeroMQError) -> Bool {
        if try control.renew(at: now) { route.renewed(port: settings.hub.control) }
        guard route.tend(at: now) || isKeyOther else { return false }
        isKeyOther = false
        try control.replace(at: now)
        route.renewed(port: settings.hub.control)
        ingest = nil
        ingestEndpoint = nil
        return true
    }

    /// Sends a program on this machine a message, or drops it when it has not read those before.
    /// - Returns: false when the program is gone.
    func tell(_ peer: [UInt8], _ message: [UInt8]) throws(ZeroMQError) -> Bool {
        do throws(ZeroMQError) {
            _ = try local.send([peer, message])
            return true
        } catch {
            guard error.code == .hostUnreachable else { throw error }
            return false
        }
    }

    /// Connects ingest to the hub's port, anew if it was another. It then says by itself when its link is up: an XPUB that
    /// connects, with ZMQ_IMMEDIATE, passes on the hub's subscription and its end (measured).
    func connectIngest(port: Int) throws(ZeroMQError) {
        guard let endpoint = route.endpoint(port: port), endpoint != ingestEndpoint else { return }
        ingest = nil
        ingest = try ReconnectingSocket(at: steadyClock()) {
            [context, keys, hub] () throws(ZeroMQError) in
            let ingest = try MonitoredSocket(
                context, .extendedPublish,
                SocketOptions(
                    // Above the window, so that nothing within it is ever dropped here.
                    linger: .zero, sendHighWater: Int32(WireLimits.window * 2), receiveHighWater: 1_000,
                    largestFrame: 1_024, security: PostSockets.security(keys, hub), immediate: true))
            try ingest.socket.connect(endpoint)
            return ingest
        }
        ingestEndpoint = endpoint
        ingestPort = port
    }
}
