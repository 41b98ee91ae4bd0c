internal import HubLink
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// A reader's sockets: made and used by the reading thread.
final class FeedSockets {
    /// Feed messages queued here; at the mark libzmq stops reading the connection, and the hub's own mark comes next.
    static let queue: Int32 = 10_000

    let context: Context
    private let hubControl: HubControl
    var route: HubRoute { hubControl.route }
    var control: ReconnectingSocket { hubControl.socket }
    /// nil before the first welcome.
    private(set) var feed: ReconnectingSocket?
    private var feedPort: Int?
    private var feedEndpoint: String?
    private let hub: KnownHub
    private let tell: (String) -> Void

    /// - tell: gets sentences for whoever runs the program.
    init(
        _ hubs: Hubs, _ keys: IdentityKeys, tell: @escaping (String) -> Void
    ) throws {
        hub = hubs.known
        self.tell = tell
        context = try Context()
        do { hubControl = try HubControl(hubs, keys, context) } catch let error as PlatformError {
            throw ReaderFailure(.connect, "the hub", error.description, status: .osError)
        }
    }

    /// When ``tend(isWelcomed:at:)`` is due at the latest.
    var nextTick: Duration { hubControl.nextTick }
    /// Whether no way is left on which our key was not refused.
    var isKeyRefused: Bool { hubControl.isKeyRefused }
    /// The hub has refused something.
    func refused(_ refused: Reply.Refused, at now: Duration) { hubControl.refused(refused, at: now) }

    /// The next that has become of control's connection; nil: nothing new.
    func controlEvent(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> MonitoredSocket.Event? {
        guard let event = try hubControl.event(receiver, at: now) else { return nil }
        if event == .handshakeSucceeded { say(hub.connected()) }
        return event
    }

    /// The same of the feed's.
    func feedEvent(
        _ receiver: borrowing Receiver, at now: Duration
    ) throws(ZeroMQError) -> MonitoredSocket.Event? {
        guard let feedPort, let event = try feed?.event(receiver, at: now) else { return nil }
        route.note(event, port: feedPort, at: now)
        return event
    }

    /// As ``HubControl/leave(at:)``.
    func leave(at now: Duration) -> Bool { hubControl.leave(at: now) }

    /// Makes anew what libzmq has given up, and follows the route and the choice of hubs. The feed stays where it is until the next
    /// welcome, unless the hub is tried with another of its keys, or is another.
    /// - isWelcomed: whether the hub's welcome is believed, or need not be.
    /// - Returns: whether control is on its way to another hub.
    func tend(isWelcomed: Bool, at now: Duration) throws(ZeroMQError) -> Bool {
        if let feed, let feedPort, try feed.renew(at: now) { route.renewed(port: feedPort) }
        hubControl.note(isWelcomed: isWelcomed, at: now)
        let change = try hubControl.tend(at: now)
        if change == .key || change == .hub { (feed, feedPort, feedEndpoint) = (nil, nil, nil) }
        return change == .hub
    }

    /// What the hub says of the keys that will follow its own.
    func learn(_ successor: Succession?) { say(hub.learn(successor)) }

    private func say(_ news: KnownHub.News?) {
        switch news {
        case .taken(let words), .warning(let words): tell(words)
        case nil: break
        }
    }

    /// Nothing was heard of the hub.
    var unreachable: ReaderFailure {
        .unreachable(route.obstacle?.description)
    }

    /// Subscribes on the feed at this port, anew if it was another.
    func connectFeed(port: Int, _ selection: Selection) throws(ZeroMQError) {
        guard let endpoint = route.endpoint(port: port), endpoint != feedEndpoint else { return }
        feed = nil
        feed = try ReconnectingSocket(at: steadyClock()) { [context, hubControl] () throws(ZeroMQError) in
            let feed = try MonitoredSocket(
                context, .subscribe,
                SocketOptions(
                    // More than 1,000 filters are silently cut off unless the send side is unlimited (libzmq #2258).
                    linger: .zero, sendHighWater: 0, receiveHighWater: FeedSockets.queue,
                    largestFrame: Int64(WireLimits.requestFrame),
                    security: hubControl.security))
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
