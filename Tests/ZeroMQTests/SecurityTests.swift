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

    @Test("a key that is unknown on this domain is refused, and the monitor tells its owner")
    func unknownKey() throws {
        let bench = try Bench()
        bench.known = ["elsewhere": [bench.client.publicKey]]
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.clientSocket(.dealer)
        let monitor = try Monitor(dealer, context: bench.context, name: "unknown")
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.send([[1]])
        #expect(try bench.event(of: monitor, among: [.refused, .handshakeSucceeded]) == .refused)
        #expect(try bench.receiver.receive(from: router) == nil)
        #expect(bench.asked.allSatisfy { $0 == "control" })
    }

    @Test("without a ZAP handler nobody gets in: enforcing the domain makes CURVE fail closed")
    func failsClosed() throws {
        let bench = try Bench(withHandler: false)
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.clientSocket(.dealer)
        let monitor = try Monitor(dealer, context: bench.context, name: "closed")
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.send([[1]])
        let first = try bench.event(
            of: monitor, among: [.refused, .handshakeFailed, .disconnected, .handshakeSucceeded])
        #expect(first != nil)
        #expect(first != .handshakeSucceeded)
        // And not at a later try either.
        #expect(try bench.event(of: monitor, among: [.connected]) != nil)
        #expect(
            try bench.event(
                of: monitor, among: [.refused, .handshakeFailed, .disconnected, .handshakeSucceeded])
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
        for (name, key) in [("known", bench.client), ("stranger", CurveKeyPair())] {
            let dealer = try bench.clientSocket(.dealer, key: key)
            let monitor = try Monitor(dealer, context: bench.context, name: name)
            try dealer.connect(endpoint)
            _ = try dealer.send([[2]])
            #expect(try bench.event(of: monitor, among: [.connected]) == .connected)
            #expect(
                try bench.event(of: monitor, among: [.handshakeSucceeded], within: .seconds(1)) == nil)
        }
        _ = try before.send([[3]])
        #expect(try bench.receive(router)?.frames.last == [3])
        #expect(try bench.receiver.receive(from: router) == nil)
    }

    @Test("a client without CURVE gets nowhere")
    func plain() throws {
        let bench = try Bench()
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try Socket(bench.context, .dealer, Bench.options())
        let monitor = try Monitor(dealer, context: bench.context, name: "plain")
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.send([[1]])
        #expect(
            try bench.event(of: monitor, among: [.handshakeFailed, .disconnected, .handshakeSucceeded])
                != .handshakeSucceeded)
        #expect(try bench.receiver.receive(from: router) == nil)
        #expect(bench.asked.isEmpty)
    }

    @Test("with another server's key the handshake fails, which is not the same as refused")
    func wrongServer() throws {
        let bench = try Bench()
        bench.known = ["control": [bench.client.publicKey]]
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.clientSocket(.dealer, server: CurveKeyPair().publicKey)
        let monitor = try Monitor(dealer, context: bench.context, name: "wrong")
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        let told = try bench.event(
            of: monitor, among: [.refused, .handshakeFailed, .disconnected, .handshakeSucceeded])
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
