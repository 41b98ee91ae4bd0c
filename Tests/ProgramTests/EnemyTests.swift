import AlertHub
import Foundation
import Identity
import Platform
import ProcessHarness
import Testing
import Wire
import ZeroMQ

/// A client with an enrolled key that does what no program of ours would, on a thread that is not the tests'.
struct Enemy: Sendable {
    let server: [UInt8]
    let keys: IdentityKeys
    let address: String

    init(_ deployment: Deployment, _ name: String, in directory: String) throws {
        server = try KeyFiles.readPublic("\(deployment.hub.directory)/hub.pub").curve
        keys = try KeyFiles.readSecret("\(directory)/\(name).key")
        address = deployment.testbed.address
    }

    /// A socket that connects, with room for everything.
    func socket(_ context: Context, _ type: SocketType, _ port: Int) throws -> MonitoredSocket {
        let socket = try MonitoredSocket(
            context, type,
            SocketOptions(
                linger: .zero, sendHighWater: 0, receiveHighWater: 0, largestFrame: 10_000_000,
                security: .client(
                    server: server, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)))
        try socket.socket.connect("tcp://\(address):\(port)")
        return socket
    }

    /// Runs on a thread of its own.
    func run<Result: Sendable>(_ body: @escaping @Sendable (Enemy, Context) throws -> Result) async throws
        -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Swift.Result {
                        let context = try Context()
                        defer { context.terminate() }
                        return try body(self, context)
                    })
            }
        }
    }

    /// Waits for an event of the socket.
    /// - Returns: false when it did not come within the tests' patience.
    static func wait(
        for event: MonitoredSocket.Event, on socket: borrowing MonitoredSocket, atMost seconds: Int64 = 100
    ) throws -> Bool {
        let receiver = Receiver(mostFrames: 8)
        let end = steadyClock() + .seconds(seconds)
        var items = [PollItem(socket.events)]
        while steadyClock() < end {
            while let next = try socket.event(receiver) { if next == event { return true } }
            _ = try poll(&items, timeout: .milliseconds(100))
        }
        return false
    }
}

/// Sockets in a list.
private final class Connection {
    let watched: MonitoredSocket
    init(_ watched: consuming MonitoredSocket) { self.watched = watched }
}

@Suite("An enemy with an enrolled key")
struct EnemyTests {
    /// The hub's events of this kind, by their reason; waits for one.
    private func reached(_ deployment: Deployment, _ words: String) async throws {
        let hub = try #require(deployment.hub.process)
        try await hub.wait(for: words) { account in
            account.talk.contains { $0.contains("is at its limit") && $0.contains(words) } ? () : nil
        }
    }

    private func bystander(_ deployment: Deployment) async throws {
        let account = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
        #expect(account.status == 0)
    }

    @Test("has so many connections, the next one waits outside, and comes in when one of them ends")
    func connections() async throws {
        try await withDeployment(extra: "[limits]\nconnections = 3\n") { deployment in
            try await deployment.start()
            let port = deployment.hub.controlPort
            try await Enemy(deployment, "national", in: deployment.national.directory).run { enemy, context in
                var inside: [Connection] = []
                for _ in 0..<3 {
                    let next = try enemy.socket(context, .dealer, port)
                    #expect(try Enemy.wait(for: .handshakeSucceeded, on: next))
                    inside.append(Connection(next))
                }
                let outside = try enemy.socket(context, .dealer, port)
                #expect(try !Enemy.wait(for: .handshakeSucceeded, on: outside, atMost: 2))
                inside.removeLast()
                #expect(try Enemy.wait(for: .handshakeSucceeded, on: outside))
            }
            try await reached(deployment, "more than 3 connections")
            try await bystander(deployment)
        }
    }

    @Test(
        "sends one message of very many frames, and is cut before the hub has it whole",
        arguments: [true, false])
    func endlessMessage(onControl: Bool) async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let port = onControl ? deployment.hub.controlPort : deployment.hub.ingestPort
            let enemy = try Enemy(deployment, "koh-kong", in: deployment.post.directory)
            try await enemy.run { enemy, context in
                let socket = try enemy.socket(context, onControl ? .dealer : .extendedPublish, port)
                #expect(try Enemy.wait(for: .handshakeSucceeded, on: socket))
                if !onControl {
                    // The hub's subscription.
                    var items = [PollItem(socket.socket)]
                    _ = try poll(&items, timeout: .seconds(100))
                    _ = try Receiver(mostFrames: 8).receive(from: socket.socket)
                }
                let frame = [UInt8](repeating: 0, count: 60_000)
                #expect(try socket.socket.send([[UInt8]](repeating: frame, count: 3_000)))
                #expect(try Enemy.wait(for: .disconnected, on: socket))
            }
            try await reached(deployment, "bytes of messages that do not end")
            try await bystander(deployment)
            let peak = try await deployment.testbed.shell(
                "awk '/VmHWM/ { print $2 }' /proc/\(deployment.hub.process?.number ?? 0)/status")
            let kibibytes = try #require(peak.output.first.flatMap { Int($0) })
            // All of it were 176 MiB more than the 60 that a hub of a debug build takes.
            #expect(kibibytes < 190_000)
        }
    }

    @Test("subscribes without end, and is cut")
    func subscriptions() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let port = try #require(try await deployment.hub.status().feeds.first?.port)
            try await Enemy(deployment, "national", in: deployment.national.directory).run { enemy, context in
                let socket = try enemy.socket(context, .subscribe, port)
                #expect(try Enemy.wait(for: .handshakeSucceeded, on: socket))
                let tail = String(repeating: "x", count: 180)
                for number in 0..<20_000 { try socket.socket.subscribe("\(number).\(tail)") }
                #expect(try Enemy.wait(for: .disconnected, on: socket))
            }
            try await reached(deployment, "bytes of subscriptions")
            try await bystander(deployment)
        }
    }

    @Test("asks and does not read, and gets no more than its budget of bytes")
    func unread() async throws {
        try await withDeployment(extra: "[limits]\nreply_bytes = \"256KiB\"\n") { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(400), ["--wait", "100s"])
            let port = deployment.hub.controlPort
            try await Enemy(deployment, "national", in: deployment.national.directory).run { enemy, context in
                // Small buffers on both sides of libzmq: what is not read stays at the hub.
                let socket = try Socket(
                    context, .dealer,
                    SocketOptions(
                        linger: .zero, sendHighWater: 0, receiveHighWater: 1, largestFrame: 10_000_000,
                        security: .client(
                            server: enemy.server, publicKey: enemy.keys.curve.publicKey,
                            secret: enemy.keys.curve.secretKey)))
                try socket.connect("tcp://\(enemy.address):\(port)")
                for number in UInt64(1)...200 {
                    let replay = Request.Replay(request: number, after: 0, topics: [])
                    _ = try socket.send(Request.replay(replay).frames())
                    sleep(.milliseconds(20))
                }
            }
            try await reached(deployment, "bytes of answers that it does not read")
            try await bystander(deployment)
        }
    }
}
