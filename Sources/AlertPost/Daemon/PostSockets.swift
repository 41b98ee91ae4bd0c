internal import Identity
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The post's sockets: made and used by the loop's thread.
final class PostSockets {
    let context: Context
    private(set) var control: WatchedSocket
    private var controlPulse: Pulse
    let local: Socket
    private(set) var ingest: IngestSocket?
    private let settings: PostSettings
    private let security: Security

    final class IngestSocket {
        let watched: WatchedSocket
        let port: Int
        fileprivate var pulse: Pulse

        init(_ watched: consuming WatchedSocket, port: Int) {
            self.watched = watched
            self.port = port
            pulse = Pulse(at: steadyClock())
        }
    }

    init(_ settings: PostSettings, _ keys: IdentityKeys, hub: PublicKeys) throws(ZeroMQError) {
        self.settings = settings
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        context = try Context()
        control = try PostSockets.connectControl(context, settings, security)
        controlPulse = Pulse(at: steadyClock())
        local = try Socket(
            context, .router,
            SocketOptions(
                linger: .zero, sendHighWater: 1_000, receiveHighWater: 1_000, largestFrame: 1_024,
                heartbeat: nil))
        try local.bind(settings.localEndpoint)
    }

    private static func connectControl(
        _ context: Context, _ settings: PostSettings, _ security: Security
    ) throws(ZeroMQError) -> WatchedSocket {
        let control = try WatchedSocket(
            context, .dealer,
            SocketOptions(
                linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                largestFrame: Int64(WireLimits.replyFrame), security: security))
        try control.socket.connect(settings.hub.endpoint(port: settings.hub.control))
        return control
    }

    /// Connects ingest to the hub's port, anew if it was another. It then says by itself when its link is up: an XPUB that
    /// connects, with ZMQ_IMMEDIATE, passes on the hub's subscription and its end (measured).
    func connectIngest(port: Int) throws(ZeroMQError) {
        guard ingest?.port != port else { return }
        ingest = nil
        let watched = try WatchedSocket(
            context, .extendedPublish,
            SocketOptions(
                // Above the window, so that nothing within it is ever dropped here.
                linger: .zero, sendHighWater: Int32(WireLimits.window * 2), receiveHighWater: 1_000,
                largestFrame: 1_024, security: security, immediate: true))
        try watched.socket.connect(settings.hub.endpoint(port: port))
        ingest = IngestSocket(watched, port: port)
    }

    /// What has become of control's connection; nil: nothing new.
    func controlEvent(_ receiver: borrowing Receiver, _ now: Duration) throws(ZeroMQError) -> WatchedSocket
        .Event?
    {
        guard let event = try control.event(receiver) else { return nil }
        controlPulse.note(event, at: now)
        return event
    }

    /// The same of ingest's.
    func ingestEvent(_ receiver: borrowing Receiver, _ now: Duration) throws(ZeroMQError) -> WatchedSocket
        .Event?
    {
        guard let ingest, let event = try ingest.watched.event(receiver) else { return nil }
        ingest.pulse.note(event, at: now)
        return event
    }

    /// Makes sockets anew that libzmq has given up.
    /// - Returns: whether ingest was one.
    func renew(_ now: Duration) throws(ZeroMQError) -> Bool {
        if controlPulse.isGone(at: now) {
            control = try PostSockets.connectControl(context, settings, security)
            controlPulse = Pulse(at: now)
        }
        guard let former = ingest, former.pulse.isGone(at: now) else { return false }
        ingest = nil
        try connectIngest(port: former.port)
        return true
    }
}
