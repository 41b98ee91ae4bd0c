import Glibc
import Identity
import Platform
import ProcessHarness
import Wire
import ZeroMQ

/// Those who have no key that the hub knows.
extension Attack {
    /// Connections that a stranger holds at once.
    private static let held = 1_000
    /// ZeroMQ's whole greeting with CURVE (ZMTP 3.1, "Greeting"), after which the hub waits for a HELLO.
    private static let greeting: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("CURVE".utf8) + [UInt8](repeating: 0, count: 47)
    /// A HELLO of the right size that is none: the hub opens its box to find that out (RFC 26).
    private static let falseHello: [UInt8] =
        [0x04, 200] + [0x05] + Array("HELLO".utf8) + [1, 0] + [UInt8](repeating: 7, count: 192)
    /// Clients of libzmq with a key that nobody knows: they go through the handshake to its refusal, again and again.
    private static let knockers = 24

    /// Where those come from who have an address of their own; the others share one with the honest, as behind a NAT.
    private static let elsewhere = "127.0.0.9"

    /// A stranger makes connections that say nothing, many more than the hub has descriptors for.
    static let idleStrangers = Attack(
        name: "idle-strangers", descriptors: 400, body: stayIdle,
        review: { attacker, row in
            let descriptors = try await attacker.hub.status().descriptors
            if descriptors?.cut ?? 0 == 0 { row.problems.append("the hub had to cut none of them") }
        })

    /// Strangers greet and fall silent, greet and send a HELLO that is none, or shake hands with a key that nobody knows.
    static let helloFlood = Attack(name: "hello-flood", descriptors: 400, body: shakeHands)

    @Sendable private static func stayIdle(_ attacker: Attacker) throws {
        try hold(attacker, "idle connections") { client, port in
            client.connections(10, port, sending: [])
        }
    }

    @Sendable private static func shakeHands(_ attacker: Attacker) throws {
        let client = try Hostile(attacker.hub)
        let nobody = try client.security(IdentityKeys(name: "nobody"))
        func knock() throws -> HostileConnection {
            HostileConnection(
                try client.connected(.dealer, attacker.hub.controlPort, nobody, from: elsewhere))
        }
        var knocking = try (0..<knockers).map { _ in try knock() }
        let receiver = Receiver(mostFrames: 8)
        try hold(attacker, "half handshakes") { client, port in
            for (index, connection) in knocking.enumerated() {
                while let event = try connection.watched.event(receiver) {
                    guard event == .refused else { continue }
                    attacker.did("refused handshakes")
                    // libzmq does not try again by itself.
                    knocking[index] = try knock()
                }
            }
            return client.connections(3, port, sending: greeting, from: elsewhere)
                + client.connections(2, port, sending: greeting + falseHello, from: elsewhere)
        }
    }

    /// Keeps as many connections as it may, the newest ones.
    private static func hold(
        _ attacker: Attacker, _ what: String, _ connect: (Hostile, Int) throws -> [Int32]
    ) throws {
        let client = try Hostile(attacker.hub)
        var open: [Int32] = []
        defer { for descriptor in open { close(descriptor) } }
        while attacker.goesOn {
            for port in [attacker.hub.controlPort, attacker.hub.ingestPort] {
                let new = try connect(client, port)
                attacker.did(what, new.count)
                open += new
            }
            let old = max(0, open.count - held)
            for descriptor in open.prefix(old) { close(descriptor) }
            open.removeFirst(old)
            sleep(.milliseconds(5))
        }
    }
}
