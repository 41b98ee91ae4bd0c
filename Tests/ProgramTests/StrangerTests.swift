import AlertPost
import Foundation
import ProcessHarness
import Testing
import Wire

@Suite("Strangers")
struct StrangerTests {
    /// Sent raw to each port: what scanners send, what other protocols begin with, and ZeroMQ's own greeting with a
    /// mechanism that is not CURVE, whole and cut.
    static let garbage = [
        "head -c 70000 /dev/urandom",
        "head -c 70000 /dev/zero",
        #"printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'"#,
        #"printf '\377\0\0\0\0\0\0\0\1\177\3\0NULL'; head -c 48 /dev/zero; printf '\4\51\5READY\13Socket-Type\0\0\0\6DEALER'"#,
        #"printf '\377\0\0\0\0\0\0\0\1\177\3\0CURVE'; head -c 47 /dev/zero; head -c 300 /dev/urandom"#,
        #"printf '\377\0\0\0\0\0\0\0\1\177'"#,
        "true",
    ]

    @Test("garbage on every port changes nothing for those who belong there")
    func garbage() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let tail = try await deployment.national.tail(["--since", "0", "--format", "json"])
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            _ = try await tail.lines(1)
            let feed = try #require(try await deployment.hub.status().feeds.first?.port)
            let ports = [deployment.hub.controlPort, deployment.hub.ingestPort, feed]
            let script = ports.flatMap { port in
                Self.garbage.map { "{ \($0); } > /dev/tcp/\(deployment.testbed.address)/\(port)" }
            }.joined(separator: "\n")
            // A connection that the hub has closed in the middle makes the script's own write fail: of no interest.
            _ = try await deployment.testbed.shell(script)
            let account = try await deployment.post.publish(Draft.many(2), ["--wait", "100s"])
            #expect(account.status == 0)
            #expect(try await tail.lines(3).map { try TailLine(line: $0).offset } == [1, 2, 3])
            #expect(deployment.hub.process?.account.ending == nil)
            #expect(try await deployment.hub.status().stored == 3)
        }
    }

    @Test("a key that is not in the registry gets nothing, and is told so")
    func unknownKey() async throws {
        try await withDeployment { deployment in
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["koh-kong"])
            #expect(try await deployment.hub.run("revoke", ["desk"]).status == 0)
            #expect(try await deployment.hub.run("revoke", ["koh-kong"]).status == 0)
            try await deployment.start()
            let account = try await desk.tail(["--since", "0"]).ended()
            #expect(account.status == 77)
            #expect(account.words.contains("does not know this key"))
            let published = try await deployment.post.publish(Draft.many(1), ["--wait", "1s"])
            #expect(published.status == 75)
            let status = try await deployment.post.settle { $0.link == "refused" }
            #expect(status.link == "refused", "\(status) \(deployment.post.process?.account.talk ?? [])")
            #expect(try await deployment.hub.status().stored == 0)
        }
    }

    @Test("an analyst that is revoked is cut off, and the others go on")
    func revoked() async throws {
        try await withDeployment { deployment in
            // Of the same grant, so that both are on one feed.
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["all"])
            try await deployment.start()
            let mine = try await desk.tail(["--since", "0", "--format", "json"])
            let others = try await deployment.national.tail(["--since", "0", "--format", "json"])
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            _ = try await mine.lines(1)
            _ = try await others.lines(1)
            // Taken outside of this process, which may be busy with other tests: from the registry's change to the end.
            let script = try await deployment.testbed.shell(
                """
                $B/borderwire-hub revoke desk --config \(deployment.hub.settings) >/dev/null
                while kill -0 \(mine.number) 2>/dev/null; do sleep 0.01; done
                echo "$(date +%s%N) $(stat -c %.9Y \(deployment.hub.directory)/registry.toml)" |
                    awk '{ sub(/\\./, "", $2); printf "%d\\n", ($1 - $2) / 1000000 }'
                """)
            let milliseconds = try #require(script.output.first.flatMap { Int($0) }, "\(script)")
            // Without a cut-off it never ends. That it is within a second `make faults` measures, where nothing else runs.
            #expect(milliseconds < 25_000)
            let account = try await mine.ended()
            #expect(account.status == 77)
            #expect(account.output.count == 1)
            _ = try await deployment.post.publish(Draft.many(2), ["--wait", "100s"])
            #expect(try await others.lines(3).map { try TailLine(line: $0).offset } == [1, 2, 3])
        }
    }

    @Test("a post that is revoked is heard no more")
    func revokedPost() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            #expect(try await deployment.hub.run("revoke", ["koh-kong"]).status == 0)
            let hub = try #require(deployment.hub.process)
            try await hub.wait(for: "the change") { account in
                account.talk.contains { $0.contains("registry has changed: 1 identities") } ? () : nil
            }
            let account = try await deployment.post.publish(Draft.many(1), ["--wait", "1s"])
            #expect(account.status == 75, "\(account)")
            #expect(try await deployment.hub.status().stored == 1)
        }
    }

    @Test("who is enrolled while the hub runs may come in at once")
    func enrolled() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["koh-kong"])
            let account = try await desk.run("tail", ["--no-follow", "--format", "json"])
            #expect(account.status == 0, "\(account)")
            #expect(account.output.count == 1)
        }
    }
}
