internal import CZeroMQ
internal import Platform

/// The socket types that Borderwire uses (zmq_socket(3)).
public enum SocketType: Sendable {
    case publish, subscribe, extendedPublish, router, dealer, reply, request, pair

    var raw: Int32 {
        switch self {
        case .publish: ZMQ_PUB
        case .subscribe: ZMQ_SUB
        case .extendedPublish: ZMQ_XPUB
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        case .reply: ZMQ_REP
        case .request: ZMQ_REQ
        case .pair: ZMQ_PAIR
        }
    }
}

/// How a socket proves itself and what it accepts (zmq_curve(7)). Keys are 32 raw bytes.
public enum Security: Sendable {
    /// For inproc and ipc only: peers are threads of this process, or whoever the directory's mode lets in.
    case none
    /// Accepts connections that the ZAP handler admits for this domain, and no others: the domain must not be empty, and
    /// libzmq is told to enforce it, since CURVE alone admits strangers when no ZAP handler answers (libzmq #2711).
    case server(secret: [UInt8], domain: String)
    case client(server: [UInt8], publicKey: [UInt8], secret: [UInt8])
}

/// All that is decided when a socket is made. Linger and high-water marks have no default: each is a decision about loss.
public struct SocketOptions: Sendable {
    /// How long closing waits for unsent messages. Never unlimited: that would hang ``Context/terminate()``.
    public var linger: Duration
    /// Messages queued for sending per peer; at the mark PUB and XPUB drop for that peer, DEALER would block, ROUTER drops.
    public var sendHighWater: Int32
    /// Messages queued after receiving per peer; at the mark libzmq stops reading from that peer's connection.
    public var receiveHighWater: Int32
    /// Largest frame accepted, in bytes; a peer that sends a larger one is disconnected. libzmq's default is unlimited.
    public var largestFrame: Int64
    public var security: Security
    /// XPUB: report subscriptions only of live connections, and their going (``SocketType/extendedPublish`` that connects).
    /// Others: queue only for completed connections.
    public var immediate: Bool
    /// A peer that is silent this long is pinged (ZMTP PING); nil: never. Unused on inproc.
    public var heartbeat: Duration?
    /// Time for a connection's handshake, after which it is dropped.
    public var handshake: Duration
    /// Time for a TCP connection to be made, after which it is tried anew: the kernel's own tries are up to a minute apart.
    public var connecting: Duration
    /// First wait before connecting again; doubles up to ``reconnectLongest``.
    public var reconnect: Duration
    public var reconnectLongest: Duration
    /// Bytes of each connection that the kernel keeps until libzmq reads them, where that is not its own choice, which is
    /// up to some megabytes (ZMQ_RCVBUF; the kernel doubles it). For binds and connects that come after.
    public var receiveBuffer: Int32?
    /// Connections waiting to be accepted (listen(2)).
    public var backlog: Int32
    /// ROUTER: fail a send to an unknown routing id instead of dropping it silently.
    public var mandatoryRouting: Bool
    /// Which of the context's I/O threads moves this socket's bytes, from 0, at most 63; nil: the one with the fewest sockets
    /// (ZMQ_AFFINITY). For binds and connects that come after.
    public var ioThread: Int?

    public init(
        linger: Duration, sendHighWater: Int32, receiveHighWater: Int32, largestFrame: Int64,
        security: Security = .none, immediate: Bool = false, heartbeat: Duration? = .seconds(5),
        handshake: Duration = .seconds(10), connecting: Duration = .seconds(5),
        reconnect: Duration = .milliseconds(100),
        reconnectLongest: Duration = .seconds(5), receiveBuffer: Int32? = nil, backlog: Int32 = 512,
        mandatoryRouting: Bool = false,
        ioThread: Int? = nil
    ) {
        self.linger = linger
        self.sendHighWater = sendHighWater
        self.receiveHighWater = receiveHighWater
        self.largestFrame = largestFrame
        self.security = security
        self.immediate = immediate
        self.heartbeat = heartbeat
        self.handshake = handshake
        self.connecting = connecting
        self.reconnect = reconnect
        self.reconnectLongest = reconnectLongest
        self.receiveBuffer = receiveBuffer
        self.backlog = backlog
        self.mandatoryRouting = mandatoryRouting
        self.ioThread = ioThread
    }
}

