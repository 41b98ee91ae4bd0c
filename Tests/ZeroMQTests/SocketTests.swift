import Glibc
import Identity
import Testing

@testable import ZeroMQ

@Suite("Sockets")
struct SocketTests {
    @Test("a connecting XPUB with ZMQ_IMMEDIATE sees its peer come, go and come back")
    func links() throws {
        let bench = try Bench()
        bench.known = ["ingest": [bench.client.publicKey]]
        let publisher = try bench.clientSocket(.extendedPublish, immediate: true)
        let first = try bench.serverSocket(.subscribe, domain: "ingest")
        try first.subscribe("")
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        try publisher.connect(endpoint)
        #expect(try bench.receive(publisher, beside: [PollItem(first)])?.frames == [[1]])
        first.close()
        #expect(try bench.receive(publisher)?.frames == [[0]])
        let second = try bench.serverSocket(.subscribe, domain: "ingest")
        try second.subscribe("")
        try bindWhenFree(second, endpoint)
        #expect(try bench.receive(publisher, beside: [PollItem(second)])?.frames == [[1]])
        #expect(try publisher.send([[7]]))
        #expect(try bench.receive(second)?.frames == [[7]])
    }

    /// The port of a closed socket is let go by libzmq's own thread, a little later.
    private func bindWhenFree(_ socket: borrowing Socket, _ endpoint: String) throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do throws(ZeroMQError) {
                try socket.bind(endpoint)
                return
            } catch {
                guard error.code == .addressInUse, ContinuousClock.now < end else { throw error }
                sched_yield()
            }
        }
    }

    @Test("a frame above the bound cuts the peer off, and one within it arrives")
    func largestFrame() throws {
        let bench = try Bench()
        bench.known = ["control": [bench.client.publicKey]]
        let router = try bench.serverSocket(.router, domain: "control", largest: 1_000)
        let dealer = try bench.watchedSocket()
        try dealer.socket.connect(try router.bind("tcp://127.0.0.1:*"))
        #expect(try dealer.socket.send([[UInt8](repeating: 1, count: 900)]))
        #expect(try bench.receive(router)?.frames.last?.count == 900)
        #expect(try dealer.socket.send([[UInt8](repeating: 1, count: 1_100)]))
        #expect(try bench.event(of: dealer, among: [.disconnected]) == .disconnected)
        #expect(try bench.receiver.receive(from: router) == nil)
        #expect(try bench.event(of: dealer, among: [.handshakeSucceeded]) != nil, "and it may come again")
    }

    @Test("at the high-water mark a send says no instead of waiting")
    func highWater() throws {
        let context = try Context()
        let dealer = try Socket(context, .dealer, Bench.options(highWater: 5))
        // Nobody is there, nor comes meanwhile: a port that no system gives.
        try dealer.connect("tcp://127.0.0.1:1")
        let taken = try (0..<20).map { _ in try dealer.send([[1], [2]]) }
        #expect(taken.firstIndex(of: false) == 5)
        #expect(!taken[5...].contains(true))
    }

    @Test("a PUB drops for a reader at its mark and never says no")
    func publisherDrops() throws {
        let context = try Context()
        let publisher = try Socket(context, .publish, Bench.options(highWater: 3))
        let reader = try Socket(context, .subscribe, Bench.options(highWater: 3))
        try reader.subscribe("")
        try publisher.bind("inproc://feed")
        try reader.connect("inproc://feed")
        for number in UInt8(0)..<50 { #expect(try publisher.send([[number]])) }
        let receiver = Receiver(mostFrames: 8)
        var got = 0
        while try receiver.receive(from: reader) != nil { got += 1 }
        #expect(got < 50)
    }

    @Test("a ROUTER drops what it has no peer for, or throws where routing is mandatory")
    func unknownPeer() throws {
        let context = try Context()
        let router = try Socket(context, .router, Bench.options())
        try router.bind("inproc://plain")
        #expect(try router.send([[1, 2, 3], [4]]))
        var options = Bench.options()
        options.mandatoryRouting = true
        let strict = try Socket(context, .router, options)
        try strict.bind("inproc://strict")
        let error = #expect(throws: ZeroMQError.self) { _ = try strict.send([[1, 2, 3], [4]]) }
        #expect(error?.code == .hostUnreachable)
    }

    @Test("a port in use is told with the endpoint")
    func portInUse() throws {
        let context = try Context()
        let first = try Socket(context, .router, Bench.options())
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let second = try Socket(context, .router, Bench.options())
        let error = #expect(throws: ZeroMQError.self) { try second.bind(endpoint) }
        #expect(error?.code == .addressInUse)
        #expect(error?.object == endpoint)
        #expect(error?.description.contains(endpoint) == true)
    }

    @Test("frames beyond the bound are counted and let go, and the next message is whole")
    func excess() throws {
        let context = try Context()
        let left = try Socket(context, .pair, Bench.options())
        let right = try Socket(context, .pair, Bench.options())
        try left.bind("inproc://pair")
        try right.connect("inproc://pair")
        #expect(try left.send((0..<7).map { [$0] }))
        #expect(try left.send([[], [9]]))
        let receiver = Receiver(mostFrames: 3)
        let first = try #require(try receiver.receive(from: right))
        #expect(first.frames == [[0], [1], [2]])
        #expect(first.excess == 4)
        #expect(first.user == nil)
        #expect(try receiver.receive(from: right)?.frames == [[], [9]])
        #expect(try receiver.receive(from: right) == nil)
    }

    @Test("a plain descriptor wakes the poll beside the sockets")
    func descriptors() throws {
        let context = try Context()
        let socket = try Socket(context, .pair, Bench.options())
        try socket.bind("inproc://quiet")
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var items = [PollItem(socket), PollItem(descriptor: ends[0])]
        #expect(try poll(&items, timeout: .zero) == 0)
        try #require(write(ends[1], "x", 1) == 1)
        #expect(try poll(&items, timeout: .seconds(10)) == 1)
        #expect(items.map(\.isReady) == [false, true])
    }
}
