internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// What libmicrohttpd's thread works with: the pages, and the requests and streams under way.
final class HTTPDesk: Sendable {
    private struct State {
        var streams: [ObjectIdentifier: EventStream] = [:]
        /// Answers that somebody else will give.
        var later: [ObjectIdentifier: LaterResponse] = [:]
        var slowClients: UInt64 = 0
        var isClosed = false
    }

    let bounds: HTTPServer.Bounds
    let hosts: HostCheck?
    let peers: PeerCheck?
    let pages: @Sendable (HTTPRequest) -> HTTPResponse
    /// Where the server listens; 0 before that is known.
    let port = Atomic<Int>(0)
    private let state = Mutex(State())

    init(
        _ bounds: HTTPServer.Bounds, _ hosts: HostCheck?, _ peers: PeerCheck?,
        _ pages: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) {
        self.bounds = bounds
        self.hosts = hosts
        self.peers = peers
        self.pages = pages
    }

    var slowClients: UInt64 { state.withLock { $0.slowClients } }

    /// What is answered to the method; empty where it is one that a page gets.
    var methods: String { bounds.body > 0 ? "GET, HEAD, POST" : "GET, HEAD" }

    /// - Returns: false where there are as many as may be.
    func begin(_ stream: EventStream) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.streams.count < bounds.streams else { return false }
            state.streams[ObjectIdentifier(stream)] = stream
            return true
        }
    }

    func end(_ stream: EventStream) {
        state.withLock { state in
            state.streams[ObjectIdentifier(stream)] = nil
            if stream.isSlow { state.slowClients += 1 }
        }
    }

    /// - Returns: false where the server ends.
    func begin(_ later: LaterResponse) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.later[ObjectIdentifier(later)] = later
            return true
        }
    }

    func end(_ later: LaterResponse) {
        later.detach()
        state.withLock { $0.later[ObjectIdentifier(later)] = nil }
    }

    /// libmicrohttpd must not be stopped while a connection waits for events or for an answer.
    func close() {
        let (streams, later) = state.withLock { state in
            state.isClosed = true
            return (Array(state.streams.values), Array(state.later.values))
        }
        for stream in streams { stream.abandon() }
        for later in later { later.abandon() }
    }
}

/// A request on its way, from its headers to the end of its answer.
private final class Exchange {
    var request: HTTPRequest
    /// Of the body, those that were dropped among them.
    var bytes = 0
    var stream: EventStream?
    var later: LaterResponse?

    init(_ request: HTTPRequest) { self.request = request }
}

/// libmicrohttpd's access handler: called with the headers, then with each part of the body, then at the request's end.
let takeRequest: MHD_AccessHandlerCallback = { context, connection, url, method, _, part, size, kept in
    guard let context, let connection, let url, let method, let size, let kept else { return .NO }
    let desk = Unmanaged<HTTPDesk>.fromOpaque(context).takeUnretainedValue()
    guard let known = kept.pointee else { return begin(desk, connection, url, method, kept) }
    let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
    if exchange.later != nil { return answerLater(exchange, desk, connection) }
    if size.pointee > 0 {
        exchange.bytes += size.pointee
        let isTooLong = exchange.bytes > desk.bounds.body
        if !isTooLong, let part {
            exchange.request.body += UnsafeRawBufferPointer(start: part, count: size.pointee)
        }
        size.pointee = 0
        // The answer comes after the body, however long that is; who sends much more gets none.
        return exchange.bytes > desk.bounds.body * 2 ? .NO : .YES
    }
    guard exchange.bytes <= desk.bounds.body else { return refuse(413, tooLong(desk), connection) }
    return answer(exchange, desk, connection)
}

/// libmicrohttpd's word that a request is over.
let endRequest: MHD_RequestCompletedCallback = { context, _, kept, reason in
    guard let context, let known = kept?.pointee else { return }
    kept?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
    let desk = Unmanaged<HTTPDesk>.fromOpaque(context).takeUnretainedValue()
    if let later = exchange.later { desk.end(later) }
    guard let stream = exchange.stream else { return }
    stream.detach(isLate: reason == MHD_RequestTerminationCode.REQUEST_TERMINATED_TIMEOUT_REACHED)
    desk.end(stream)
}

