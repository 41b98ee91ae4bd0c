import ProcessHarness
import SQLite
import Testing
import Wire

@Suite("Another program in the hub's log")
struct LockedLogTests {
    @Test("a lock held for longer than the hub waits ends nobody: posts keep their alerts until it is gone")
    func locked() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await deployment.post.publish(Draft.many(1), ["--wait", "100s"], within: .seconds(120))
                .expect(0, "publish")
            let other = try Connection(
                path: deployment.hub.database, mode: .readWrite, busyTimeout: .seconds(60))
            try other.execute("BEGIN IMMEDIATE")
            let publishing = try await deployment.post.publishing(["--wait", "100s"])
            publishing.write(line: Draft.suspect("Invented"))
            publishing.closeInput()
            let hub = try #require(deployment.hub.process)
            try await hub.wait(for: "its word of the lock", within: .seconds(60)) { account in
                account.talk.contains { $0.contains("the log can't grow") } ? () : nil
            }
            try other.execute("ROLLBACK")
            #expect(try await publishing.ended(within: .seconds(120)).status == 0)
            #expect(hub.account.ending == nil)
            #expect(try await deployment.hub.status().stored == 2)
        }
    }
}
