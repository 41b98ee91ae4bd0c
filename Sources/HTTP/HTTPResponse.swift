/// What a page answers.
public struct HTTPResponse: Sendable, Equatable {
    public var status: Int
    /// A media type, e.g. `text/plain; charset=utf-8`.
    public var type: String
    public var body: [UInt8]

    public init(_ status: Int, type: String = "text/plain; charset=utf-8", _ body: [UInt8]) {
        self.status = status
        self.type = type
        self.body = body
    }

    public init(_ status: Int, _ text: String) {
        self.init(status, Array((text + "\n").utf8))
    }
}

/// A GET, or a HEAD, whose answer is the same without its body. Nothing else reaches a page.
public struct HTTPRequest: Sendable, Equatable {
    /// Without the query, e.g. `/metrics`.
    public var path: String
    /// The header `Accept`; empty when there is none.
    public var accept: String

    public init(path: String, accept: String = "") {
        self.path = path
        self.accept = accept
    }
}
