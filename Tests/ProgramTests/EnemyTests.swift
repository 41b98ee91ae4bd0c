import AlertHub
import Foundation
import Platform
import ProcessHarness
import Testing
import Wire
import ZeroMQ

@testable import borderwire_faults

@Suite("An enemy with an enrolled key")
struct EnemyTests {
    private static let patience = Duration.seconds(100)

    /// Does something as the enemy, on a thread that is not the tests'.
    private func attack<Result: Sendable>(
        _ deployment: Deployment, _ name: String, in directory: String,
        _ body: @escaping @Sendable (Hostile, Security) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Swift.Result {
                        let enemy = try Hostile(deployment.hub)
                        defer { enemy.context.terminate() }
                        return try body(enemy, try enemy.security(of: name, in: directory))
                    })
            }
        }
    }

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
            try await attack(deployment, "national", in: deployment.national.directory) { enemy, key in
                var inside: [HostileConnection] = []
                for _ in 0..<3 {
                    let next = try enemy.connected(.dealer, port, key)
                    #expect(try enemy.wait(for: .handshakeSucceeded, on: next, atMost: Self.patience))
                    inside.append(HostileConnection(next))
                }
                let outside = try enemy.connected(.dealer, port, key)
                #expect(try !enemy.wait(for: .handshakeSucceeded, on: outside, atMost: .seconds(2)))
                inside.removeLast()
                #expect(try enemy.wait(for: .handshakeSucceeded, on: outside, atMost: Self.patience))
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
            let isCut = try await attack(deployment, "koh-kong", in: deployment.post.directory) {
                enemy, key in
                try enemy.sendEndlessMessage(3_000, onControl: onControl, key, atMost: Self.patience)
            }
            #expect(isCut)
            try await reached(deployment, "bytes of messages that do not end")
            try await bystander(deployment)
            // All of it were 176 MiB more than the 60 that a hub of a debug build takes.
            #expect(peakMemory(deployment.hub.process?.number) < 190_000)
        }
    }

    @Test("subscribes without end, and is cut")
    func subscriptions() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let port = try #require(try await deployment.hub.status().feeds.first?.port)
            let isCut = try await attack(deployment, "national", in: deployment.national.directory) {
                enemy, key in
                try enemy.subscribeWithoutEnd(20_000, bytes: 186, port, key, atMost: Self.patience)
            }
            #expect(isCut)
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
            try await attack(deployment, "national", in: deployment.national.directory) { enemy, key in
                // What is not read stays at the hub.
                let watched = try enemy.connected(.dealer, port, key, unread: 1)
                for number in UInt64(1)...200 {
                    let replay = Request.Replay(request: number, after: 0, topics: [])
                    _ = try watched.socket.send(Request.replay(replay).frames())
                    sleep(.milliseconds(20))
                }
            }
            try await reached(deployment, "bytes of answers that it does not read")
            try await bystander(deployment)
        }
    }
}
