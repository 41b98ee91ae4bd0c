internal import Identity
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The hub's sockets: made, bound and closed by the loop's thread.
final class HubSockets {
    private let context: Context
    let zap: Socket
    let ingest: MonitoredSocket
    let control: MonitoredSocket
    let ingestPort: Int
    let controlPort: Int
    private let listen: HubSettings.Listen
    private let limits: HubLimits
    private let secret: [UInt8]
    private var feeds: [String: FeedSocket] = [:]
    /// Feeds that are to listen and can't yet, oldest first.
    private(set) var waiting: [Waiting] = []

    struct Waiting: Sendable, Equatable {
        var domain: String
        /// The one it had, which the closed socket before it has not let go of yet; nil: any of the range.
        var port: Int?
        var since: Duration
        /// When it is tried again.
        var next: Duration
    }

    /// Replies queued for one peer; beyond it they are dropped, and the peer asks again. A reply may be a page of 1 MiB, so a
    /// peer that asks and never reads holds 64 MiB at the most.
    static let controlQueue: Int32 = 64
    /// Bytes of a reader's frame on a feed: a subscription to a topic of 200 bytes, encrypted, or the handshake's longest.
    static let largestSubscription: Int64 = 512
    /// Subscriptions of one connection, and bytes of them, that wait for libzmq to take them in. It does so on the loop's
    /// thread, without a pause as long as more wait, also after the connection was cut.
    static let subscriptionsAhead: Int32 = 100
    static let subscriptionBytesAhead: Int32 = 32_768
    /// How long a feed tries to get its old port back before it takes another one.
    static let longestRebind = Duration.seconds(5)
    /// Between two tries to get it back, and between later ones.
    static let rebindPause = Duration.milliseconds(10)
    static let openPause = Duration.seconds(1)
    /// Descriptors that making a socket may take, with those that libzmq opens for a moment while it binds: without them it
    /// ends the process (getifaddrs(3) in ip_resolver.cpp).
    static let perSocket = 16

    /// Alerts and their deliveries have an I/O thread of their own: encrypting a page of 1 MiB takes control's thread more than
    /// a millisecond, which live deliveries would wait for behind it.
    private enum Thread {
        static let alerts = 0
        static let control = 1
    }

    /// What the context is to have.
    static let ioThreads: Int32 = 2

    /// A socket in a box, since dictionaries hold only copyable values.
    private final class FeedSocket {
        let socket: MonitoredSocket
        let port: Int

        init(_ socket: consuming MonitoredSocket, port: Int) {
            self.socket = socket
            self.port = port
        }
    }

    /// Where it listens now.
    var ports: Set<Int> { Set([controlPort, ingestPort] + feeds.values.map(\.port)) }

    /// Binds ZAP before anything that asks it, then control and ingest.
    init(_ settings: HubSettings, _ keys: IdentityKeys, _ context: Context) throws(ZeroMQError) {
        listen = settings.listen
        limits = settings.limits
        secret = keys.curve.secretKey
        self.context = context
        zap = try Socket(
            context, .router,
            SocketOptions(
                linger: .zero, sendHighWater: 0, receiveHighWater: 0, largestFrame: 4_096, heartbeat: nil))
        try zap.bind(ZAP.endpoint)
        control = try MonitoredSocket(
            context, .router,
            SocketOptions(
                linger: .milliseconds(500), sendHighWater: HubSockets.controlQueue, receiveHighWater: 1_000,
                largestFrame: Int64(WireLimits.requestFrame),
                security: .server(secret: secret, domain: HubCore.Domain.control), mandatoryRouting: true,
                ioThread: Thread.control), .accepting)
        controlPort = try HubSockets.bind(control.socket, listen.address, listen.control)
        ingest = try MonitoredSocket(
            context, .subscribe,
            SocketOptions(
                linger: .zero, sendHighWater: 1_000, receiveHighWater: Int32(clamping: limits.ingestQueue),
                largestFrame: Int64(WireLimits.requestFrame),
                security: .server(secret: secret, domain: HubCore.Domain.ingest), ioThread: Thread.alerts),
            .accepting)
        try ingest.socket.subscribe("")
        ingestPort = try HubSockets.bind(ingest.socket, listen.address, listen.ingest)
    }

    /// Opens a feed on the first port of the range that is free.
    /// - Returns: the port; nil when the range has none left: it is then tried again with ``reopen(at:)``.
    func open(domain: String, at now: Duration) throws(ZeroMQError) -> Int? {
        do throws(ZeroMQError) {
            if let port = try open(domain: domain) { return port }
        } catch {
            guard error.code.isShortage else { throw error }
            wait(domain, nil, now)
            throw error
        }
        wait(domain, nil, now)
        return nil
    }

    private func wait(_ domain: String, _ port: Int?, _ now: Duration) {
        let pause = port == nil ? HubSockets.openPause : .zero
        waiting.append(Waiting(domain: domain, port: port, since: now, next: now + pause))
    }

