import ProcessHarness
import SQLite
import Testing

@Suite("Indexing")
struct IndexingTests {
    @Test("a hub that has nothing else to do indexes what came, far before it must")
    func bites() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let publishing = try await deployment.post.publishing(["--wait", "200s", "--format", "json"])
            for draft in Draft.many(300) { publishing.write(line: draft) }
            publishing.closeInput()
            #expect(try await publishing.ended(within: .seconds(240)).published().count == 300)
            let log = try Connection(path: deployment.hub.database, mode: .read, busyTimeout: .seconds(5))
            func indexed() throws -> Int64 { try log.number("SELECT value FROM meta WHERE name = 'indexed'") }
            let end = ContinuousClock.now + Testbed.patience
            while try indexed() < 256, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try indexed() == 256, "two bites; 44 alerts are none")
            #expect(try log.number("SELECT count(*) FROM ids") == 256)
        }
    }
}
