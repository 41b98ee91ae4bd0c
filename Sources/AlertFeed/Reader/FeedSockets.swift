internal import HubLink
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
    let route: HubRoute
    let control: LastingSocket
    /// nil before the first welcome.
    private(set) var feed: LastingSocket?
    private var feedPort: Int?
    private var feedEndpoint: String?
    private let address: HubAddress
    private let security: Security

    init(_ address: HubAddress, _ keys: IdentityKeys, hub: PublicKeys) throws {
        self.address = address
        do throws(PlatformError) { route = try HubRoute(address, at: steadyClock()) } catch {
            throw ReaderFailure(error.description, status: .osError)
        }
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        context = try Context()
        control = try LastingSocket(at: steadyClock()) { [context, security, route] () throws(ZeroMQError) in
            let control = try WatchedSocket(
                context, .dealer,
                SocketOptions(
                    linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                    largestFrame: Int64(WireLimits.replyFrame), security: security))
            if let endpoint = route.endpoint(port: address.control) {
                try control.socket.connect(endpoint)
            }
            return control
        }
    }

    /// The next that has become of control's connection; nil: nothing new.
    func controlEvent(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> WatchedSocket.Event? {
        guard let event = try control.event(receiver, at: now) else { return nil }
        route.note(event, port: address.control, at: now)
        return event
    }

    /// The same of the feed's.
    func feedEvent(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> WatchedSocket.Event? {
        guard let feedPort, let event = try feed?.event(receiver, at: now) else { return nil }
        route.note(event, port: feedPort, at: now)
        return event
    }

    /// Makes anew what libzmq has given up, and follows the route. The feed stays where it is until the next welcome.
    func tend(at now: Duration) throws(ZeroMQError) {
        if try control.renew(at: now) { route.renewed(port: address.control) }
        if let feed, let feedPort, try feed.renew(at: now) { route.renewed(port: feedPort) }
        if route.tend(at: now) { try control.replace(at: now) }
    }

    /// Nothing was heard of the hub.
    var unreachable: ReaderFailure {
        ReaderFailure(
            "the hub can't be reached" + (route.obstacle.map { ": \($0)" } ?? ""),
            remedy: "see [hub] in the settings, and the network", status: .unavailable)
    }

    /// Subscribes on the feed at this port, anew if it was another.
    func connectFeed(port: Int, _ selection: Selection) throws(ZeroMQError) {
        guard let endpoint = route.endpoint(port: port), endpoint != feedEndpoint else { return }
        feed = nil
        feed = try LastingSocket(at: steadyClock()) { [context, security] () throws(ZeroMQError) in
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
            try feed.socket.connect(endpoint)
            return feed
        }
        feedPort = port
        feedEndpoint = endpoint
    }
}