    private func open(domain: String) throws(ZeroMQError) -> Int? {
        let used = Set(feeds.values.map(\.port) + waiting.compactMap(\.port))
        for port in listen.feeds[0]...listen.feeds[1] where port == 0 || !used.contains(port) {
            if let opened = try open(domain: domain, port: port) { return opened }
        }
        return nil
    }

    func close(domain: String) {
        feeds[domain] = nil
        waiting.removeAll { $0.domain == domain }
    }

    /// Closes a feed and all its connections; it comes back on its port with ``reopen(at:)``.
    func rebind(domain: String, at now: Duration) {
        guard let port = feeds[domain]?.port else { return }
        feeds[domain] = nil
        wait(domain, port, now)
    }

    /// Tries again to bind the feeds that wait. Want of descriptors or of memory is waited out like a port that is taken: the
    /// hub's other work goes on.
    /// - Returns: those that now listen, and where.
    func reopen(at now: Duration) throws(ZeroMQError) -> [(domain: String, port: Int)] {
        var opened: [(domain: String, port: Int)] = []
        for (index, entry) in waiting.enumerated().reversed() where entry.next <= now {
            let isLate = now - entry.since >= HubSockets.longestRebind
            waiting[index].next =
                now + (isLate || entry.port == nil ? HubSockets.openPause : HubSockets.rebindPause)
            do throws(ZeroMQError) {
                var port: Int?
                if let former = entry.port { port = try open(domain: entry.domain, port: former) }
                if port == nil, isLate || entry.port == nil { port = try open(domain: entry.domain) }
                guard let port else { continue }
                opened.append((entry.domain, port))
                waiting.remove(at: index)
            } catch {
                guard error.code.isShortage else { throw error }
            }
        }
        return opened.reversed()
    }

    /// Sends a reply on control, or drops it when the peer is gone or has too many waiting: it asks again.
    func answer(_ peer: [UInt8], _ frames: [[UInt8]]) throws(ZeroMQError) -> Outcome {
        do throws(ZeroMQError) {
            return try control.socket.send([peer] + frames) ? .sent : .full
        } catch {
            guard error.code == .hostUnreachable else { throw error }
            return .gone
        }
    }

    /// What becomes of a reply. Full: as many wait as may, and it is dropped. Gone: its connection is.
    enum Outcome { case sent, full, gone }

    /// Connections accepted since the last call, and to which socket.
    func accepted(_ receiver: borrowing Receiver) throws(ZeroMQError) -> [(descriptor: Int32, domain: String)]
    {
        var accepted: [(Int32, String)] = []
        while let new = try control.accepted(receiver) { accepted.append((new, HubCore.Domain.control)) }
        while let new = try ingest.accepted(receiver) { accepted.append((new, HubCore.Domain.ingest)) }
        for (domain, feed) in feeds {
            while let new = try feed.socket.accepted(receiver) { accepted.append((new, domain)) }
        }
        return accepted
    }

    /// - Returns: false when libzmq can't take it now; for PUB that is never (it drops per reader).
    func publish(domain: String, _ frames: [[UInt8]]) throws(ZeroMQError) {
        guard let feed = feeds[domain] else { return }
        _ = try feed.socket.socket.send(frames)
    }

    private func open(domain: String, port: Int) throws(ZeroMQError) -> Int? {
        guard areDescriptorsFree(HubSockets.perSocket) else {
            throw ZeroMQError(operation: "open", object: "the feed's socket", code: .tooManyFiles)
        }
        let socket = try MonitoredSocket(
            context, .publish,
            SocketOptions(
                linger: .zero, sendHighWater: Int32(clamping: limits.feedQueue),
                receiveHighWater: HubSockets.subscriptionsAhead,
                largestFrame: HubSockets.largestSubscription,
                security: .server(secret: secret, domain: domain),
                receiveBuffer: HubSockets.subscriptionBytesAhead, ioThread: Thread.alerts), .accepting)
        do throws(ZeroMQError) {
            let bound = try HubSockets.bind(socket.socket, listen.address, port)
            feeds[domain] = FeedSocket(socket, port: bound)
            return bound
        } catch {
            if error.code == .addressInUse { return nil }
            throw error
        }
    }

    private static func bind(_ socket: borrowing Socket, _ address: NumericAddress, _ port: Int)
        throws(ZeroMQError)
        -> Int
    {
        let endpoint = try socket.bind("tcp://\(address.inEndpoint):\(port == 0 ? "*" : String(port))")
        return endpoint.split(separator: ":").last.flatMap { Int($0) } ?? port
    }
}

extension HubSockets {
    /// With what the operator can do about a port that is taken.
    static func open(
        _ settings: HubSettings, _ keys: IdentityKeys, _ context: Context
    ) throws(Failure) -> HubSockets {
        do throws(ZeroMQError) { return try HubSockets(settings, keys, context) } catch {
            throw Failure(error)
        }
    }
}
