import Glibc
import Identity
import Platform
import Stage
import Testing
import Wire
import ZeroMQ

@Suite("Filters of a feed's readers")
struct FeedFilterTests {
    private enum End: Equatable { case heartbeat, cut, nothing }

    @Test("a filter of 400 bytes is served; one too long for a feed ends its own connection")
    func length() async throws {
        try await onScene { scene in
            try await scene.hub.start()
            let port = try #require(try await scene.hub.status().feeds.first?.port)
            #expect(try end(of: 400, scene, port) == .heartbeat)
            #expect(try end(of: 600, scene, port) == .cut)
            #expect(try end(of: 200, scene, port) == .heartbeat)
            #expect(scene.hub.process?.account.ending == nil)
        }
    }

    /// What a reader with a filter of so many bytes beside that of the heartbeats gets first.
    private func end(of length: Int, _ scene: Scene, _ port: Int) throws -> End {
        let keys = try KeyFiles.readSecret("\(scene.national.directory)/national.key")
        let hub = try KeyFiles.readPublic("\(scene.hub.directory)/hub.pub")
        let context = try Context()
        let feed = try WatchedSocket(
            context, .subscribe,
            SocketOptions(
                linger: .zero, sendHighWater: 0, receiveHighWater: 100, largestFrame: 80_000,
                security: .client(
                    server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)))
        try feed.socket.subscribe(String(repeating: "x", count: length))
        try feed.socket.subscribe(Heartbeat.topic)
        try feed.socket.connect("tcp://\(scene.stage.address):\(port)")
        let receiver = Receiver(mostFrames: 8)
        let end = steadyClock() + Stage.patience
        while steadyClock() < end {
            if try feed.event(receiver) == .disconnected { return .cut }
            if try receiver.receive(from: feed.socket) != nil { return .heartbeat }
            usleep(10_000)
        }
        return .nothing
    }
}
