import Foundation
import HTTP
import Synchronization
import Testing

@Suite("HTTP: answers that take their time, and streams that are pulled")
struct LaterTests {
    private let close = "Host: here\r\nConnection: close\r\n\r\n"

    /// A server whose `/later` waits for who gives the answer, and whose other pages don't.
    private final class Slow: Sendable {
        let waiting = Mutex<[LaterResponse]>([])

        func server() throws -> HTTPServer {
            var bounds = HTTPServer.Bounds()
            bounds.body = 1_000
            return try HTTPServer(address: "127.0.0.1", port: 0, bounds: bounds) { [self] request in
                guard request.path == "/later" else { return HTTPResponse(200, "at once") }
                let later = LaterResponse()
                waiting.withLock { $0.append(later) }
                return HTTPResponse(later)
            }
        }

        /// The next that waits.
        func next() -> LaterResponse? {
            let end = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < end {
                if let next = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return next }
                Thread.sleep(forTimeInterval: 0.001)
            }
            return nil
        }
    }

    @Test("while one client waits for its answer others get theirs; a body comes with the question")
    func waits() throws {
        let slow = Slow()
        let server = try slow.server()
        let clients = try [
            "GET /later HTTP/1.1\r\n" + close, "POST /later HTTP/1.1\r\nContent-Length: 2\r\n" + close + "ab",
        ].map {
            let client = try RawClient(server.port)
            client.send($0)
            return client
        }
        let later = [try #require(slow.next()), try #require(slow.next())]
        for _ in 0..<3 {
            #expect(try RawClient.exchange(server.port, "GET / HTTP/1.1\r\n" + close).hasSuffix("at once\n"))
        }
        for answer in later {
            Thread.detachNewThread {
                answer.give(HTTPResponse(200, "late"))
                answer.give(HTTPResponse(500, "too late"))
            }
        }
        for client in clients {
            let answer = client.read()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("late\n"))
        }
    }

    @Test("a client that leaves before its answer, and a server that ends before it, harm nobody")
    func leaves() throws {
        let slow = Slow()
        var server: HTTPServer? = try slow.server()
        let port = try #require(server?.port)
        let gone = try RawClient(port)
        gone.send("GET /later HTTP/1.1\r\n" + close)
        let first = try #require(slow.next())
        gone.leave()
        first.give(HTTPResponse(200, "nobody hears"))
        let waiting = try RawClient(port)
        waiting.send("GET /later HTTP/1.1\r\n" + close)
        let second = try #require(slow.next())
        server = nil
        second.give(HTTPResponse(200, "nobody hears"))
        #expect(!waiting.read().contains("nobody hears"))
    }

    @Test("a stream that is pulled gives what its source has, whole and in order, however slow the client")
    func pulled() throws {
        let next = Mutex(0)
        let most = Mutex(0)
        let stream = EventStream {
            let numbers = next.withLock { next -> Range<Int> in
                let range = next..<min(next + 10, most.withLock { $0 })
                next = max(next, range.upperBound)
                return range
            }
            return numbers.map { ServerSentEvent(id: "\($0)", data: String(repeating: "x", count: 1_000)) }
        }
        let server = try HTTPServer(address: "127.0.0.1", port: 0) { _ in HTTPResponse(stream) }
        let client = try RawClient(server.port, receiveBuffer: 4_096)
        client.send("GET / HTTP/1.1\r\n" + close)
        #expect(client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        // More than a pushed stream may have waiting, in several goes.
        for goal in [500, 501, 1_500] {
            most.withLock { $0 = goal }
            stream.stir()
            #expect(client.read(until: "id: \(goal - 1)\n").contains("id: \(goal - 1)\n"))
        }
        stream.close()
        _ = client.read()
        #expect(next.withLock { $0 } == 1_500)
        #expect(server.slowClients == 0)
    }

    @Test("a server that is only its user's takes this user's connections, and no other's")
    func peers() throws {
        try #require(PeerCheck.isPossible)
        for (user, isTaken) in [(geteuid(), true), (geteuid() + 1, false)] {
            let server = try HTTPServer(
                address: "127.0.0.1", port: 0, peers: PeerCheck(user: user)
            ) { _ in HTTPResponse(200, "in") }
            for _ in 0..<20 {
                let answer = try RawClient.exchange(server.port, "GET / HTTP/1.1\r\n" + close)
                #expect(answer.hasSuffix("in\n") == isTaken)
            }
        }
    }

    @Test("a server with one name is asked by it with its port, and by pages of that origin alone")
    func one() throws {
        let server = try HTTPServer(
            address: "127.0.0.1", port: 0, hosts: HostCheck(only: "127.0.0.1")
        ) { request in HTTPResponse(200, "\(request.cookie("b") ?? "none")") }
        let own = "127.0.0.1:\(server.port)"
        func ask(_ headers: String) throws -> String {
            try RawClient.exchange(server.port, "GET / HTTP/1.1\r\nConnection: close\r\n\(headers)\r\n\r\n")
        }
        #expect(try ask("Host: \(own)").contains(" 200 "))
        #expect(try ask("Host: \(own)\r\nOrigin: http://\(own)").contains(" 200 "))
        for host in ["127.0.0.1", "127.0.0.1:1", "localhost:\(server.port)", "127.0.0.2:\(server.port)"] {
            #expect(try ask("Host: \(host)").contains(" 421 "), "\(host)")
        }
        for origin in ["http://127.0.0.1:1", "https://\(own)", "null", "http://127.0.0.1"] {
            #expect(try ask("Host: \(own)\r\nOrigin: \(origin)").contains(" 403 "), "\(origin)")
        }
        #expect(try ask("Host: \(own)\r\nCookie: a=1; b=two; ab=3").hasSuffix("two\n"))
        #expect(try ask("Host: \(own)\r\nCookie: ab=3").hasSuffix("none\n"))
    }
}
