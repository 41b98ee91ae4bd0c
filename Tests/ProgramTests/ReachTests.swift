import AlertPost
import Foundation
import Glibc
import ProcessHarness
import SQLite
import Testing

/// A hub that is not where the settings say, or is no hub: what post and analyst say of it, and how they go on.
@Suite("Reaching the hub")
struct ReachTests {
    /// In [hub] of both, what stands in place of the right line.
    static let wrong: [(key: String, value: String, words: String)] = [
        ("control", "9", ":9: connection refused"),
        ("host", "\"hub.invalid\"", "hub.invalid has no address: "),
        ("key", "\"koh-kong.pub\"", "ends the handshake: it has another key than the file in [hub]"),
    ]

    @Test(
        "a wrong port, name or key is told with the reason at the first start, and by status",
        arguments: wrong)
    func wrongSettings(key: String, value: String, words: String) async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            for file in [deployment.post.settings, deployment.national.settings] {
                let own = value == "\"koh-kong.pub\"" ? "\"\(deployment.post.publicKey)\"" : value
                let text = try String(contentsOfFile: file, encoding: .utf8)
                let parts = text.components(separatedBy: "[hub]")
                let lines = try #require(parts.last).split(separator: "\n", omittingEmptySubsequences: false)
                    .map { $0.hasPrefix("\(key) = ") ? "\(key) = \(own)" : String($0) }
                try "\(parts[0])[hub]\(lines.joined(separator: "\n"))".write(
                    toFile: file, atomically: true, encoding: .utf8)
            }
            try await deployment.post.start()
            let daemon = try #require(deployment.post.process)
            try await daemon.wait(for: "the reason") { account in
                account.talk.contains { $0.contains("no link to the hub") && $0.contains(words) } ? () : nil
            }
            let status = try await deployment.post.status()
            #expect(status.link == "down")
            #expect(status.reason?.contains(words) == true, "\(status)")
            #expect(status.since != nil)
            let shown = try await deployment.post.run(["status"])
            #expect(shown.output.first?.contains("link down since 20") == true, "\(shown)")
            let tail = try await deployment.national.tail([])
            try await tail.wait(for: "the reason") { account in
                account.talk.contains { $0.contains(words) } ? () : nil
            }
            try await tail.stop()
            let verify = try await deployment.national.run("verify")
            #expect(verify.status == 69)
            #expect(verify.words.contains(words), "\(verify.words)")
            let publish = try await deployment.post.publish(Draft.many(1), ["--wait", "1s"])
            #expect(publish.status == 75)
            #expect(publish.words.contains(words), "\(publish.words)")
        }
    }

    @Test("a daemon that runs and does not answer is told from one that does not run")
    func stoppedDaemon() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let daemon = try #require(deployment.post.process)
            try await stopOutsideWrites(daemon, outbox: deployment.post.outbox)
            let publish = try await deployment.post.publish(Draft.many(1), ["--wait", "1s"])
            #expect(publish.status == 75)
            #expect(
                publish.words.contains("runs, since it holds its lock, and does not answer"),
                "\(publish.words)")
            #expect(!publish.words.contains("not running"))
            let status = try await deployment.post.status()
            #expect(status.link == "not answering")
            #expect(status.depth == 1)
            daemon.signal(SIGCONT)
        }
    }

    /// Stops a daemon while it has its outbox not locked: one that is stopped within a write lets nobody else write.
    private func stopOutsideWrites(_ daemon: Running, outbox: String) async throws {
        let other = try Connection(path: outbox, mode: .readWrite, busyTimeout: .zero)
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            daemon.signal(SIGSTOP)
            do {
                try other.execute("BEGIN IMMEDIATE")
                try other.execute("ROLLBACK")
                return
            } catch { daemon.signal(SIGCONT) }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the daemon never left its outbox unlocked")
    }

    /// Words that start a program in a mount namespace with other files than the machine's.
    private func among(_ files: [(path: String, text: String)], _ deployment: Deployment) throws -> [String] {
        var script = ""
        for (index, file) in files.enumerated() {
            let own = try deployment.testbed.write(file.text, to: "own-\(index)")
            script += "mount --bind \(own) \(file.path) && "
        }
        return ["unshare", "--mount", "bash", "-c", "\(script)exec \"$@\"", "bash"]
    }

    @Test(
        "a look-up that hangs hinders neither publish nor status nor the end",
        .enabled(if: geteuid() == 0, "mounts need root"))
    func hangingLookup() async throws {
        try await withDeployment { deployment in
            // A name server that takes questions, and answers none.
            let server = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(server) }
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = in_port_t(53).bigEndian
            place.sin_addr.s_addr = inet_addr(deployment.testbed.address)
            let bound = withUnsafePointer(to: &place) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(bound == 0)
            let files = [
                (
                    "/etc/resolv.conf",
                    "nameserver \(deployment.testbed.address)\noptions timeout:30 attempts:5\n"
                ),
                ("/etc/nsswitch.conf", "hosts: files dns\n"),
            ]
            for file in [deployment.post.settings, deployment.national.settings] {
                try deployment.replace(
                    file, "host = \"\(deployment.testbed.address)\"", "host = \"hub.example\"")
            }
            deployment.post.setStarter(try among(files, deployment))
            try await deployment.post.start()
            let daemon = try #require(deployment.post.process)
            try await daemon.wait(for: "the reason") { account in
                account.talk.contains { $0.contains("hub.example is looked up") } ? () : nil
            }
            let status = try await deployment.post.status()
            #expect(status.link == "down")
            #expect(status.reason?.contains("hub.example is looked up") == true)
            let publish = try await deployment.post.publish(Draft.many(1), ["--wait", "1s"])
            #expect(publish.words.contains("hub.example is looked up"), "\(publish.words)")
            // Half a minute before the look-up ends.
            let ended = try await deployment.post.stop()
            #expect(ended.status == 0)
        }
    }

    @Test(
        "a name's second address is found when the first is dead, and the first when the hub has moved there",
        .enabled(if: geteuid() == 0, "mounts need root"))
    func standby() async throws {
        try await withDeployment { deployment in
            let other = "127." + (0..<3).map { _ in String(UInt8.random(in: 2...250)) }.joined(separator: ".")
            let hosts = "\(other) hub.example\n\(deployment.testbed.address) hub.example\n"
            let words = try among(
                [("/etc/hosts", hosts), ("/etc/nsswitch.conf", "hosts: files\n")], deployment)
            for file in [deployment.post.settings, deployment.national.settings] {
                try deployment.replace(
                    file, "host = \"\(deployment.testbed.address)\"", "host = \"hub.example\"")
            }
            try await deployment.hub.start()
            deployment.post.setStarter(words)
            try await deployment.post.start()
            try await deployment.post.publish(Draft.many(1), ["--wait", "100s"]).expect(0, "publish")
            let tail = try await deployment.testbed.start(
                .other(words[0]),
                words.dropFirst() + [
                    try BuiltTree.programs + "/borderwire", "tail", "--config", deployment.national.settings,
                    "--since",
                    "0", "--format", "json",
                ])
            #expect(try await tail.lines(1).count == 1)
            try await deployment.hub.stop()
            try deployment.replace(
                deployment.hub.settings, "\"\(deployment.testbed.address)\"", "\"\(other)\"")
            try await deployment.hub.start()
            try await deployment.post.publish(Draft.many(1), ["--wait", "100s"]).expect(0, "publish")
            #expect(try await tail.lines(2).count == 2)
        }
    }
}
