import Foundation
import HTTP
import Testing

@Suite("HTTP: what a request brings")
struct RequestTests {
    /// Answers with what it was asked, one thing a line.
    private func echo(body: Int = 0, hosts: HostCheck? = nil) throws -> HTTPServer {
        var bounds = HTTPServer.Bounds()
        bounds.body = body
        return try HTTPServer(address: "127.0.0.1", port: 0, bounds: bounds, hosts: hosts) { request in
            let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return HTTPResponse(
                200,
                "\(request.method) \(request.path)\n\(query.joined(separator: "\n"))\n\(request.type)\n"
                    + String(decoding: request.body, as: UTF8.self))
        }
    }

    private func exchange(_ server: HTTPServer, _ lines: [String], _ body: String = "") throws -> String {
        try RawClient.exchange(
            server.port, (lines + ["Connection: close", "", body]).joined(separator: "\r\n"))
    }

    private func status(_ answer: String) -> Int? {
        answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    @Test("a query is decoded, and of a name that comes twice the first counts")
    func query() throws {
        let answer = try exchange(
            try echo(), ["GET /here?kind=suspect&q=a%20b%26c&flag&kind=movement HTTP/1.1", "Host: here"])
        #expect(answer.hasSuffix("get /here\nflag=\nkind=suspect\nq=a b&c\n\n\n"))
    }

    @Test("a POST's body arrives whole up to its bound, in one piece or in chunks")
    func post() throws {
        let server = try echo(body: 100_000)
        let body = String(repeating: "0123456789", count: 10_000)
        let whole = try exchange(
            server,
            [
                "POST /here HTTP/1.1", "Host: here", "Content-Type: text/x-tried",
                "Content-Length: \(body.utf8.count)",
            ], body)
        #expect(status(whole) == 200)
        #expect(whole.hasSuffix("post /here\n\ntext/x-tried\n\(body)\n"))
        let chunked = try exchange(
            server, ["POST /here HTTP/1.1", "Host: here", "Transfer-Encoding: chunked"],
            "4\r\nfour\r\n6\r\n-in-6x\r\n0\r\n\r\n")
        #expect(chunked.hasSuffix("four-in-6x\n"))
    }

    @Test("a body beyond its bound is refused with 413, before it is read where its length is said")
    func tooLong() throws {
        let server = try echo(body: 10)
        let said = try exchange(
            server, ["POST /here HTTP/1.1", "Host: here", "Content-Length: 1000000000"])
        #expect(status(said) == 413)
        #expect(said.contains("at most 10 bytes"))
        let chunked = try exchange(
            server, ["POST /here HTTP/1.1", "Host: here", "Transfer-Encoding: chunked"],
            "b\r\n12345678901\r\n0\r\n\r\n")
        #expect(status(chunked) == 413)
        // Far beyond it there is no answer at all, and no memory for it.
        let client = try RawClient(server.port)
        client.send("POST /here HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<100 { client.send("400\r\n\(String(repeating: "x", count: 1_024))\r\n") }
        #expect(status(client.read()) != 200)
        #expect(try status(exchange(server, ["GET /here HTTP/1.1", "Host: here"])) == 200)
    }

    @Test("where no body is taken a POST is answered 405; where one is, 405 names it")
    func methods() throws {
        #expect(try exchange(try echo(), ["POST / HTTP/1.1", "Host: here"]).contains("Allow: GET, HEAD\r\n"))
        let answer = try exchange(try echo(body: 10), ["PUT / HTTP/1.1", "Host: here"])
        #expect(status(answer) == 405)
        #expect(answer.contains("Allow: GET, HEAD, POST\r\n"))
    }

    @Test(
        "who asks for another host is refused, and so is a page of another origin",
        arguments: [
            (["Host: 127.0.0.1:5559"], 200), (["Host: localhost"], 200), (["Host: [::1]:5559"], 200),
            (["Host: HUB.example:1"], 200), (["Host: stranger.example"], 421),
            (["Host: 127.0.0.1.stranger.example"], 421), (["Host: localhost.stranger.example"], 421),
            (["Host: "], 421), (["Host: [::1"], 200), (["Host: [stranger.example]"], 421),
            (["Host: hub.example", "Origin: http://hub.example"], 200),
            (["Host: hub.example:99", "Origin: https://hub.example:99"], 200),
            (["Host: hub.example", "Origin: http://stranger.example"], 403),
            (["Host: hub.example:99", "Origin: http://hub.example:98"], 403),
            (["Host: localhost", "Origin: null"], 403),
        ])
    func hosts(_ headers: [String], _ expected: Int) throws {
        let server = try echo(body: 10, hosts: HostCheck(names: ["hub.example"]))
        #expect(try status(exchange(server, ["GET / HTTP/1.1"] + headers)) == expected)
        // Also before anything of a body is read.
        guard expected != 200 else { return }
        let post = ["POST / HTTP/1.1", "Content-Length: 5"] + headers
        #expect(try status(exchange(server, post)) == expected)
    }

    @Test("a request without a host is none where hosts are checked")
    func noHost() throws {
        let server = try echo(hosts: HostCheck())
        #expect(try status(exchange(server, ["GET / HTTP/1.0"])) == 400)
        #expect(try status(exchange(try echo(), ["GET / HTTP/1.0"])) == 200)
    }
}
