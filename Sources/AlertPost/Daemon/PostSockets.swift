internal import Identity
internal import Settings
internal import Wire
internal import ZeroMQ

/// The post's sockets: made and used by the loop's thread.
final class PostSockets {
    let context: Context
    let control: WatchedSocket
    let local: Socket
    private(set) var ingest: IngestSocket?
    private let settings: PostSettings
    private let security: Security

    final class IngestSocket {
        let socket: Socket
        let port: Int

        init(_ socket: consuming Socket, port: Int) {
            self.socket = socket
            self.port = port
        }
    }

    init(_ settings: PostSettings, _ keys: IdentityKeys, hub: PublicKeys) throws(ZeroMQError) {
        self.settings = settings
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        context = try Context()
        let control = try WatchedSocket(
            context, .dealer,
            SocketOptions(
                linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                largestFrame: Int64(WireLimits.replyFrame), security: security))
        try control.socket.connect(settings.hub.endpoint(port: settings.hub.control))
        self.control = control
        local = try Socket(
            context, .router,
            SocketOptions(
                linger: .zero, sendHighWater: 1_000, receiveHighWater: 1_000, largestFrame: 1_024,
                heartbeat: nil))
        try local.bind(settings.localEndpoint)
    }

    /// Connects ingest to the hub's port, anew if it was another. It then says by itself when its link is up: an XPUB that
    /// connects, with ZMQ_IMMEDIATE, passes on the hub's subscription and its end (measured).
    func connectIngest(port: Int) throws(ZeroMQError) {
        guard ingest?.port != port else { return }
        ingest = nil
        let socket = try Socket(
            context, .extendedPublish,
            SocketOptions(
                // Above the window, so that nothing within it is ever dropped here.
                linger: .zero, sendHighWater: Int32(WireLimits.window * 2), receiveHighWater: 1_000,
                largestFrame: 1_024, security: security, immediate: true))
        try socket.connect(settings.hub.endpoint(port: port))
        ingest = IngestSocket(socket, port: port)
    }
}
