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

    public init(
        _ method: Method = .get, path: String, query: [String: String] = [:], accept: String = "",
        type: String = "", body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.accept = accept
        self.type = type
        self.body = body
    }
}

/// What a page answers.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// A media type, e.g. `text/plain; charset=utf-8`.
    public var type: String
    public var body: [UInt8]
    /// What goes on after the headers, in place of ``body``.
    let stream: EventStream?

    public init(_ status: Int, type: String = "text/plain; charset=utf-8", _ body: [UInt8]) {
        self.status = status
        self.type = type
        self.body = body
        stream = nil
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
    }
}
