internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// Answers requests on one address, on a thread of its own (libmicrohttpd's internal polling thread).
///
/// Bounded: ``Bounds`` says by how much. What has another method is answered 405 before any of its body is read.
public final class HTTPServer {
    /// What a server lets a client take of it.
    public struct Bounds: Sendable {
        /// Connections at once; a further one is closed.
        public var connections: UInt32 = 16
        /// Event streams among them; a further one is answered 503.
        public var streams = 8
        /// Seconds without a byte either way, after which a connection is closed, unless it waits for events.
        public var silence: UInt32 = 5
        /// Bytes of a request's line and headers, and of the answer's headers; a longer request is refused (RFC 9110, 414 or 431).
        public var head = 8_192
        /// Bytes of a POST's body; a longer one is answered 413. 0: POST is answered 405.
        public var body = 0

        public init() {}
    }

    /// Where it listens: as asked for, or, for port 0, the one that the system gave.
    public let port: Int
    private let daemon: OpaquePointer
    private let desk: Unmanaged<HTTPDesk>

    /// Listens once this returns.
    /// - address: a numeric IPv4 or IPv6 address, without brackets; `::` takes IPv4 too.
    /// - hosts: by which names it may be asked; nil: by any, from pages of any origin. peers: whose connections are taken; nil:
    ///   everybody's.
    /// - pages: called on the server's thread. A slow page keeps the others waiting.
    public init(
        address: String, port: Int, bounds: Bounds = Bounds(), hosts: HostCheck? = nil,
        peers: PeerCheck? = nil,
        _ pages: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(HTTPError) {
        let object = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        guard let port = UInt16(exactly: port) else {
            throw HTTPError(operation: "listen on", object: object, code: EINVAL)
        }
        let kept = Unmanaged.passRetained(HTTPDesk(bounds, hosts, peers, pages))
        errno = 0
        let daemon = withSocketAddress(address, port) { pointer in
            cmhd_start(
                pointer, bounds.connections, bounds.silence, bounds.head, acceptPeer, takeRequest, endRequest,
                kept.toOpaque())
        }
        guard let daemon else {
            let code = errno
            kept.release()
            throw HTTPError(operation: "listen on", object: object, code: code)
        }
        self.daemon = daemon
        desk = kept
        let bound = Int(cmhd_port(daemon))
        self.port = bound == 0 ? Int(port) : bound
        desk.takeUnretainedValue().port.store(self.port, ordering: .releasing)
    }

    /// Clients of event streams that were cut since they did not read.
    public var slowClients: UInt64 { desk.takeUnretainedValue().slowClients }

    /// Closes every connection and waits for the thread's end.
    deinit {
        desk.takeUnretainedValue().close()
        MHD_stop_daemon(daemon)
        desk.release()
    }
}

/// Hands over a numeric address and a port as the system calls want them; nil when it is none.
private func withSocketAddress<Result>(
    _ address: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>) -> Result?
) -> Result? {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &list) == 0 else {
        errno = EINVAL
        return nil
    }
    defer { freeaddrinfo(list) }
    return list?.pointee.ai_addr.flatMap { body($0) }
}
