import Platform
import Settings
import Testing
import ZeroMQ

@testable import HubLink

@Suite("Which address comes next")
struct AddressRoundTests {
    private let a = NumericAddress("192.0.2.1"), b = NumericAddress("192.0.2.2"),
        c = NumericAddress("2001:db8::3")

    private func named(_ addresses: [NumericAddress?]) -> AddressRound {
        var round = AddressRound(.name("hub.example"))
        #expect(round.start() == [.lookUp("hub.example")])
        let found = addresses.compactMap { $0 }
        #expect(round.found(found) == found.prefix(1).map { .connect($0) })
        return round
    }

    @Test(
        "a numeric address is connected to at once, nothing is looked up, and libzmq tries it again by itself"
    )
    func numeric() throws {
        let address = try #require(a)
        var round = AddressRound(.address(address))
        #expect(round.start() == [.connect(address)])
        #expect(round.failed(isRefusal: false, .zero) == [])
        #expect(round.hasFailed)
        #expect(round.tick(.seconds(60)) == [])
        #expect(round.nextTick == nil)
    }

    @Test("one that fails is followed by the next at once; after the last the name is looked up anew")
    func inTurn() throws {
        let (a, b, c) = (try #require(a), try #require(b), try #require(c))
        var round = named([a, b, c])
        #expect(round.failed(isRefusal: false, .zero) == [.connect(b)])
        #expect(round.failed(isRefusal: false, .zero) == [.connect(c)])
        #expect(!round.hasFailed)
        #expect(round.failed(isRefusal: false, .seconds(9)) == [])
        #expect(round.hasFailed)
        #expect(round.nextTick == .seconds(10))
        #expect(round.tick(.seconds(9)) == [])
        #expect(round.tick(.seconds(10)) == [.lookUp("hub.example"), .connect(a)])
    }

    @Test("the pause between two rounds grows from 1 s to 5 s, and begins anew after a link")
    func pauses() throws {
        var round = named([a])
        var now = Duration.zero
        for pause in [1, 2, 4, 5, 5] {
            _ = round.failed(isRefusal: false, now)
            #expect(round.nextTick == now + .seconds(pause))
            now += .seconds(pause)
            #expect(round.tick(now).count == 1)
            _ = round.found([try #require(a)])
        }
        round.up()
        round.down()
        _ = round.failed(isRefusal: false, now)
        #expect(round.nextTick == now + .seconds(1))
    }

    @Test("after a round with a refused key there are 15 s")
    func refused() throws {
        let (a, b) = (try #require(a), try #require(b))
        var round = named([a, b])
        #expect(round.failed(isRefusal: true, .zero) == [.connect(b)])
        #expect(round.failed(isRefusal: false, .zero) == [])
        #expect(round.nextTick == .seconds(15))
    }

    @Test("a good link that breaks is first tried again where it was, then the others, then from the first")
    func comesBack() throws {
        let (a, b, c) = (try #require(a), try #require(b), try #require(c))
        var round = named([a, b, c])
        #expect(round.failed(isRefusal: false, .zero) == [.connect(b)])
        round.up()
        round.down()
        #expect(round.tick(.seconds(100)) == [])
        #expect(round.failed(isRefusal: false, .seconds(100)) == [.connect(c)])
        #expect(round.failed(isRefusal: false, .seconds(100)) == [.connect(a)])
        #expect(round.failed(isRefusal: false, .seconds(100)) == [])
        #expect(round.tick(.seconds(101)) == [.lookUp("hub.example")], "a is being tried")
    }

    @Test("while a look-up hangs, or finds nothing, the addresses of the one before are tried on")
    func hanging() throws {
        let (a, b) = (try #require(a), try #require(b))
        var round = named([a, b])
        var now = Duration.zero
        func fail() -> [AddressRound.Action] {
            #expect(round.failed(isRefusal: false, now) == [.connect(b)])
            #expect(round.failed(isRefusal: false, now) == [])
            now += .seconds(5)
            return round.tick(now)
        }
        #expect(fail() == [.lookUp("hub.example"), .connect(a)])
        #expect(fail() == [.connect(a)], "one look-up at a time")
        round.notFound(now)
        #expect(fail() == [.lookUp("hub.example"), .connect(a)])
    }

    @Test("a name without an address is looked up again after the pause")
    func noName() {
        var round = AddressRound(.name("hub.example"))
        _ = round.start()
        round.notFound(.zero)
        #expect(round.hasFailed)
        #expect(round.tick(.seconds(1)) == [.lookUp("hub.example")])
    }

    @Test("a hub that has moved is followed; a link that stands is not given up for it")
    func moved() throws {
        let (a, b, c) = (try #require(a), try #require(b), try #require(c))
        var round = named([a])
        _ = round.failed(isRefusal: false, .zero)
        #expect(round.tick(.seconds(1)) == [.lookUp("hub.example")])
        #expect(round.found([b]) == [.connect(b)])
        round.up()
        #expect(round.found([c]) == [])
        #expect(round.current == b)
        round.down()
        #expect(round.failed(isRefusal: false, .seconds(9)) == [.connect(c)])
    }

    @Test("of a thousand addresses sixteen count, each once")
    func bounded() throws {
        var round = AddressRound(.name("hub.example"))
        _ = round.start()
        let many = (0..<1_000).compactMap { NumericAddress("10.0.\($0 / 8).\($0 % 4)") }
        _ = round.found(many)
        var tried = 1
        while !round.failed(isRefusal: false, .zero).isEmpty { tried += 1 }
        #expect(tried == AddressRound.mostAddresses)
    }

    @Test("whatever happens, a tick that was due leaves nothing due: no loop spins", arguments: 1...200)
    func noSpin(seed: UInt64) throws {
        let all = [a, b, c].compactMap { $0 }
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var round = AddressRound(random(2) == 0 ? .name("hub.example") : .address(all[0]))
        _ = round.start()
        var now = Duration.zero
        for _ in 0..<200 {
            now += .milliseconds(Int64(random(3_000)))
            switch random(6) {
            case 0: _ = round.found(all.filter { _ in random(2) == 0 })
            case 1: round.notFound(now)
            case 2: round.up()
            case 3: round.down()
            case 4: _ = round.failed(isRefusal: random(4) == 0, now)
            default: break
            }
            _ = round.tick(now)
            if let next = round.nextTick { #expect(next > now) }
        }
    }
}

@Suite("What a socket's watch tells")
struct AttemptTests {
    // The sequences are libzmq 4.3.4's, measured.
    @Test("a port where nothing listens is one failure with each try")
    func refusedPort() {
        var attempt = Attempt()
        #expect(attempt.note(.retrying) == .connecting)
        #expect(attempt.note(.retrying) == .connecting)
    }

    @Test("a handshake that breaks is one failure, though three events tell it")
    func brokenHandshake() {
        var attempt = Attempt()
        for _ in 0..<3 {
            let troubles = [.connected, .handshakeFailed, .disconnected, .retrying].compactMap {
                attempt.note($0)
            }
            #expect(troubles == [.handshake])
        }
        #expect(attempt.note(.retrying) == .connecting)
    }

    @Test("another protocol is a failure too, after which libzmq is silent")
    func otherProtocol() {
        var attempt = Attempt()
        #expect([.connected, .disconnected].compactMap { attempt.note($0) } == [.handshake])
    }

    @Test("a link that was up and ends is no failure before the next try fails")
    func ended() {
        var attempt = Attempt()
        #expect(
            [.connected, .handshakeSucceeded, .disconnected, .retrying].compactMap { attempt.note($0) } == [])
        #expect(!attempt.isUp)
        #expect(attempt.note(.retrying) == .connecting)
    }

    @Test("a refused key is told as that")
    func key() {
        var attempt = Attempt()
        #expect([.connected, .refused, .disconnected].compactMap { attempt.note($0) } == [.key])
    }
}
