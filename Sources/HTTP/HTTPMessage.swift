/// What a client asks. No other method reaches a page, and a POST only where ``HTTPServer/Bounds/body`` lets it have a body.
public struct HTTPRequest: Sendable, Equatable {
    public enum Method: String, Sendable {
        case get = "GET"
        /// Answered as a GET is, without the body.
        case head = "HEAD"
        case post = "POST"
    }

    public var method: Method
    /// Without the query, e.g. `/metrics`.
    public var path: String
    /// The query's parameters, decoded. Of one that comes several times the first; empty for one without a value.
    public var query: [String: String]
    /// The header `Accept`; empty when there is none.
    public var accept: String
    /// The header `Content-Type`, and the body; empty when there is none.
    public var type: String
    public var body: [UInt8]
    /// All headers, by their names in lower case. Of one that comes several times the first.
    public var headers: [String: String]

    public init(
        _ method: Method = .get, path: String, query: [String: String] = [:], accept: String = "",
        type: String = "", body: [UInt8] = [], headers: [String: String] = [:]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.accept = accept
        self.type = type
        self.body = body
        self.headers = headers
    }

    /// A cookie's value (RFC 6265, section 4.2.1); nil: the client has none of that name.
    public func cookie(_ name: String) -> String? {
        for pair in (headers["cookie"] ?? "").split(separator: ";") {
            let pair = pair.drop { $0 == " " }
            guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
            return String(pair[pair.index(after: equals)...])
        }
        return nil
    }
}

/// What a page answers.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// A media type, e.g. `text/plain; charset=utf-8`.
    public var type: String
    public var body: [UInt8]
    /// Further headers, names and values of ours: nothing that a client sent may be among them.
    public var headers: [Header] = []
    /// What goes on after the headers, in place of ``body``.
    let stream: EventStream?
    /// Who gives the answer later, in place of all this.
    let later: LaterResponse?

    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    public init(_ status: Int, type: String = "text/plain; charset=utf-8", _ body: [UInt8]) {
        self.status = status
        self.type = type
        self.body = body
        stream = nil
        later = nil
    }

    public init(_ status: Int, _ text: String) {
        self.init(status, Array((text + "\n").utf8))
    }

    /// Events, until the stream is closed or the client is gone.
    public init(_ stream: EventStream) {
        status = 200
        type = "text/event-stream"
        body = []
        self.stream = stream
        later = nil
    }

    /// An answer that takes its time. The server answers others meanwhile.
    public init(_ later: LaterResponse) {
        status = 503
        type = "text/plain; charset=utf-8"
        body = []
        stream = nil
        self.later = later
    }
}
