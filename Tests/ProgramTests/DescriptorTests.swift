import Foundation
import Glibc
import ProcessHarness
import Testing
import Wire

/// A hub whose descriptors are used up, as by a stranger with many connections.
@Suite("Descriptors")
struct DescriptorTests {
    /// Leaves the process so many descriptors that it can still open. Its own count is in the way of none: poll(2) takes no
    /// more items than the limit.
    private func leave(_ free: Int, to process: Running, _ testbed: Testbed) async throws {
        let used = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.number)/fd")
        let numbers = Set(used.compactMap { Int($0) })
        let unused = (0...).lazy.filter { !numbers.contains($0) }.prefix(free + 1)
        try await limit(process, testbed, to: try #require(Array(unused).last))
    }

    private func limit(_ process: Running, _ testbed: Testbed, to soft: Int = 1_000) async throws {
        let account = try await testbed.shell("prlimit --pid \(process.number) --nofile=\(soft):")
        try account.expect(0, "prlimit")
    }

    @Test(
        "a revocation that the hub can't read is no success, says what the hub says, and is in force as soon as it can"
    )
    func revocation() async throws {
        try await withDeployment { deployment in
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["all"])
            try await deployment.start()
            let tail = try await desk.tail(["--since", "0", "--format", "json"])
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            _ = try await tail.lines(1)
            let hub = try #require(deployment.hub.process)
            try await leave(0, to: hub, deployment.testbed)
            let revoked = try await deployment.hub.run("revoke", ["desk"])
            #expect(revoked.status == 75, "\(revoked)")
            #expect(revoked.words.contains("Too many open files"), "\(revoked)")
            #expect(hub.account.ending == nil && tail.account.ending == nil)
            try await limit(hub, deployment.testbed)
            #expect(try await tail.ended().status == 77)
            let refusals = hub.account.talk.filter { $0.contains("the registry stays as it was") }
            #expect(refusals.count == 1, "\(refusals)")
            // The same to the commands: what is in force now.
            let again = try await deployment.hub.run(
                "enroll", ["\(desk.directory)/desk.pub", "--read", "all"])
            #expect(again.status == 0 && again.words.contains("in force at the running hub"), "\(again)")
        }
    }

    @Test("a reload for which the hub could not read its settings is done as soon as it can")
    func reload() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            let hub = try #require(deployment.hub.process)
            try await leave(0, to: hub, deployment.testbed)
            let text = try String(contentsOfFile: deployment.hub.settings, encoding: .utf8)
            try deployment.testbed.write(text + "\n[limits]\nrate = 77\n", to: deployment.hub.settings)
            hub.signal(SIGHUP)
            try await hub.wait(for: "the refusal") { account in
                account.talk.contains { $0.contains("settings and registry stay") } ? () : nil
            }
            try await limit(hub, deployment.testbed)
            try await hub.wait(for: "the change") { account in
                account.talk.contains { $0.contains("the settings have changed; in force: limits.rate") }
                    ? () : nil
            }
        }
    }

    @Test("a feed that is to bind anew while no descriptor is free comes back, and the hub goes on")
    func rebinding() async throws {
        try await withDeployment { deployment in
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["all"])
            try await deployment.start()
            let others = try await deployment.national.tail(["--since", "0", "--format", "json"])
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            _ = try await others.lines(1)
            let hub = try #require(deployment.hub.process)
            // Room to read the registry, and for nothing that makes a socket.
            try await leave(4, to: hub, deployment.testbed)
            let revoked = try await deployment.hub.run("revoke", ["desk"])
            #expect(revoked.status == 0, "\(revoked)")
            _ = desk
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            try await limit(hub, deployment.testbed)
            #expect(try await others.lines(2).map { try TailLine(line: $0).offset } == [1, 2])
            #expect(hub.account.ending == nil)
        }
    }

    @Test("the watchdog's beat goes on while no descriptor is free")
    func watchdog() async throws {
        try await withDeployment { deployment in
            let manager = try NotifySocket(deployment.testbed)
            try await deployment.hub.start(environment: manager.environment(watchdog: 200_000))
            let hub = try #require(deployment.hub.process)
            try await leave(0, to: hub, deployment.testbed)
            manager.forget()
            for _ in 0..<5 { #expect(manager.next() == "WATCHDOG=1") }
            try await limit(hub, deployment.testbed)
        }
    }

    @Test("a stranger with more idle connections than the hub has descriptors is in nobody's way")
    func idleConnections() async throws {
        try await withDeployment { deployment in
            deployment.hub.setStarter(["prlimit", "--nofile=400:400"])
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["koh-kong"])
            try await deployment.start()
            let tail = try await desk.tail(["--since", "0", "--format", "json"])
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            _ = try await tail.lines(1)
            let hub = try #require(deployment.hub.process)
            // Each is held until the end of its input; one that is refused is of no interest.
            let stranger = try await deployment.testbed.start(
                .other("/bin/bash"),
                [
                    "-c",
                    """
                    ulimit -n 2000
                    for i in $(seq 500); do
                        exec {a}<>/dev/tcp/\(deployment.testbed.address)/\(deployment.hub.controlPort)
                        exec {b}<>/dev/tcp/\(deployment.testbed.address)/\(deployment.hub.ingestPort)
                    done 2>/dev/null
                    echo held
                    read -r
                    """,
                ], input: nil)
            _ = try await stranger.lines(1)
            #expect(try await deployment.post.publish(Draft.many(5), ["--wait", "100s"]).status == 0)
            var descriptors = try #require(try await deployment.hub.status().descriptors)
            let end = Date() + 60
            while descriptors.cut < 900, Date() < end {
                descriptors = try #require(try await deployment.hub.status().descriptors)
            }
            #expect(descriptors.limit == 400 && descriptors.reserve == 50)
            #expect(descriptors.used <= 350, "\(descriptors)")
            #expect(descriptors.cut >= 900, "\(descriptors)")
            let revoked = try await deployment.hub.run("revoke", ["desk"])
            #expect(revoked.status == 0, "\(revoked)")
            #expect(try await tail.ended().status == 77)
            #expect(hub.account.ending == nil)
            #expect(hub.account.talk.contains { $0.contains("connections were cut before they were let in") })
            stranger.closeInput()
        }
    }

    @Test("without a hub, and with one that stands still, a change of the registry says so")
    func silentHub() async throws {
        try await withDeployment { deployment in
            let alone = try await deployment.hub.run("revoke", ["national"])
            #expect(alone.status == 0 && alone.words.contains("no hub runs"), "\(alone)")
            try await deployment.hub.start()
            let hub = try #require(deployment.hub.process)
            hub.signal(SIGSTOP)
            let stuck = try await deployment.hub.run("revoke", ["koh-kong"])
            #expect(stuck.status == 75 && stuck.words.contains("is stuck"), "\(stuck)")
            hub.signal(SIGCONT)
        }
    }

    @Test("a named pipe in the place of its settings or registry does not stop a running hub")
    func pipes() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let hub = try #require(deployment.hub.process)
            let registry = deployment.hub.directory + "/registry.toml"
            for path in [deployment.hub.settings, registry] {
                #expect(rename(path, path + ".away") == 0 && mkfifo(path, 0o600) == 0)
            }
            hub.signal(SIGHUP)
            try await hub.wait(for: "both refusals") { account in
                account.talk.filter { $0.contains("is a pipe or a device") }.count >= 2 ? () : nil
            }
            for path in [deployment.hub.settings, registry] { #expect(rename(path + ".away", path) == 0) }
            #expect(try await deployment.post.publish(Draft.many(1), ["--wait", "100s"]).status == 0)
        }
    }

    @Test("a state directory that others can write is refused by hub and post")
    func openState() async throws {
        try await withDeployment { deployment in
            for (state, program, settings) in [
                (deployment.hub.state, Program.hub, deployment.hub.settings),
                (deployment.post.state, .post, deployment.post.settings),
            ] {
                #expect(chmod(state, 0o777) == 0)
                let account = try await deployment.testbed.run(program, ["run", "--config", settings])
                #expect(account.status == 77 && account.words.contains("chmod go-w"), "\(account)")
            }
        }
    }
}
