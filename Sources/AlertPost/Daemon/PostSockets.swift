internal import Identity
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The post's sockets: made and used by the loop's thread.
final class PostSockets {
    let context: Context
    let control: LastingSocket
    let local: Socket
    /// nil before the first welcome.
    private(set) var ingest: LastingSocket?
    private var ingestPort: Int?
    private let settings: PostSettings
    private let security: Security

    init(_ settings: PostSettings, _ keys: IdentityKeys, hub: PublicKeys) throws(ZeroMQError) {
        self.settings = settings
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        context = try Context()
        control = try LastingSocket(at: steadyClock()) { [context, security] () throws(ZeroMQError) in
            let control = try WatchedSocket(
                context, .dealer,
                SocketOptions(
                    linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                    largestFrame: Int64(WireLimits.replyFrame), security: security))
            try control.socket.connect(settings.hub.endpoint(port: settings.hub.control))
            return control
        }
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
        guard ingestPort != port else { return }
        ingest = nil
        ingest = try LastingSocket(at: steadyClock()) {
            [context, security, settings] () throws(ZeroMQError) in
            let ingest = try WatchedSocket(
                context, .extendedPublish,
                SocketOptions(
                    // Above the window, so that nothing within it is ever dropped here.
                    linger: .zero, sendHighWater: Int32(WireLimits.window * 2), receiveHighWater: 1_000,
                    largestFrame: 1_024, security: security, immediate: true))
            try ingest.socket.connect(settings.hub.endpoint(port: port))
            return ingest
        }
        ingestPort = port
    }
}
