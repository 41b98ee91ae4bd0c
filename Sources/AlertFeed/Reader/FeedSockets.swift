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
    private(set) var control: WatchedSocket
    private var controlPulse: Pulse
    private(set) var feed: FeedSocket?
    private let address: HubAddress
    private let security: Security

    final class FeedSocket {
        let watched: WatchedSocket
        let port: Int
        fileprivate var pulse: Pulse

        init(_ watched: consuming WatchedSocket, port: Int) {
            self.watched = watched
            self.port = port
            pulse = Pulse(at: steadyClock())
        }
    }

    init(_ address: HubAddress, _ keys: IdentityKeys, hub: PublicKeys) throws(ZeroMQError) {
        self.address = address
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        context = try Context()
        control = try FeedSockets.connectControl(context, address, security)
        controlPulse = Pulse(at: steadyClock())
    }

    private static func connectControl(
        _ context: Context, _ address: HubAddress, _ security: Security
    ) throws(ZeroMQError) -> WatchedSocket {
        let control = try WatchedSocket(
            context, .dealer,
            SocketOptions(
                linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                largestFrame: Int64(WireLimits.replyFrame), security: security))
        try control.socket.connect(address.endpoint(port: address.control))
        return control
    }

    /// Subscribes on the feed at this port, anew if it was another.
    func connectFeed(port: Int, _ selection: Selection) throws(ZeroMQError) {
        guard feed?.port != port else { return }
        feed = nil
        let watched = try WatchedSocket(
            context, .subscribe,
            SocketOptions(
                // More than 1,000 filters are silently cut off unless the send side is unlimited (libzmq #2258).
                linger: .zero, sendHighWater: 0, receiveHighWater: FeedSockets.queue,
                largestFrame: Int64(WireLimits.requestFrame), security: security))
        if selection == .everything {
            try watched.socket.subscribe("")
        } else {
            try watched.socket.subscribe(Heartbeat.topic)
            for name in selection.names { try watched.socket.subscribe(name) }
        }
        try watched.socket.connect(address.endpoint(port: port))
        feed = FeedSocket(watched, port: port)
    }
    /// What has become of control's connection; nil: nothing new.
    func controlEvent(_ receiver: borrowing Receiver, _ now: Duration) throws(ZeroMQError) -> WatchedSocket
        .Event?
    {
        guard let event = try control.event(receiver) else { return nil }
        controlPulse.note(event, at: now)
        return event
    }

    /// The same of the feed's.
    func feedEvent(_ receiver: borrowing Receiver, _ now: Duration) throws(ZeroMQError) -> WatchedSocket
        .Event?
    {
        guard let feed, let event = try feed.watched.event(receiver) else { return nil }
        feed.pulse.note(event, at: now)
        return event
    }

    /// Makes sockets anew that libzmq has given up.
    /// - selection: what the feed is for.
    func renew(_ selection: Selection?, _ now: Duration) throws(ZeroMQError) {
        if controlPulse.isGone(at: now) {
            control = try FeedSockets.connectControl(context, address, security)
            controlPulse = Pulse(at: now)
        }
        guard let selection, let former = feed, former.pulse.isGone(at: now) else { return }
        feed = nil
        try connectFeed(port: former.port, selection)
    }
}
