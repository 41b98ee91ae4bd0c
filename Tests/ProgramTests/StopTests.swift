import AlertPost
import Foundation
import SQLite
import Stage
import Testing

@Suite("Stopping")
struct StopTests {
    @Test("what a hub has received when it is told to stop is on disk and acknowledged when it has ended")
    func drained() async throws {
        try await onScene { scene in
            try await scene.start()
            let publish = ["publish", "suspect", "--role", "recruiter", "--headline", "Invented"]
            try await scene.post.run(publish + ["--wait", "20s"]).expect(0, "first")
            // The hub stands still; what the post sends meanwhile waits in the hub's own buffers.
            let hub = try #require(scene.hub.process)
            let draft = #"{"kind":"suspect","headline":"Invented","suspect":{"role":"recruiter"}}"#
            let file = scene.stage.directory + "/drafts.jsonl"
            try String(repeating: draft + "\n", count: 20).write(
                toFile: file, atomically: true, encoding: .utf8)
            var total = 1
            // On a busy machine the post may take so long that it no longer counts on the hub, and sends nothing: then again.
            var isSent = false
            for _ in 0..<10 where !isSent {
                hub.signal(SIGSTOP)
                let stopped = Date()
                try await scene.post.run(["publish", "--file", file]).expect(0, "queued")
                total += 20
                _ = try await scene.post.status()
                let status = try await scene.post.status()
                isSent = status.link == "up" && status.depth == 20 && Date().timeIntervalSince(stopped) < 2
                if isSent { break }
                hub.signal(SIGCONT)
                let end = Date().addingTimeInterval(30)
                while try await scene.post.status().depth > 0, Date() < end {}
            }
            try #require(isSent, "this machine is too busy")
            hub.signal(SIGTERM)
            hub.signal(SIGCONT)
            let account = try await hub.ended()
            #expect(account.status == 0)
            let log = try Connection(path: scene.hub.database, mode: .read, busyTimeout: .seconds(5))
            #expect(try log.number("SELECT count(*) FROM alerts") == total)
            // Nobody is there any more to acknowledge anything.
            let end = Date().addingTimeInterval(5)
            var depth = 20
            while depth > 0, Date() < end { depth = try await scene.post.status().depth }
            #expect(depth == 0)
        }
    }
}
