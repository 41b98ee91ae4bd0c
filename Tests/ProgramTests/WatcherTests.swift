import AlertPost
import Platform
import ProcessHarness
import Testing
import ZeroMQ

@Suite("Programs that watch a post's daemon")
struct WatcherTests {
    /// One program's connection to the daemon.
    private final class Watcher {
        let context: Context
        let socket: Socket

        init(_ post: TestPost) throws {
            context = try Context()
            socket = try Socket(
                context, .dealer,
                SocketOptions(
                    linger: .seconds(5), sendHighWater: 10_000, receiveHighWater: 10_000,
                    largestFrame: 65_536,
                    heartbeat: nil))
            try socket.connect("ipc://\(post.state)/post.ipc")
        }

        func say(_ word: String) throws { #expect(try socket.send([Array(word.utf8)])) }

        /// The daemon's words until one that begins like this.
        func words(until start: String) throws -> [String] {
            let receiver = Receiver(mostFrames: 4)
            var words: [String] = []
            let end = steadyClock() + Testbed.patience
            while steadyClock() < end {
                var items = [PollItem(socket)]
                _ = try poll(&items, timeout: .seconds(1))
                while let frame = try receiver.receive(from: socket)?.frames.first {
                    words.append(String(decoding: frame, as: UTF8.self))
                    if words.last?.hasPrefix(start) == true { return words }
                }
            }
            return words
        }
    }

    @Test("who asks to watch again and again is told once of each change, and takes nobody else's place")
    func once() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await deployment.post.publish(Draft.many(1), ["--wait", "100s"]).expect(0, "publish")
            let patient = try Watcher(deployment.post)
            try patient.say("watch")
            try patient.say("status")
            _ = try patient.words(until: "{")
            let eager = try Watcher(deployment.post)
            for _ in 0..<1_500 { try eager.say("watch") }
            try eager.say("status")
            #expect(try eager.words(until: "{").count == 1, "nothing has changed")
            // Without a watcher of its own: one change for one alert.
            try await deployment.post.publish(Draft.many(1)).expect(0, "publish")
            #expect(try await deployment.post.settle { $0.depth == 0 }.depth == 0)
            try eager.say("status")
            let heard = try eager.words(until: "{").filter { $0 == "changed" }
            #expect((1...3).contains(heard.count), "\(heard.count)")
            try patient.say("status")
            #expect(try patient.words(until: "{").contains("changed"))
        }
    }

    @Test("a program that ends while it watches leaves nothing behind, and the daemon goes on")
    func gone() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            for _ in 0..<20 {
                let watcher = try Watcher(deployment.post)
                try watcher.say("watch")
                try watcher.say("status")
            }
            try await deployment.post.publish(Draft.many(3), ["--wait", "100s"]).expect(0, "publish")
            #expect(deployment.post.process?.account.ending == nil)
            #expect(try await deployment.post.status().depth == 0)
        }
    }
}