/// ZMQ_ZAP_ENFORCE_DOMAIN: accepted by Debian's build though zmq.h hides it among the drafts (measured).
let zapEnforceDomain: Int32 = 93
/// ZMQ_HEARTBEAT_TTL above 65,535 ms wraps into a disconnect loop (measured).
let longestHeartbeatTTL: Int32 = 60_000

extension SocketOptions {
    func apply(to socket: SocketHandle) throws(ZeroMQError) {
        try socket.set(ZMQ_LINGER, linger.wholeMilliseconds, "ZMQ_LINGER")
        try socket.set(ZMQ_SNDHWM, sendHighWater, "ZMQ_SNDHWM")
        try socket.set(ZMQ_RCVHWM, receiveHighWater, "ZMQ_RCVHWM")
        try socket.setWide(ZMQ_MAXMSGSIZE, largestFrame, "ZMQ_MAXMSGSIZE")
        try socket.set(ZMQ_HANDSHAKE_IVL, handshake.wholeMilliseconds, "ZMQ_HANDSHAKE_IVL")
        try socket.set(ZMQ_CONNECT_TIMEOUT, connecting.wholeMilliseconds, "ZMQ_CONNECT_TIMEOUT")
        try socket.set(ZMQ_RECONNECT_IVL, reconnect.wholeMilliseconds, "ZMQ_RECONNECT_IVL")
        try socket.set(ZMQ_RECONNECT_IVL_MAX, reconnectLongest.wholeMilliseconds, "ZMQ_RECONNECT_IVL_MAX")
        if let receiveBuffer { try socket.set(ZMQ_RCVBUF, receiveBuffer, "ZMQ_RCVBUF") }
        try socket.set(ZMQ_BACKLOG, backlog, "ZMQ_BACKLOG")
        if let heartbeat {
            let interval = heartbeat.wholeMilliseconds
            try socket.set(ZMQ_HEARTBEAT_IVL, interval, "ZMQ_HEARTBEAT_IVL")
            try socket.set(ZMQ_HEARTBEAT_TIMEOUT, interval * 2, "ZMQ_HEARTBEAT_TIMEOUT")
            try socket.set(ZMQ_HEARTBEAT_TTL, min(interval * 3, longestHeartbeatTTL), "ZMQ_HEARTBEAT_TTL")
        }
        if immediate { try socket.set(ZMQ_IMMEDIATE, 1, "ZMQ_IMMEDIATE") }
        if mandatoryRouting { try socket.set(ZMQ_ROUTER_MANDATORY, 1, "ZMQ_ROUTER_MANDATORY") }
        if let ioThread, (0..<64).contains(ioThread) {
            try socket.setWide(ZMQ_AFFINITY, Int64(bitPattern: 1 << UInt64(ioThread)), "ZMQ_AFFINITY")
        }
        switch security {
        case .none: break
        case .server(let secret, let domain):
            precondition(!domain.isEmpty, "a CURVE server without a ZAP domain admits strangers")
            try socket.set(ZMQ_ZAP_DOMAIN, Array(domain.utf8), "ZMQ_ZAP_DOMAIN")
            try socket.set(zapEnforceDomain, 1, "ZMQ_ZAP_ENFORCE_DOMAIN")
            try socket.set(ZMQ_CURVE_SERVER, 1, "ZMQ_CURVE_SERVER")
            try socket.set(ZMQ_CURVE_SECRETKEY, secret, "ZMQ_CURVE_SECRETKEY")
        case .client(let server, let publicKey, let secret):
            try socket.set(ZMQ_CURVE_SERVERKEY, server, "ZMQ_CURVE_SERVERKEY")
            try socket.set(ZMQ_CURVE_PUBLICKEY, publicKey, "ZMQ_CURVE_PUBLICKEY")
            try socket.set(ZMQ_CURVE_SECRETKEY, secret, "ZMQ_CURVE_SECRETKEY")
        }
    }
}
