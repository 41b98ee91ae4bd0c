import Identity
import Testing

@testable import ZeroMQ

@Suite("A socket that is given up")
struct PulseTests {
    private let late = ConnectionWatchdog.silence

    @Test("a connection that broke is tried again by libzmq, and left to it")
    func trying() {
        var watchdog = ConnectionWatchdog(at: .zero)
        var now = Duration.zero
        for event in [MonitoredSocket.Event.connected, .handshakeSucceeded, .disconnected] {
            watchdog.note(event, at: now)
        }
        for _ in 0..<10 {
            now += .seconds(10)
            #expect(!watchdog.isGone(at: now))
            watchdog.note(.retrying, at: now)
        }
    }

    @Test(
        "a socket without a connection that says nothing more is gone",
        arguments: [[], [.refused], [.connected, .disconnected], [.handshakeSucceeded, .disconnected]]
            as [[MonitoredSocket.Event]])
    func gone(_ events: [MonitoredSocket.Event]) {
        var watchdog = ConnectionWatchdog(at: .zero)
        for event in events { watchdog.note(event, at: .seconds(1)) }
        #expect(!watchdog.isGone(at: late - .milliseconds(1)))
        #expect(watchdog.isGone(at: late + .seconds(1)))
    }

    @Test("a connection that stands may be silent for ever")
    func standing() {
        var watchdog = ConnectionWatchdog(at: .zero)
        watchdog.note(.handshakeSucceeded, at: .zero)
        #expect(!watchdog.isGone(at: .seconds(1_000_000)))
    }

    // The reason for all of it: libzmq 4.3.4.
    @Test("after a refusal libzmq tries no more, and a new socket gets in")
    func refused() throws {
        let bench = try Bench()
        let router = try bench.serverSocket(.router, domain: "control")
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        do {
            let dealer = try bench.watchedSocket()
            try dealer.socket.connect(endpoint)
            #expect(try bench.event(of: dealer, among: [.refused]) == .refused)
            bench.known = ["control": [bench.client.publicKey]]
            #expect(
                try bench.event(of: dealer, among: [.retrying, .connected], within: .seconds(1)) == nil,
                "libzmq has learnt to try again: ConnectionWatchdog has nothing to do any more")
        }
        let dealer = try bench.watchedSocket()
        try dealer.socket.connect(endpoint)
        #expect(try bench.event(of: dealer, among: [.handshakeSucceeded]) == .handshakeSucceeded)
    }

    @Test("who is told \"not now\" comes in by itself later")
    func later() throws {
        let bench = try Bench()
        bench.known = ["control": [bench.client.publicKey]]
        bench.isBusy = true
        let router = try bench.serverSocket(.router, domain: "control")
        let dealer = try bench.watchedSocket()
        try dealer.socket.connect(try router.bind("tcp://127.0.0.1:*"))
        #expect(
            try bench.event(
                of: dealer, among: [.retrying, .refused, .handshakeSucceeded], within: .seconds(30))
                == .retrying)
        bench.isBusy = false
        #expect(
            try bench.event(of: dealer, among: [.refused, .handshakeSucceeded], within: .seconds(30))
                == .handshakeSucceeded)
    }
}
