import Foundation
import PostgresServer
import ProcessHarness
import Testing

@Suite("A hub on PostgreSQL", .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
struct PostgresHubTests {
    static let count = 200

    private func withHub(
        _ database: TestDatabase, _ body: (Deployment) async throws -> Void
    ) async throws {
        let store = """
            [store]
            kind = "postgres"
            postgres = "\(database.servers)"
            standby = false
            """
        try await withDeployment(extra: store, body)
    }

    @Test("stores what posts publish, is killed and goes on where it was; a live reader misses none")
    func killed() async throws {
        let database = try #require(PostgresServer.shared).database()
        try await withHub(database) { deployment in
            try await deployment.start()
            let tail = try await deployment.national.tail(["--since", "0", "--format", "json"])
            let publishing = try await deployment.post.publishing(["--wait", "200s", "--format", "json"])
            let writing = Task.detached {
                for draft in Draft.many(PostgresHubTests.count) { publishing.write(line: draft) }
                publishing.closeInput()
            }
            _ = try await publishing.lines(PostgresHubTests.count / 4)
            try await deployment.hub.kill()
            try await deployment.hub.start()
            await writing.value
            let published = try await publishing.ended(within: .seconds(240))
            #expect(try published.published().map(\.offset) == Array(1...PostgresHubTests.count))
            let lines = try await tail.lines(PostgresHubTests.count).map { try TailLine(line: $0) }
            #expect(lines.map(\.offset) == Array(1...PostgresHubTests.count))
            #expect(lines.allSatisfy { $0.verified })
            #expect(try await tail.stop().output.count == PostgresHubTests.count)
            let stored = try await deployment.log()
            #expect(stored.map(\.alert.id) == lines.map(\.alert.id))
            // What its operator does, beside the running hub.
            try await deployment.hub.run("verify").expect(0, "verify")
            #expect(try await deployment.hub.run("audit").words.contains("national"))
            try await deployment.hub.run("purge", ["--dry-run"]).expect(0, "purge")
            let id = try #require(stored.first?.alert.id)
            try await deployment.hub.run("erase", [id, "--reason", "Order of the court"]).expect(0, "erase")
            try await deployment.hub.run("verify").expect(0, "verify")
            let backup = try await deployment.hub.run("backup", [deployment.hub.directory + "/copy.db"])
            #expect(backup.status == 74 && backup.words.contains("pg_basebackup"))
            #expect(!FileManager.default.fileExists(atPath: deployment.hub.database))
        }
    }

    @Test(
        "a hub whose database crashes tells no alert to be stored that is not, and goes on once that is back")
    func databaseCrashes() async throws {
        let server = try PostgresServer()
        let database = try server.database()
        try await withHub(database) { deployment in
            try await deployment.start()
            let publishing = try await deployment.post.publishing(["--wait", "200s", "--format", "json"])
            let writing = Task.detached {
                for draft in Draft.many(PostgresHubTests.count) { publishing.write(line: draft) }
                publishing.closeInput()
            }
            _ = try await publishing.lines(PostgresHubTests.count / 4)
            server.crash()
            try server.start()
            await writing.value
            let published = try await publishing.ended(within: .seconds(240))
            #expect(try published.published().map(\.offset) == Array(1...PostgresHubTests.count))
            #expect(try await deployment.log().map(\.sequence) == Array(1...PostgresHubTests.count))
            let hub = try #require(deployment.hub.process)
            #expect(hub.account.ending == nil, "the same process")
            try await deployment.hub.run("verify").expect(0, "verify")
        }
    }

    @Test("check refuses a database that keeps nothing for certain, and migrate makes one")
    func check() async throws {
        let server = try #require(PostgresServer.shared)
        let database = try server.database()
        try await withHub(database) { deployment in
            let account = try await deployment.hub.run("check")
            #expect(account.status == 78)
            #expect(account.words.contains("Set fsync = on"))
            try database.execute(
                "DROP SCHEMA borderwire CASCADE; DROP SCHEMA borderwire_contents CASCADE")
            #expect(try await deployment.hub.run("check").words.contains("run borderwire-hub migrate"))
            let run = try await deployment.hub.run("run")
            #expect(run.status == 66 || run.status == 74, "\(run.words)")
            #expect(run.words.contains("borderwire-hub migrate"))
            let made = try await deployment.hub.run("migrate", ["--user", "postgres"])
            try made.expect(0, "migrate")
            #expect(made.words.contains("is now of version 2"))
            try await deployment.hub.start()
            let second = try await deployment.testbed.run(
                .hub, ["run", "--config", try deployment.hub.settingsElsewhere(state: "second", database)])
            #expect(second.status == 75, "\(second.words)")
            try await deployment.hub.stop()
        }
    }
}

extension TestHub {
    /// Of a hub with the same key and log, in another state directory.
    fileprivate func settingsElsewhere(state: String, _ database: TestDatabase) throws -> String {
        try FileManager.default.createDirectory(
            atPath: directory + "/" + state, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        let path = try settingsElsewhere(state: state)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try
            (text + """

                [store]
                kind = "postgres"
                postgres = "\(database.servers)"
                """).write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
