import Glibc
import Identity
import Platform
import ProcessHarness
import Testing
import Wire
import ZeroMQ

@Suite("Filters of a feed's readers")
struct FeedFilterTests {
    private enum End: Equatable { case heartbeat, cut, nothing }

    @Test("a filter of 400 bytes is served; one too long for a feed ends its own connection")
    func length() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            let port = try #require(try await deployment.hub.status().feeds.first?.port)
            #expect(try end(of: 400, deployment, port) == .heartbeat)
            #expect(try end(of: 600, deployment, port) == .cut)
            #expect(try end(of: 200, deployment, port) == .heartbeat)
            #expect(deployment.hub.process?.account.ending == nil)
        }
    }

    /// What a reader with a filter of so many bytes beside that of the heartbeats gets first.
    private func end(of length: Int, _ deployment: Deployment, _ port: Int) throws -> End {
        let keys = try KeyFiles.readSecret("\(deployment.national.directory)/national.key")
        let hub = try KeyFiles.readPublic("\(deployment.hub.directory)/hub.pub")
        let context = try Context()
        let feed = try MonitoredSocket(
            context, .subscribe,
            SocketOptions(
                linger: .zero, sendHighWater: 0, receiveHighWater: 100, largestFrame: 80_000,
                security: .client(
                    server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)))
        try feed.socket.subscribe(String(repeating: "x", count: length))
        try feed.socket.subscribe(Heartbeat.topic)
        try feed.socket.connect("tcp://\(deployment.testbed.address):\(port)")
        let receiver = Receiver(mostFrames: 8)
        let end = steadyClock() + Testbed.patience
        while steadyClock() < end {
            if try feed.event(receiver) == .disconnected { return .cut }
            if try receiver.receive(from: feed.socket) != nil { return .heartbeat }
            usleep(10_000)
        }
        return .nothing
    }
}
