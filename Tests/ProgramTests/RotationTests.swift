import Foundation
import ProcessHarness
import Testing
import Wire

@Suite("Rotating keys")
struct RotationTests {
    @Test(
        "a post goes over to new keys without losing an alert or its reading; the former ones open nothing after the overlap"
    )
    func rotate() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let publish = [
                "publish", "suspect", "--role", "recruiter", "--headline", "Invented", "--wait", "100s",
            ]
            try await deployment.post.run(publish).expect(0, "before")
            let new = deployment.testbed.directory + "/new"
            try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: false)
            try deployment.testbed.makeKeys("koh-kong", in: new)
            try await deployment.hub.run("enroll", ["--rotate", "--overlap", "1h", "\(new)/koh-kong.pub"])
                .expect(
                    0, "rotate")
            let listed = try await deployment.hub.run("identities")
            #expect(listed.words.contains("former key"))
            // Connected and signing with the former keys, which is noticed by nobody.
            try await deployment.post.run(publish).expect(0, "between")
            // Signed with the former keys while the hub is away, and sent over a connection with the new ones.
            try await deployment.post.stop()
            var queued = publish
            queued.removeLast(2)
            try await deployment.post.run(queued).expect(0, "queued")
            let kept = "\(deployment.post.directory)/former.key"
            try FileManager.default.moveItem(
                atPath: "\(deployment.post.directory)/koh-kong.key", toPath: kept)
            try FileManager.default.copyItem(
                atPath: "\(new)/koh-kong.key", toPath: "\(deployment.post.directory)/koh-kong.key")
            try await deployment.post.start()
            try await deployment.post.run(publish).expect(0, "after")
            #expect(try await deployment.hub.status().offset == 4)
            // The overlap is ended; with the former keys there is no way in.
            try await deployment.hub.run("enroll", ["--rotate", "--overlap", "0s", "\(new)/koh-kong.pub"])
                .expect(
                    0, "end")
            try await deployment.post.run(publish).expect(0, "afterwards")
            try await deployment.post.stop()
            try FileManager.default.removeItem(atPath: "\(deployment.post.directory)/koh-kong.key")
            try FileManager.default.moveItem(
                atPath: kept, toPath: "\(deployment.post.directory)/koh-kong.key")
            try await deployment.post.start()
            let late = try await deployment.post.run(publish.map { $0 == "100s" ? "3s" : $0 })
            #expect(late.status == 75, "\(late.words)")
            #expect(try await deployment.hub.status().offset == 5)
            #expect(try await deployment.hub.run("verify").status == 0)
        }
    }

    @Test("SIGHUP takes over what can change, names what waits for a restart, and refuses a bad file whole")
    func reload() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            let file = deployment.hub.settings
            let good = try String(contentsOfFile: file, encoding: .utf8)
            func reload(_ text: String, until word: String) async throws -> String {
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                let process = try #require(deployment.hub.process)
                process.signal(SIGHUP)
                return try await process.wait(for: "saying: \(word)") { account in
                    account.talk.first { $0.contains(word) }
                }
            }
            let changed = good + "\n[limits]\nrate = 5\nfeed_queue = 99\n"
            let line = try await reload(changed, until: "the settings have changed")
            #expect(line.contains("in force: limits.rate; after a restart: limits.feed_queue"))
            // Settings in order, the registry not: neither is taken.
            let registry = "\(deployment.hub.directory)/registry.toml"
            let text = try String(contentsOfFile: registry, encoding: .utf8)
            try (text + "\n[[identity]]\nname = \"x\"\n").write(
                toFile: registry, atomically: true, encoding: .utf8)
            _ = try await reload(
                changed.replacingOccurrences(of: "rate = 5", with: "rate = 6"),
                until: "the registry stays as it was")
            try text.write(toFile: registry, atomically: true, encoding: .utf8)
            let refused = try await reload(
                changed + "\nrat = 6\n", until: "settings and registry stay as they were")
            #expect(refused.contains("rat"))
            let later = try await reload(
                changed.replacingOccurrences(of: "rate = 5", with: "rate = 7"),
                until: "in force: limits.rate; after")
            #expect(!later.isEmpty)
            #expect(try await deployment.hub.status().links.map(\.identity) == ["koh-kong", "national"])
        }
    }
}
