import Identity
import Testing

@testable import ZeroMQ

/// What was measured of libzmq 4.3.4 and is relied on: each line here cost somebody a bug.
@Suite("CURVE and ZAP")
struct SecurityTests {
    @Test("a known key gets in, and its user id arrives with each message, at a ROUTER and at a SUB")
    func userID() throws {
        let bench = try Bench()
        bench.known = ["control": [bench.client.publicKey], "ingest": [bench.client.publicKey]]
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.clientSocket(.dealer)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        #expect(try dealer.send([[1], [2]]))
        let asked = try #require(try bench.receive(router))
        #expect(asked.user == "user of control")
        #expect(asked.frames.dropFirst() == [[1], [2]])

        let subscriber = try bench.serverSocket(.subscribe, domain: "ingest")
        try subscriber.subscribe("")
        let publisher = try bench.clientSocket(.extendedPublish, immediate: true)
        try publisher.connect(try subscriber.bind("tcp://127.0.0.1:*"))
        #expect(try bench.receive(publisher, beside: [PollItem(subscriber)])?.frames == [[1]])
        #expect(try publisher.send([[3], [4], [5]]))
        let published = try #require(try bench.receive(subscriber))
        #expect(published.user == "user of ingest")
        #expect(published.frames == [[3], [4], [5]])
        #expect(Set(bench.asked) == ["control", "ingest"])
    }

    @Test("a key that is unknown on this domain is refused, and the watch tells its owner")
    func unknownKey() throws {
        let bench = try Bench()
        bench.known = ["elsewhere": [bench.client.publicKey]]
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.watchedSocket()
        try dealer.socket.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.socket.send([[1]])
        #expect(try bench.event(of: dealer, among: [.refused, .handshakeSucceeded]) == .refused)
        #expect(try bench.receiver.receive(from: router) == nil)
        #expect(bench.asked.allSatisfy { $0 == "control" })
    }

    @Test("without a ZAP handler nobody gets in: enforcing the domain makes CURVE fail closed")
    func failsClosed() throws {
        let bench = try Bench(withHandler: false)
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.watchedSocket()
        try dealer.socket.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.socket.send([[1]])
        let first = try bench.event(
            of: dealer, among: [.refused, .handshakeFailed, .disconnected, .handshakeSucceeded])
        #expect(first != nil)
        #expect(first != .handshakeSucceeded)
        // And not at a later try either.
        #expect(try bench.event(of: dealer, among: [.connected]) != nil)
        #expect(
            try bench.event(
                of: dealer, among: [.refused, .handshakeFailed, .disconnected, .handshakeSucceeded])
                != .handshakeSucceeded)
        #expect(try bench.receiver.receive(from: router) == nil)
    }

    // In the hub the handler is the loop itself: it can't be killed without the process. What can happen is that the loop
    // hangs, until the watchdog ends the process (Tests/service), while libzmq's own threads go on taking connections.
    @Test(
        "when the ZAP handler hangs or dies, neither a known key nor a stranger gets in, and who is in stays in",
        arguments: [true, false])
    func handlerLost(hangs: Bool) throws {
        let bench = try Bench()
        bench.known = ["control": [bench.client.publicKey]]
        let router = try bench.serverSocket(.router, domain: "control")
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let before = try bench.clientSocket(.dealer)
        try before.connect(endpoint)
        _ = try before.send([[1]])
        #expect(try bench.receive(router)?.frames.last == [1])

        if hangs { bench.isAnswering = false } else { bench.endHandler() }
        for key in [bench.client, CurveKeyPair()] {
            let dealer = try bench.watchedSocket(key: key)
            try dealer.socket.connect(endpoint)
            _ = try dealer.socket.send([[2]])
            #expect(try bench.event(of: dealer, among: [.connected]) == .connected)
            #expect(
                try bench.event(of: dealer, among: [.handshakeSucceeded], within: .seconds(1)) == nil)
        }
        _ = try before.send([[3]])
        #expect(try bench.receive(router)?.frames.last == [3])
        #expect(try bench.receiver.receive(from: router) == nil)
    }

    // The I/O thread hands events to the watch's reader with a send that waits for one.
    @Test("a watched socket that is closed while events come leaves the context's other sockets at work")
    func closedInTheMiddle() throws {
        let bench = try Bench()
        let router = try bench.serverSocket(.router, domain: "control")
        let refusing = try router.bind("tcp://127.0.0.1:*")
        let open = try Socket(bench.context, .router, Bench.options())
        let free = try open.bind("tcp://127.0.0.1:*")
        for round in UInt8(0)..<60 {
            do {
                let dealers = [try Refused(bench, refusing), try Refused(bench, refusing)]
                // At work on the next connection, or the next event: each round ends at another point.
                for dealer in dealers {
                    #expect(try bench.event(of: dealer.watched, among: [.connected]) == .connected)
                }
            }
            let other = try Socket(bench.context, .dealer, Bench.options())
            try other.connect(free)
            _ = try other.send([[round]])
            try #require(try bench.receive(open)?.frames.last == [round], "round \(round)")
        }
    }

    /// A key that nobody knows, at a socket that goes on connecting.
    private final class Refused {
        let watched: MonitoredSocket

        init(_ bench: Bench, _ endpoint: String) throws {
            watched = try bench.watchedSocket()
            try watched.socket.connect(endpoint)
        }
    }

    @Test("a client without CURVE gets nowhere")
    func plain() throws {
        let bench = try Bench()
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try MonitoredSocket(bench.context, .dealer, Bench.options())
        try dealer.socket.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.socket.send([[1]])
        #expect(
            try bench.event(of: dealer, among: [.handshakeFailed, .disconnected, .handshakeSucceeded])
                != .handshakeSucceeded)
        #expect(try bench.receiver.receive(from: router) == nil)
        #expect(bench.asked.isEmpty)
    }

    @Test("with another server's key the handshake fails, which is not the same as refused")
    func wrongServer() throws {
        let bench = try Bench()
        bench.known = ["control": [bench.client.publicKey]]
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.watchedSocket(server: CurveKeyPair().publicKey)
        try dealer.socket.connect(try router.bind("tcp://127.0.0.1:*"))
        let told = try bench.event(
            of: dealer, among: [.refused, .handshakeFailed, .disconnected, .handshakeSucceeded])
        #expect(told == .handshakeFailed || told == .disconnected)
        #expect(bench.asked.isEmpty)
    }

    @Test("a server socket without a domain is a bug of ours, and stops us")
    func noDomain() async {
        await #expect(processExitsWith: .failure) {
            _ = try Socket(
                try Context(), .router,
                Bench.options(security: .server(secret: CurveKeyPair().secretKey, domain: "")))
        }
    }
}