private func begin(
    _ desk: HTTPDesk, _ connection: OpaquePointer, _ url: UnsafePointer<CChar>,
    _ method: UnsafePointer<CChar>, _ kept: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> MHD_Result {
    let named = HTTPRequest.Method(rawValue: String(cString: method))
    guard let named, named != .post || desk.bounds.body > 0 else {
        return refuse(405, "only \(desk.methods) are answered here", connection, allow: desk.methods)
    }
    if let objection = desk.hosts?.objection(
        host: header("Host", connection), origin: header("Origin", connection),
        port: desk.port.load(ordering: .acquiring))
    {
        return refuse(objection.status, objection.words, connection)
    }
    let length = header("Content-Length", connection).flatMap { Int($0) } ?? 0
    guard named != .post || length <= desk.bounds.body else { return refuse(413, tooLong(desk), connection) }
    let exchange = Exchange(
        HTTPRequest(
            named, path: String(cString: url),
            query: values(MHD_ValueKind.GET_ARGUMENT_KIND, connection) { $0 },
            accept: header("Accept", connection) ?? "", type: header("Content-Type", connection) ?? "",
            headers: values(MHD_ValueKind.HEADER_KIND, connection) { $0.lowercased() }))
    kept.pointee = Unmanaged.passRetained(exchange).toOpaque()
    return named == .post ? .YES : answer(exchange, desk, connection)
}

private func tooLong(_ desk: HTTPDesk) -> String { "at most \(desk.bounds.body) bytes are taken" }

private func header(_ name: String, _ connection: OpaquePointer) -> String? {
    MHD_lookup_connection_value(connection, MHD_ValueKind.HEADER_KIND, name).map { String(cString: $0) }
}

/// Of a request's parameters or headers; of one that comes several times the first.
private func values(
    _ kind: MHD_ValueKind, _ connection: OpaquePointer, _ name: (String) -> String
) -> [String: String] {
    let take: MHD_KeyValueIterator = { context, _, name, value in
        guard let context, let name else { return .NO }
        let values = context.assumingMemoryBound(to: [(String, String)].self)
        values.pointee.append((String(cString: name), value.map { String(cString: $0) } ?? ""))
        return .YES
    }
    var pairs: [(String, String)] = []
    withUnsafeMutablePointer(to: &pairs) { _ = MHD_get_connection_values(connection, kind, take, $0) }
    return Dictionary(pairs.map { (name($0.0), $0.1) }) { first, _ in first }
}

// MARK: Answers

private func answer(_ exchange: Exchange, _ desk: HTTPDesk, _ connection: OpaquePointer) -> MHD_Result {
    let response = desk.pages(exchange.request)
    if let later = response.later {
        guard desk.begin(later) else { return refuse(503, "the server ends", connection) }
        exchange.later = later
        return answerLater(exchange, desk, connection)
    }
    guard let stream = response.stream else { return send(response, on: connection) }
    guard stream.attach(connection) else {
        return refuse(500, "the stream is another client's", connection)
    }
    guard desk.begin(stream) else {
        stream.detach()
        return refuse(503, "as many streams as may be are open", connection)
    }
    exchange.stream = stream
    return send(stream, on: connection, response)
}

/// Called again once the connection is resumed.
private func answerLater(
    _ exchange: Exchange, _ desk: HTTPDesk, _ connection: OpaquePointer
) -> MHD_Result {
    guard let response = exchange.later?.wait(connection) else { return .YES }
    return send(response, on: connection)
}

private func refuse(
    _ status: Int, _ words: String, _ connection: OpaquePointer, allow: String? = nil
) -> MHD_Result {
    send(HTTPResponse(status, words), on: connection, allow: allow)
}

private func send(_ response: HTTPResponse, on connection: OpaquePointer, allow: String? = nil) -> MHD_Result
{
    var body = response.body
    // Copied by libmicrohttpd, which outlives this call with it.
    let made = body.withUnsafeMutableBytes {
        MHD_create_response_from_buffer($0.count, $0.baseAddress, MHD_ResponseMemoryMode.RESPMEM_MUST_COPY)
    }
    guard let made else { return .NO }
    if let allow { MHD_add_response_header(made, MHD_HTTP_HEADER_ALLOW, allow) }
    return queue(made, response, connection)
}

/// Of an unknown length, as the stream has something.
private func send(
    _ stream: EventStream, on connection: OpaquePointer, _ response: HTTPResponse
) -> MHD_Result {
    let kept = Unmanaged.passRetained(stream)
    let made = MHD_create_response_from_callback(
        .max, 16_384,
        { context, _, buffer, most in
            guard let context, let buffer else { return -2 }
            return Unmanaged<EventStream>.fromOpaque(context).takeUnretainedValue().read(
                into: buffer, most: most)
        }, kept.toOpaque(),
        { context in
            guard let context else { return }
            let stream = Unmanaged<EventStream>.fromOpaque(context).takeRetainedValue()
            stream.detach()
        })
    guard let made else {
        kept.release()
        return .NO
    }
    return queue(made, response, connection)
}

private func queue(
    _ made: OpaquePointer, _ response: HTTPResponse, _ connection: OpaquePointer
) -> MHD_Result {
    defer { MHD_destroy_response(made) }
    MHD_add_response_header(made, MHD_HTTP_HEADER_CONTENT_TYPE, response.type)
    MHD_add_response_header(made, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store")
    for header in response.headers { MHD_add_response_header(made, header.name, header.value) }
    return MHD_queue_response(connection, UInt32(clamping: response.status), made)
}

/// libmicrohttpd's question whether a client may connect at all.
let acceptPeer: MHD_AcceptPolicyCallback = { context, address, length in
    guard let context, let address else { return .NO }
    let desk = Unmanaged<HTTPDesk>.fromOpaque(context).takeUnretainedValue()
    guard let peers = desk.peers else { return .YES }
    return peers.isAllowed(address, length, server: desk.port.load(ordering: .acquiring)) ? .YES : .NO
}
