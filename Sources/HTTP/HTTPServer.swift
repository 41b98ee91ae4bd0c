internal import CMicroHTTPD
internal import Glibc

/// Answers GET and HEAD on one address, on a thread of its own (libmicrohttpd's internal polling thread).
///
/// Bounded: ``Bounds`` says by how much. What is neither is answered 405 before any of its body is read.
public final class HTTPServer {
    /// What a server lets a client take of it.
    public struct Bounds: Sendable {
        /// Connections at once; a further one is closed.
        public var connections: UInt32 = 16
        /// Seconds without a byte either way, after which a connection is closed.
        public var silence: UInt32 = 5
        /// Bytes of a request's line and headers, and of the answer's headers; a longer request is refused (RFC 9110, 414 or 431).
        public var head = 8_192

        public init() {}
    }

    /// Where it listens: as asked for, or, for port 0, the one that the system gave.
    public let port: Int
    private let daemon: OpaquePointer
    private let pages: Unmanaged<Pages>

    /// Listens once this returns.
    /// - address: a numeric IPv4 or IPv6 address, without brackets; `::` takes IPv4 too.
    /// - pages: called on the server's thread. A slow page keeps the others waiting.
    public init(
        address: String, port: Int, bounds: Bounds = Bounds(),
        _ pages: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(HTTPError) {
        let object = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        guard let port = UInt16(exactly: port) else {
            throw HTTPError(operation: "listen on", object: object, code: EINVAL)
        }
        let kept = Unmanaged.passRetained(Pages(pages))
        errno = 0
        let daemon = withSocketAddress(address, port) { pointer in
            cmhd_start(pointer, bounds.connections, bounds.silence, bounds.head, answer, kept.toOpaque())
        }
        guard let daemon else {
            let code = errno
            kept.release()
            throw HTTPError(operation: "listen on", object: object, code: code)
        }
        self.daemon = daemon
        self.pages = kept
        let bound = Int(cmhd_port(daemon))
        self.port = bound == 0 ? Int(port) : bound
    }

    /// Closes every connection and waits for the thread's end.
    deinit {
        MHD_stop_daemon(daemon)
        pages.release()
    }
}

private final class Pages: Sendable {
    let answer: @Sendable (HTTPRequest) -> HTTPResponse

    init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
        self.answer = answer
    }
}

/// libmicrohttpd's access handler: the whole of a request's headers is there when it is first called.
private let answer: MHD_AccessHandlerCallback = { context, connection, url, method, _, _, _, _ in
    guard let context, let connection, let url, let method else { return .NO }
    // libmicrohttpd leaves the body of an answer to HEAD away itself.
    guard strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 else {
        return send(
            HTTPResponse(405, "only GET and HEAD are answered here"), on: connection, allow: "GET, HEAD")
    }
    let accept = MHD_lookup_connection_value(connection, MHD_ValueKind.HEADER_KIND, MHD_HTTP_HEADER_ACCEPT)
    let request = HTTPRequest(
        path: String(cString: url), accept: accept.map { String(cString: $0) } ?? "")
    return send(Unmanaged<Pages>.fromOpaque(context).takeUnretainedValue().answer(request), on: connection)
}

private func send(_ response: HTTPResponse, on connection: OpaquePointer, allow: String? = nil) -> MHD_Result
{
    var body = response.body
    // Copied by libmicrohttpd, which outlives this call with it.
    let made = body.withUnsafeMutableBytes {
        MHD_create_response_from_buffer($0.count, $0.baseAddress, MHD_ResponseMemoryMode.RESPMEM_MUST_COPY)
    }
    guard let made else { return .NO }
    defer { MHD_destroy_response(made) }
    MHD_add_response_header(made, MHD_HTTP_HEADER_CONTENT_TYPE, response.type)
    MHD_add_response_header(made, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store")
    if let allow { MHD_add_response_header(made, MHD_HTTP_HEADER_ALLOW, allow) }
    return MHD_queue_response(connection, UInt32(clamping: response.status), made)
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
