import Foundation
import PostgresServer
import ProcessHarness
import Testing
import Wire

/// Two hubs of two machines over one server.
@Suite(
    "Two hubs with one registry in PostgreSQL",
    .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
struct PostgresRegistryTests {
    private func withHubs(
        _ body: (Testbed, _ first: TestHub, _ second: TestHub) async throws -> Void
    ) async throws {
        let database = try #require(PostgresServer.shared).database()
        try await withTestbed { testbed in
            let hubs = try testbed.hubs([database.servers, database.servers])
            let (first, second) = (hubs[0], hubs[1])
            try await first.start()
            try await second.start()
            try await body(testbed, first, second)
            try await first.stop()
            try await second.stop()
        }
        withExtendedLifetime(database) {}
    }

    private func isLet(in analyst: TestAnalyst) async throws -> Bool {
        let account = try await analyst.run("tail", ["--no-follow", "--format", "json"])
        #expect(account.status == 0 || account.status == 77, "\(account)")
        return account.status == 0
    }

    @Test(
        "who is enrolled on one publishes and reads through the other, and who is revoked on one is cut off at both"
    )
    func both() async throws {
        try await withHubs { testbed, first, second in
            // Each is enrolled on the machine of the hub that it does not know.
            let post = try await testbed.post("koh-kong", first, at: second)
            let near = try await testbed.analyst("near", first, at: second, read: ["all"])
            let far = try await testbed.analyst("far", second, at: first, read: ["all"])
            let other = try await testbed.post("prey-veng", second, at: first)
            // Whichever hub writes, one of the posts is at it.
            try await post.start()
            try await other.start()
            let tails = (
                try await near.tail(["--since", "0", "--format", "json"]),
                try await far.tail(["--since", "0", "--format", "json"])
            )
            let writer = try await first.status().cluster?.writes == true ? post : other
            try await writer.publish(Draft.many(3), ["--wait", "100s"]).expect(0, "publish")
            _ = try await tails.0.lines(3)
            _ = try await tails.1.lines(3)
            // Both were cut off by a command on one machine.
            for (name, hub) in [("near", second), ("far", first)] {
                let revoked = try await hub.run("revoke", [name])
                try revoked.expect(0, "revoke")
                #expect(revoked.words.contains("in force at hub-a, hub-b"), "\(revoked.words)")
            }
            for tail in [tails.0, tails.1] {
                let account = try await tail.ended()
                #expect(account.status == 77, "\(account)")
                #expect(account.output.count == 3)
            }
            for analyst in [near, far] { #expect(try await !isLet(in: analyst)) }
            // What their operators do, on either machine.
            for hub in [first, second] {
                let listed = try await hub.run("identities")
                #expect(listed.output.map { $0.prefix { $0 != ":" } } == ["koh-kong", "prey-veng"])
                #expect(try await hub.run("audit").words.contains("near"))
                try await hub.run("statistics").expect(0, "statistics")
                #expect(try await hub.run("check").words.contains("registry in PostgreSQL"))
                let history = try await hub.run("registry", of: "history")
                #expect(history.output.count == 6, "\(history)")
            }
        }
    }

    @Test("of two enrolments at once on two machines both are in force at both hubs")
    func atOnce() async throws {
        try await withHubs { testbed, first, second in
            let names = (0..<4).map { "desk-\($0)" }
            for name in names { try testbed.makeKeys(name, in: testbed.directory) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, name) in names.enumerated() {
                    group.addTask {
                        let hub = index.isMultiple(of: 2) ? second : first
                        try await hub.enroll("\(testbed.directory)/\(name).pub", read: ["all"])
                    }
                }
                try await group.waitForAll()
            }
            for hub in [first, second] {
                #expect(Set(try await hub.status().links.map(\.identity)) == Set(names))
            }
        }
    }

    @Test("a file's registry is taken over by migrate, once; a damaged version is told and repaired")
    func taken() async throws {
        try await withTestbed { testbed in
            let database = try #require(PostgresServer.shared).database()
            let hub = try testbed.hub()
            let analyst = try await testbed.analyst("national", hub, read: ["all"])
            let store = """

                [store]
                kind = "postgres"
                postgres = "\(database.servers)"
                standby = false
                """
            try (String(contentsOfFile: hub.settings, encoding: .utf8) + store).write(
                toFile: hub.settings, atomically: true, encoding: .utf8)
            // Nobody is cut off unseen.
            let early = try await hub.run("run")
            #expect(early.status == 78, "\(early)")
            #expect(early.words.contains("registry replace"))
            let made = try await hub.run("migrate", ["--user", "postgres"])
            try made.expect(0, "migrate")
            #expect(made.words.contains("took the registry's 1 identities over"))
            let again = try await hub.run("migrate", ["--user", "postgres"])
            #expect(!again.words.contains("took"))
            try await hub.start()
            #expect(try await isLet(in: analyst))
            let kept = hub.directory + "/kept.toml"
            try (try await hub.run("registry")).output.map { $0 + "\n" }.joined().write(
                toFile: kept, atomically: true, encoding: .utf8)
            try database.execute(
                "INSERT INTO borderwire.registry (version, at, who, text) VALUES (2, 0, 'nobody', 'count = 5')"
            )
            let running = try #require(hub.process)
            try await running.wait(for: "the refusal") { account in
                account.talk.contains { $0.contains("version 2 of the registry") } ? () : nil
            }
            #expect(try await isLet(in: analyst))
            #expect(try await hub.run("check").words.contains("version 2 of the registry"))
            #expect(try await hub.run("revoke", ["national"]).status == 78)
            let replaced = try await hub.run("registry", of: "replace", [kept])
            #expect(replaced.status == 0, "\(replaced)")
            try await hub.run("revoke", ["national"]).expect(0, "revoke")
            #expect(try await !isLet(in: analyst))
            try await hub.stop()
            withExtendedLifetime(database) {}
        }
    }
}
