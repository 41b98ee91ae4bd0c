import Foundation
import Platform
import Settings
import Synchronization
import Testing
import ZeroMQ

@testable import HubLink

@Suite("The way to the hub")
struct HubRouteTests {
    private static func hub(_ host: String, port: Int = 5560) throws -> HubAddress {
        try TOMLDocument(
            text: Array("host = \"\(host)\"\ncontrol = \(port)\nkey = \"hub.pub\"\n".utf8), file: "a.toml"
        ).decode(HubAddress.self)
    }

    private static let options = SocketOptions(
        linger: .zero, sendHighWater: 10, receiveHighWater: 10, largestFrame: 1_000, heartbeat: nil)

    /// A program's control socket, tended as its loop does.
    private final class Client {
        let route: HubRoute
        let socket: ReconnectingSocket
        let port: Int
        let receiver = Receiver(mostFrames: 4)
        private(set) var isUp = false

        init(_ hub: HubAddress, lookup: @escaping HubRoute.Lookup) throws {
            let context = try Context()
            port = hub.control
            route = try HubRoute(hub, at: steadyClock(), lookup: lookup)
            socket = try ReconnectingSocket(at: steadyClock()) { [route, port] () throws(ZeroMQError) in
                let socket = try MonitoredSocket(context, .dealer, HubRouteTests.options)
                if let endpoint = route.endpoint(port: port) { try socket.socket.connect(endpoint) }
                return socket
            }
        }

        func turn() throws {
            var items = [PollItem(socket.watched.events)]
            items += route.descriptors.map { PollItem(descriptor: $0) }
            _ = try poll(&items, timeout: max(min(route.nextTick - steadyClock(), .milliseconds(100)), .zero))
            let now = steadyClock()
            while let event = try socket.event(receiver, at: now) {
                route.note(event, port: port, at: now)
                if event == .handshakeSucceeded { isUp = true }
                if event == .disconnected { isUp = false }
            }
            if route.tend(at: now) { try socket.replace(at: now) }
        }

        func run(until isSo: (Client) -> Bool) throws -> Bool {
            let end = steadyClock() + .seconds(60)
            while !isSo(self), steadyClock() < end { try turn() }
            return isSo(self)
        }
    }

    /// A hub, as far as libzmq goes.
    private final class Server {
        let socket: Socket
        let port: Int

        init(_ context: Context, _ address: String, port: Int? = nil) throws {
            socket = try Socket(context, .router, options)
            let endpoint = try socket.bind("tcp://\(address):\(port.map(String.init) ?? "*")")
            self.port = endpoint.split(separator: ":").last.flatMap { Int($0) } ?? 0
        }
    }

    @Test(
        "of a name's addresses the one that answers is found, over IPv4 and IPv6, and the next when it is gone"
    )
    func standby() throws {
        let context = try Context()
        var server: Server? = try Server(context, "127.71.3.2")
        let port = try #require(server?.port)
        let client = try Client(try Self.hub("hub.example", port: port)) { _ in
            .success(["127.71.3.1", "127.71.3.2", "::1"])
        }
        #expect(try client.run { $0.isUp })
        #expect(client.route.endpoint(port: 1) == "tcp://127.71.3.2:1")
        server = nil
        server = try Server(context, "[::1]", port: port)
        #expect(try client.run { $0.isUp && $0.route.endpoint(port: 1) == "tcp://[::1]:1" })
        withExtendedLifetime(server) {}
    }

    @Test(
        "a look-up that hangs delays nothing, is told, and its end is taken; nobody waits for it at the end")
    func hanging() throws {
        let context = try Context()
        let server = try Server(context, "127.71.4.1")
        let gate = DispatchSemaphore(value: 0)
        let began = steadyClock()
        let client = try Client(try Self.hub("hub.example", port: server.port)) { _ in
            gate.wait()
            return .success(["127.71.4.1"])
        }
        try client.turn()
        #expect(client.route.news() == nil)
        _ = client.route.tend(at: began + HubRoute.slowLookup + .seconds(1))
        let news = try #require(client.route.news())
        #expect(news.code == .lookup)
        #expect(news.description.contains("hub.example is looked up"))
        #expect(client.route.endpoint(port: 1) == nil)
        gate.signal()
        #expect(try client.run { $0.isUp })
        #expect(client.route.obstacle == nil)
        withExtendedLifetime(server) {}
        // One that never returns.
        var other: HubRoute? = try HubRoute(try Self.hub("hub.example"), at: steadyClock()) { _ in
            while true { Thread.sleep(forTimeInterval: 3_600) }
        }
        #expect(other?.tend(at: steadyClock()) == false)
        other = nil
    }

    @Test("a name without an address is told with the system's words, and looked up again")
    func noName() throws {
        let client = try Client(try Self.hub("hub.example")) { [counter = Counter()] _ in
            counter.add() == 1
                ? .failure(LookupFailure(words: "Name or service not known")) : .success(["127.71.5.1"])
        }
        #expect(try client.run { $0.route.obstacle != nil })
        let news = try #require(client.route.news())
        #expect(news.code == .noName)
        #expect(news.description == "hub.example has no address: Name or service not known")
        #expect(try client.run { $0.route.endpoint(port: 1) == "tcp://127.71.5.1:1" })
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        func add() -> Int { count.add(1, ordering: .relaxed).newValue }
    }

    /// Takes connections on a port of its own, writes, and holds them.
    private final class Other: Sendable {
        let port: Int
        private let descriptor: Int32

        init(_ address: String, writes text: String) throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_addr.s_addr = inet_addr(address)
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = withUnsafeMutablePointer(to: &place) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                        && getsockname(descriptor, $0, &size) == 0
                }
            }
            try #require(code)
            self.descriptor = descriptor
            port = Int(place.sin_port.bigEndian)
            let thread = Thread { [descriptor] in
                var taken: [Int32] = []
                while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                    taken.append(connection)
                    if !text.isEmpty { _ = write(connection, text, text.utf8.count) }
                }
                for connection in taken { close(connection) }
            }
            thread.start()
        }

        deinit {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
    }

    @Test("nothing listens there: said so")
    func refused() throws {
        let client = try Client(try Self.hub("127.71.6.1", port: 9)) { _ in .success([]) }
        #expect(try client.run { $0.route.obstacle != nil })
        let news = try #require(client.route.news())
        #expect(news.code == .refused)
        #expect(news.description == "127.71.6.1:9: connection refused: nothing listens there")
        #expect(try client.run { _ in client.route.nextTick > steadyClock() })
        #expect(client.route.news() == nil, "each is said once")
    }

    @Test(
        "another program is there, one that speaks or one that is silent: said so",
        arguments: ["SSH-2.0-Other\r\n", ""])
    func other(banner: String) throws {
        let other = try Other("127.71.7.1", writes: banner)
        let client = try Client(try Self.hub("127.71.7.1", port: other.port)) { _ in .success([]) }
        #expect(try client.run { $0.route.obstacle != nil })
        #expect(
            client.route.news()?.description
                == "what answers at 127.71.7.1:\(other.port) is no Borderwire hub")
    }
}
