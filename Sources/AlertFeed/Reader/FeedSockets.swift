internal import Identity
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// A reader's sockets: made and used by the reading thread.
final class FeedSockets {
    /// Feed messages queued here; at the mark libzmq stops reading the connection, and the hub's own mark comes next.
    static let queue: Int32 = 10_000

    let context: Context
    let control: LastingSocket
    /// nil before the first welcome.
    private(set) var feed: LastingSocket?
    private var feedPort: Int?
    private let address: HubAddress
    private let security: Security

    init(_ address: HubAddress, _ keys: IdentityKeys, hub: PublicKeys) throws(ZeroMQError) {
        self.address = address
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        context = try Context()
        control = try LastingSocket(at: steadyClock()) { [context, security] () throws(ZeroMQError) in
            let control = try WatchedSocket(
                context, .dealer,
                SocketOptions(
                    linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                    largestFrame: Int64(WireLimits.replyFrame), security: security))
            try control.socket.connect(address.endpoint(port: address.control))
            return control
        }
    }

    /// Subscribes on the feed at this port, anew if it was another.
    func connectFeed(port: Int, _ selection: Selection) throws(ZeroMQError) {
        guard feedPort != port else { return }
        feed = nil
        feed = try LastingSocket(at: steadyClock()) { [context, security, address] () throws(ZeroMQError) in
            let feed = try WatchedSocket(
                context, .subscribe,
                SocketOptions(
                    // More than 1,000 filters are silently cut off unless the send side is unlimited (libzmq #2258).
                    linger: .zero, sendHighWater: 0, receiveHighWater: FeedSockets.queue,
                    largestFrame: Int64(WireLimits.requestFrame), security: security))
            if selection == .everything {
                try feed.socket.subscribe("")
            } else {
                try feed.socket.subscribe(Heartbeat.topic)
                for name in selection.names { try feed.socket.subscribe(name) }
            }
            try feed.socket.connect(address.endpoint(port: port))
            return feed
        }
        feedPort = port
    }
}
