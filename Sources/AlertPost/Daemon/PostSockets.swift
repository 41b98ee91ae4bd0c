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
    private let hubControl: HubControl
    var route: HubRoute { hubControl.route }
    /// When ``tendControl(isWelcomed:at:)`` is due at the latest.
    var nextTick: Duration { hubControl.nextTick }
    var control: ReconnectingSocket { hubControl.socket }
    let local: Socket
    /// nil before the first welcome.
    private(set) var ingest: ReconnectingSocket?
    private var ingestEndpoint: String?
    private var ingestPort: Int?

    init(
        _ settings: PostSettings, _ keys: IdentityKeys, _ hubs: Hubs, _ context: Context
    ) throws {
        self.context = context
        hubControl = try HubControl(hubs, keys, context)
        local = try Socket(
            context, .router,
            SocketOptions(
                linger: .zero, sendHighWater: 1_000, receiveHighWater: 1_000, largestFrame: 1_024,
                heartbeat: nil, mandatoryRouting: true))
        try local.bind(try settings.localEndpoint())
    }

    /// The next that has become of control's connection; nil: nothing new.
    func controlEvent(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> MonitoredSocket.Event? {
        try hubControl.event(receiver, at: now)
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

    /// The hub has refused something.
    func refused(_ refused: Reply.Refused, at now: Duration) { hubControl.refused(refused, at: now) }

    /// Makes anew what libzmq has given up, and follows the route and the choice of hubs.
    /// - isWelcomed: whether the hub's welcome is believed.
    /// - Returns: what has become of control: after any change it is on its way anew, and ingest is closed.
    func tendControl(isWelcomed: Bool, at now: Duration) throws(ZeroMQError) -> HubControl.Change {
        hubControl.note(isWelcomed: isWelcomed, at: now)
        let change = try hubControl.tend(at: now)
        guard change != .none else { return .none }
        ingest = nil
        ingestEndpoint = nil
        return change
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
            [context, hubControl] () throws(ZeroMQError) in
            let ingest = try MonitoredSocket(
                context, .extendedPublish,
                SocketOptions(
                    // Above the window, so that nothing within it is ever dropped here.
                    linger: .zero, sendHighWater: Int32(WireLimits.window * 2), receiveHighWater: 1_000,
                    largestFrame: 1_024, security: hubControl.security, immediate: true))
            try ingest.socket.connect(endpoint)
            return ingest
        }
        ingestEndpoint = endpoint
        ingestPort = port
    }
}
