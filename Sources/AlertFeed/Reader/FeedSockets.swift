internal import Identity
internal import Settings
internal import Wire
internal import ZeroMQ

/// A reader's sockets: made and used by the reading thread.
final class FeedSockets {
    /// Feed messages queued here; at the mark libzmq stops reading the connection, and the hub's own mark comes next.
    static let queue: Int32 = 10_000

    let context: Context
    let control: Socket
    let monitor: Monitor
    private(set) var feed: FeedSocket?
    private let address: HubAddress
    private let security: Security

    final class FeedSocket {
        let socket: Socket
        let monitor: Monitor
        let port: Int

        init(_ socket: consuming Socket, monitor: consuming Monitor, port: Int) {
            self.socket = socket
            self.monitor = monitor
            self.port = port
        }
    }

    init(_ address: HubAddress, _ keys: IdentityKeys, hub: PublicKeys) throws(ZeroMQError) {
        self.address = address
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        context = try Context()
        let control = try Socket(
            context, .dealer,
            SocketOptions(
                linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                largestFrame: Int64(WireLimits.replyFrame), security: security))
        monitor = try Monitor(control, context: context, name: "control")
        try control.connect(address.endpoint(port: address.control))
        self.control = control
    }

    /// Subscribes on the feed at this port, anew if it was another.
    func connectFeed(port: Int, _ selection: Selection) throws(ZeroMQError) {
        guard feed?.port != port else { return }
        feed = nil
        let socket = try Socket(
            context, .subscribe,
            SocketOptions(
                // More than 1,000 filters are silently cut off unless the send side is unlimited (libzmq #2258).
                linger: .zero, sendHighWater: 0, receiveHighWater: FeedSockets.queue,
                largestFrame: Int64(WireLimits.requestFrame), security: security))
        let monitor = try Monitor(socket, context: context, name: "feed-\(port)")
        if selection == .everything {
            try socket.subscribe("")
        } else {
            try socket.subscribe(Heartbeat.topic)
            for name in selection.names { try socket.subscribe(name) }
        }
        try socket.connect(address.endpoint(port: port))
        feed = FeedSocket(socket, monitor: monitor, port: port)
    }
}
