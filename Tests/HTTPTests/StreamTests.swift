import Foundation
import HTTP
import Synchronization
import Testing

@Suite("HTTP: streams of events")
struct StreamTests {
    /// For whatever is waited for.
    static let deadline = Duration.seconds(20)

    /// A server whose `/events` is the next of the streams that it is given; `/` answers at once.
    private final class Streams: Sendable {
        private let waiting = Mutex<[EventStream]>([])

        func offer(_ stream: EventStream) { waiting.withLock { $0.append(stream) } }

        func server(_ bounds: HTTPServer.Bounds = .init()) throws -> HTTPServer {
            try HTTPServer(address: "127.0.0.1", port: 0, bounds: bounds) { [self] request in
                guard request.path == "/events" else { return HTTPResponse(200, "here") }
                let next = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                return next.map { HTTPResponse($0) } ?? HTTPResponse(404, "no more")
            }
        }
    }

    private let ask = "GET /events HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"

    /// What is in a chunked answer.
    private func content(_ answer: String) throws -> String {
        var rest = Substring(try #require(answer.split(separator: "\r\n\r\n", maxSplits: 1).last))[...]
        var content = ""
        while let end = rest.range(of: "\r\n"), let size = Int(rest[..<end.lowerBound], radix: 16), size > 0 {
            let chunk = rest[end.upperBound...]
            content += String(decoding: Array(chunk.utf8.prefix(size)), as: UTF8.self)
            rest = Substring(decoding: Array(chunk.utf8.dropFirst(size + 2)), as: UTF8.self)
        }
        return content
    }

    private func until(_ isSo: () -> Bool) -> Bool {
        let end = ContinuousClock.now + StreamTests.deadline
        while !isSo() {
            guard ContinuousClock.now < end else { return false }
            Thread.sleep(forTimeInterval: 0.001)
        }
        return true
    }

    @Test("a thousand events arrive whole and in order, from whichever threads they are pushed")
    func thousand() throws {
        let (streams, stream) = (Streams(), EventStream())
        let server = try streams.server()
        streams.offer(stream)
        let client = try RawClient(server.port)
        client.send(ask)
        let head = client.read(until: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(head.contains("Content-Type: text/event-stream\r\n"))
        Thread.detachNewThread {
            for number in 1...1_000 {
                stream.send(ServerSentEvent(id: "\(number)", name: "alert", data: "first\nof \(number)"))
                // Now and then the client has all, and the next event must wake the server.
                if number % 100 == 0 { Thread.sleep(forTimeInterval: 0.01) }
            }
            stream.close()
        }
        let content = try content("\r\n\r\n" + client.read())
        let expected = (1...1_000).map { "id: \($0)\nevent: alert\ndata: first\ndata: of \($0)\n\n" }
        #expect(content == expected.joined())
        #expect(server.slowClients == 0)
    }

    @Test("what an event brings can't begin another one")
    func injected() throws {
        let (streams, stream) = (Streams(), EventStream())
        let server = try streams.server()
        streams.offer(stream)
        stream.send(ServerSentEvent(id: "1\nevent: x", name: "a\r\ndata: y", data: "b\r\n\r\nid: z\rdata: q"))
        stream.close()
        let content = try content(try RawClient.exchange(server.port, ask))
        #expect(
            content == "id: 1event: x\nevent: adata: y\ndata: b\ndata: \ndata: id: z\ndata: data: q\n\n")
    }

    @Test("a client that does not read is cut and counted, and holds up neither the pusher nor the others")
    func slow() throws {
        let streams = Streams()
        let (slow, good) = (EventStream(), EventStream())
        let server = try streams.server()
        streams.offer(slow)
        let lazy = try RawClient(server.port, receiveBuffer: 4_096)
        lazy.send(ask)
        _ = lazy.read(until: "\r\n\r\n")
        streams.offer(good)
        let reader = try RawClient(server.port)
        reader.send(ask)
        _ = reader.read(until: "\r\n\r\n")
        let event = ServerSentEvent(data: String(repeating: "x", count: 10_000))
        let began = ContinuousClock.now
        var pushed = 0
        while slow.send(event) { pushed += 1 }
        #expect(ContinuousClock.now - began < StreamTests.deadline)
        #expect(pushed * 10_000 < 64 << 20, "what the kernel takes is bounded too")
        #expect(until { server.slowClients == 1 })
        #expect(!slow.send(ServerSentEvent(data: "more")))
        #expect(good.send(ServerSentEvent(data: "still here")))
        #expect(reader.read(until: "still here").contains("still here"))
        #expect(try RawClient.exchange(server.port, "GET / HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
        #expect(server.slowClients == 1)
    }

    @Test("a client that goes away is found out with what is sent after that, and is not counted as slow")
    func gone() throws {
        let (streams, stream) = (Streams(), EventStream())
        let server = try streams.server()
        streams.offer(stream)
        let client = try RawClient(server.port)
        client.send(ask)
        _ = client.read(until: "\r\n\r\n")
        #expect(stream.send(ServerSentEvent(data: "hello")))
        _ = client.read(until: "hello")
        client.leave()
        #expect(until { !stream.keepAlive() })
        #expect(server.slowClients == 0)
    }

    @Test("beyond the bound of streams the next one is refused, until one ends")
    func bounded() throws {
        let streams = Streams()
        var bounds = HTTPServer.Bounds()
        bounds.streams = 1
        let server = try streams.server(bounds)
        let first = EventStream()
        streams.offer(first)
        let client = try RawClient(server.port)
        client.send(ask)
        _ = client.read(until: "\r\n\r\n")
        streams.offer(EventStream())
        #expect(try RawClient.exchange(server.port, ask).hasPrefix("HTTP/1.1 503 "))
        first.close()
        _ = client.read()
        let next = EventStream()
        next.send(ServerSentEvent(data: "next"))
        next.close()
        streams.offer(next)
        #expect(try content(try RawClient.exchange(server.port, ask)) == "data: next\n\n")
    }

    @Test("a stream that waits for longer than a connection may be silent stays")
    func idle() throws {
        let (streams, stream) = (Streams(), EventStream())
        var bounds = HTTPServer.Bounds()
        bounds.silence = 1
        let server = try streams.server(bounds)
        streams.offer(stream)
        let client = try RawClient(server.port)
        client.send(ask)
        _ = client.read(until: "\r\n\r\n")
        Thread.sleep(forTimeInterval: 2.5)
        #expect(stream.send(ServerSentEvent(data: "late")))
        #expect(client.read(until: "late").contains("late"))
    }

    @Test("a server that ends ends its streams, those that wait and those that don't")
    func ended() throws {
        let streams = Streams()
        var server: HTTPServer? = try streams.server()
        let port = try #require(server?.port)
        let clients = try (0..<3).map { _ in try RawClient(port) }
        let all = clients.map { client in
            let stream = EventStream()
            streams.offer(stream)
            client.send(ask)
            _ = client.read(until: "\r\n\r\n")
            return stream
        }
        all[0].send(ServerSentEvent(data: "one"))
        Thread.detachNewThread { while all[1].send(ServerSentEvent(data: "many")) {} }
        server = nil
        for client in clients { _ = client.read() }
        for stream in all { #expect(!stream.send(ServerSentEvent(data: "none"))) }
    }

    @Test("what was pushed and closed before the client came arrives; a second client gets nothing of it")
    func before() throws {
        let (streams, stream) = (Streams(), EventStream())
        let server = try streams.server()
        stream.send(ServerSentEvent(data: "early"))
        stream.close()
        streams.offer(stream)
        streams.offer(stream)
        #expect(try content(try RawClient.exchange(server.port, ask)) == "data: early\n\n")
        #expect(try RawClient.exchange(server.port, ask).hasPrefix("HTTP/1.1 500 "))
    }
}
