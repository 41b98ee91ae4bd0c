internal import AlertFeed
internal import Alerts
internal import HTTP
internal import Identity
internal import Notation
internal import Platform
internal import Synchronization

/// Answers the page: who may ask, and what. Called on the HTTP server's thread; what has to be asked of others is answered later,
/// by ``QueryThreads``.
final class PageServer: Sendable {
    /// Bytes of a POST's body: a draft has at most ``Alert/Limits/payload``.
    static let largestBody = 98_304

    let board: Board
    let api: PageAPI
    private let files: PageFiles
    private let sessions = Mutex(Sessions())
    /// The server's; its cookie is named after it, since cookies ignore ports.
    private let port = Atomic<Int>(0)
    /// Reports of content that the page's policy has kept from running.
    private let reports = Atomic<Int>(0)

    init(_ files: PageFiles, _ board: Board, _ api: PageAPI) {
        (self.files, self.board, self.api) = (files, board, api)
    }

    static func bounds() -> HTTPServer.Bounds {
        var bounds = HTTPServer.Bounds()
        bounds.connections = 64
        bounds.streams = 32
        bounds.silence = 30
        bounds.body = largestBody
        return bounds
    }

    func serves(on port: Int) { self.port.store(port, ordering: .releasing) }

    private var cookieName: String { "borderwire-\(port.load(ordering: .acquiring))" }

    // MARK: Sessions

    /// A new token, for whoever runs this program.
    func mint(_ now: Duration) -> String {
        let token = randomBytes(Sessions.length).hex
        sessions.withLock { $0.mint(token, now) }
        return token
    }

    /// Ends the streams of sessions whose time is over.
    func endSessions(_ now: Duration) {
        board.close { number in sessions.withLock { $0.isOpen(number, now) } }
    }

    private func enter(_ request: HTTPRequest, _ now: Duration) -> HTTPResponse {
        let cookie = randomBytes(Sessions.length).hex
        guard let token = request.query["token"],
            sessions.withLock({ $0.enter(token, cookie: cookie, now) })
        else { return Refusal.page(403) }
        var response = HTTPResponse(303, "")
        response.headers = [
            .init("Location", "/"),
            .init(
                "Set-Cookie",
                "\(cookieName)=\(cookie); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(Sessions.sessionLife.components.seconds)"
            ),
        ]
        return response
    }

    // MARK: Pages

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        var response = respond(request, steadyClock())
        response.headers += PageServer.headers
        return response
    }

    private func respond(_ request: HTTPRequest, _ now: Duration) -> HTTPResponse {
        // Of browsers that say so: nothing that another site's page has asked for, a neighbour's port being another site.
        let site = request.headers["sec-fetch-site"] ?? "none"
        guard site == "none" || site == "same-origin" else {
            return APIError(403, "other-origin", "pages of other origins may not ask").response
        }
        if request.path == "/enter" {
            // A browser that looks ahead must not use up the token.
            return request.method == .get
                ? enter(request, now) : HTTPResponse(405, "only GET is answered here")
        }
        guard let cookie = request.cookie(cookieName),
            let session = sessions.withLock({ $0.session(cookie, now) })
        else { return Refusal.page(401) }
        guard request.method != .post else { return post(request) }
        switch request.path {
        case "/": return files.answer("index.html")
        case "/api/events":
            return request.method == .get ? events(request, session) : HTTPResponse(405, "GET")
        case "/api/policy-reports":
            return APIError.json(200, APILine.bytes(["reports": reports.load(ordering: .relaxed)]))
        case let path where path.hasPrefix("/page/"): return files.answer(String(path.dropFirst(6)))
        case let path where path.hasPrefix("/api/"): return api.get(String(path.dropFirst(5)), request)
        default: return HTTPResponse(404, "there is no such page")
        }
    }

    private func post(_ request: HTTPRequest) -> HTTPResponse {
        let type = request.type.split(separator: ";").first.map { $0.lowercased() } ?? ""
        // The browser's own, without an Origin in some of them.
        if request.path == "/api/policy-reports", type == "application/csp-report" {
            reports.wrappingAdd(1, ordering: .relaxed)
            return HTTPResponse(204, [])
        }
        // Which origin it is the server has looked at; here there has to be one.
        guard request.headers["origin"] != nil else {
            return APIError(403, "no-origin", "the request names no origin").response
        }
        guard type == "application/json" else {
            return APIError(415, "not-json", "the body must be application/json").response
        }
        guard request.path.hasPrefix("/api/") else { return HTTPResponse(404, "there is no such page") }
        return api.post(String(request.path.dropFirst(5)), request)
    }

    private func events(_ request: HTTPRequest, _ session: UInt64) -> HTTPResponse {
        let after = request.headers["last-event-id"] ?? request.query["after"] ?? ""
        let offset = UInt64(after) ?? 0
        let cursor = Mutex(board.read { EventCursor(after: offset, $0) })
        let stream = EventStream { [board] in cursor.withLock { $0.next(board, steadyClock()) } }
        board.add(stream, session: session)
        return HTTPResponse(stream)
    }

    private static let headers: [HTTPResponse.Header] = [
        .init(
            "Content-Security-Policy",
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
                + "report-uri /api/policy-reports"),
        .init("X-Content-Type-Options", "nosniff"),
        .init("X-Frame-Options", "DENY"),
        .init("Referrer-Policy", "no-referrer"),
        .init("Cross-Origin-Resource-Policy", "same-origin"),
        .init("Cross-Origin-Opener-Policy", "same-origin"),
    ]
}

/// What the page's API answers where it can't do what was asked.
struct APIError: Encodable {
    /// Of HTTP.
    let status: Int
    let code: String
    let error: String

    init(_ status: Int, _ code: String, _ error: String) {
        (self.status, self.code, self.error) = (status, code, error)
    }

    var response: HTTPResponse { APIError.json(status, APILine.bytes(self)) }

    private enum CodingKeys: String, CodingKey { case code, error }

    static func json(_ status: Int, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(status, type: "application/json", bytes)
    }
}
