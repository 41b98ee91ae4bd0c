import Foundation
import HTTP
import Testing

@Suite("HTTP")
struct HTTPTests {
    private func exchange(_ port: Int, _ text: String) throws -> String {
        try RawClient.exchange(port, text)
    }

    private func get(_ path: String, _ more: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\(more)\r\n"
    }

    private func server(_ bounds: HTTPServer.Bounds = .init()) throws -> HTTPServer {
        try HTTPServer(address: "127.0.0.1", port: 0, bounds: bounds) { request in
            request.path == "/here"
                ? HTTPResponse(200, type: "text/x-tried", Array("here, \(request.accept)".utf8))
                : HTTPResponse(404, "not here")
        }
    }

    /// Asked again where a busy machine held us up for longer than the silence that is allowed.
    private func goesOn(_ server: HTTPServer) throws -> Bool {
        for _ in 0..<20 where try exchange(server.port, get("/here")).hasPrefix("HTTP/1.1 200") {
            return true
        }
        return false
    }

    @Test("a page's status, type and body arrive, and it sees path and Accept")
    func page() throws {
        let server = try server()
        let answer = try exchange(server.port, get("/here?x=1", "Accept: text/plain\r\n"))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Type: text/x-tried\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nhere, text/plain"))
        #expect(try exchange(server.port, get("/other")).hasPrefix("HTTP/1.1 404 "))
    }

    @Test("HEAD is answered as GET is, without the body")
    func head() throws {
        let server = try server()
        let request = "HEAD /here HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
        let answer = try exchange(server.port, request)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: 6\r\n"), "\(answer)")
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test(
        "whatever is neither GET nor HEAD is answered 405, without waiting for its body",
        arguments: ["POST", "PUT", "X"])
    func otherMethods(method: String) throws {
        let server = try server()
        let answer = try exchange(
            server.port,
            "\(method) /here HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 405 "))
        #expect(answer.contains("Allow: GET, HEAD\r\n"))
    }

    @Test("a head longer than its bound is refused, and the server goes on")
    func longHead() throws {
        let server = try server()
        let answer = try exchange(
            server.port, get("/here", "X-Long: \(String(repeating: "x", count: 100_000))\r\n"))
        #expect(!answer.hasPrefix("HTTP/1.1 200"))
        let path = try exchange(server.port, get("/" + String(repeating: "x", count: 100_000)))
        #expect(!path.hasPrefix("HTTP/1.1 200"))
        #expect(try exchange(server.port, get("/here")).hasPrefix("HTTP/1.1 200"))
    }

    @Test("a connection that says nothing is closed after the silence that is allowed")
    func silence() throws {
        var bounds = HTTPServer.Bounds()
        bounds.silence = 1
        let server = try server(bounds)
        // Comes back only when the server closes.
        #expect(try exchange(server.port, "GET /here HTTP/1.1\r\n") != get("/here"))
        #expect(try goesOn(server))
    }

    @Test("garbage is no request, and the server goes on")
    func garbage() throws {
        var bounds = HTTPServer.Bounds()
        bounds.silence = 1
        let server = try server(bounds)
        #expect(!(try exchange(server.port, "\u{0}\u{1}\u{2}garbage\r\n\r\n")).hasPrefix("HTTP/1.1 200"))
        #expect(try goesOn(server))
    }

    @Test("a port that is taken is an error that says so; so is an address that is none")
    func taken() throws {
        let server = try server()
        #expect {
            _ = try HTTPServer(address: "127.0.0.1", port: server.port) { _ in HTTPResponse(200, "") }
        } throws: { ($0 as? HTTPError)?.isAddressInUse == true }
        #expect(throws: HTTPError.self) {
            _ = try HTTPServer(address: "localhost", port: 0) { _ in HTTPResponse(200, "") }
        }
    }

    @Test("it listens on IPv6 too")
    func six() throws {
        let server = try HTTPServer(address: "::1", port: 0) { _ in HTTPResponse(200, "") }
        #expect(server.port > 0)
    }
}
