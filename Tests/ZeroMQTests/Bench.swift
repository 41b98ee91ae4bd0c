import Identity
import Testing

@testable import ZeroMQ

/// A context with a ZAP handler that knows some keys, served whenever something is waited for: one thread is enough.
final class Bench {
    let context: Context
    let server = CurveKeyPair()
    let client = CurveKeyPair()
    let receiver = Receiver(mostFrames: 8)
    private var zap: ZAP?
    /// Whether the handler answers; otherwise it hangs, its socket open.
    var isAnswering = true
    /// Whether it puts off whoever asks.
    var isBusy = false
    /// Domains that were asked about.
    private(set) var asked: [String] = []
    /// Keys that may come in, by domain.
    var known: [String: Set<[UInt8]>] = [:]

    /// Sockets can't be kept in an optional as they are.
    private final class ZAP {
        let socket: Socket

        init(_ context: Context) throws {
            socket = try Socket(context, .reply, Bench.options())
            try socket.bind("inproc://zeromq.zap.01")
        }
    }

    /// Ends the handler, as if its thread had died while everything else goes on.
    func endHandler() { zap = nil }

    init(withHandler: Bool = true) throws {
        context = try Context()
        if withHandler { zap = try ZAP(context) }
    }

    static func options(
        highWater: Int32 = 100, largest: Int64 = 10_000, security: Security = .none, immediate: Bool = false
    ) -> SocketOptions {
        SocketOptions(
            linger: .zero, sendHighWater: highWater, receiveHighWater: highWater, largestFrame: largest,
            security: security, immediate: immediate, heartbeat: nil, reconnect: .milliseconds(20),
            reconnectLongest: .milliseconds(100))
    }

    func serverSocket(_ type: SocketType, domain: String, largest: Int64 = 10_000) throws -> Socket {
        try Socket(
            context, type,
            Bench.options(
                largest: largest, security: .server(secret: server.secretKey, domain: domain)))
    }

    func clientSocket(
        _ type: SocketType, key: CurveKeyPair? = nil, server: [UInt8]? = nil, immediate: Bool = false
    ) throws -> Socket {
        try Socket(context, type, clientOptions(key: key, server: server, immediate: immediate))
    }

    func watchedSocket(key: CurveKeyPair? = nil, server: [UInt8]? = nil) throws -> MonitoredSocket {
        try MonitoredSocket(context, .dealer, clientOptions(key: key, server: server))
    }

    private func clientOptions(key: CurveKeyPair?, server: [UInt8]?, immediate: Bool = false) -> SocketOptions
    {
        let key = key ?? client
        return Bench.options(
            security: .client(
                server: server ?? self.server.publicKey, publicKey: key.publicKey, secret: key.secretKey),
            immediate: immediate)
    }

    /// The next message of a socket, or nil when none comes in time.
    /// - beside: other sockets to poll meanwhile: a SUB sends its subscriptions only when its program calls into it.
    func receive(
        _ socket: borrowing Socket, beside: [PollItem] = [], within limit: Duration = .seconds(60)
    ) throws -> Received? {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if let message = try receiver.receive(from: socket) { return message }
            var items = beside + [PollItem(socket)]
            if let zap { items.append(PollItem(zap.socket)) }
            _ = try poll(&items, timeout: .milliseconds(50))
            try admit()
        }
        return nil
    }

    /// The first of these events that the socket's watch tells; nil when none comes in time.
    func event(
        of watched: borrowing MonitoredSocket, among wanted: [MonitoredSocket.Event],
        within limit: Duration = .seconds(60)
    ) throws -> MonitoredSocket.Event? {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            while let event = try watched.event(receiver) {
                if wanted.contains(event) { return event }
            }
            var items = [PollItem(watched.events)]
            if let zap { items.append(PollItem(zap.socket)) }
            _ = try poll(&items, timeout: .milliseconds(50))
            try admit()
        }
        return nil
    }

    /// RFC 27: version, request id, domain, address, identity, mechanism, key.
    private func admit() throws {
        guard let zap, isAnswering else { return }
        while let request = try receiver.receive(from: zap.socket) {
            try #require(request.frames.count == 7)
            let domain = String(decoding: request.frames[2], as: UTF8.self)
            asked.append(domain)
            let isKnown = known[domain]?.contains(request.frames[6]) ?? false
            let answer = [
                "1.0", String(decoding: request.frames[1], as: UTF8.self),
                isBusy ? "300" : isKnown ? "200" : "400", "",
                isKnown && !isBusy ? "user of \(domain)" : "", "",
            ]
            _ = try zap.socket.send(answer.map { Array($0.utf8) })
        }
    }
}
