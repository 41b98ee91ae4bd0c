import AlertPost
import Foundation
import ProcessHarness
import SQLite
import Testing

/// What an operator gets wrong: each with the words that help, and the status that a script can tell it by.
@Suite("Refusals")
struct RefusalTests {
    @Test("a mistyped key of the settings is named with its line and what was probably meant")
    func badKey() async throws {
        try await withDeployment { deployment in
            try replace("control =", "contrl =", in: deployment.hub.settings)
            let text = try String(contentsOfFile: deployment.hub.settings, encoding: .utf8)
            let line = try #require(
                text.split(separator: "\n", omittingEmptySubsequences: false)
                    .firstIndex { $0.hasPrefix("contrl") })
            for command in ["run", "check", "status"] {
                let account = try await deployment.hub.run(command)
                #expect(account.status == 78)
                #expect(
                    account.words.contains(
                        "\(deployment.hub.settings):\(line + 1): listen.contrl: unknown key; did you mean listen.control?"
                    ),
                    "\(account.words)")
            }
        }
    }

    @Test("a value of the wrong kind is named with its line")
    func badValue() async throws {
        try await withDeployment { deployment in
            try replace("control =", "control = \"x\" #", in: deployment.post.settings)
            let account = try await deployment.post.run(["status"])
            #expect(account.status == 78)
            #expect(account.words.contains("hub.control"), "\(account.words)")
            #expect(account.words.contains("post.toml:"))
        }
    }

    @Test("settings that are not there are named")
    func noSettings() async throws {
        try await withDeployment { deployment in
            for program in [Program.hub, .post] {
                let account = try await deployment.testbed.run(
                    program, ["run", "--config", "/nowhere/x.toml"])
                #expect(account.status == 78)
                #expect(account.words.contains("/nowhere/x.toml"))
            }
        }
    }

    @Test("a start on a disk with less room than the reserve is refused, with both figures")
    func reserve() async throws {
        try await withDeployment(extra: "[limits]\nreserve = \"7000000GiB\"") { deployment in
            for command in ["run", "check"] {
                let account = try await deployment.hub.run(command)
                #expect(account.status == (command == "run" ? 75 : 78), "\(account)")
                #expect(
                    account.words.contains("MiB free, and limits.reserve keeps 7000000GiB"),
                    "\(account.words)")
            }
            let text = try String(contentsOfFile: deployment.post.settings, encoding: .utf8)
            try (text + "\n[outbox]\nreserve = \"7000000GiB\"\n").write(
                toFile: deployment.post.settings, atomically: true, encoding: .utf8)
            let account = try await deployment.post.run(["run"])
            #expect(account.status == 75)
            #expect(account.words.contains("outbox.reserve keeps 7000000GiB; make room"), "\(account.words)")
            #expect(try await deployment.post.publish(Draft.many(1)).status == 0, "publishing goes on")
        }
    }

    @Test("a key file that is not there is named, with the command that makes one")
    func missingKey() async throws {
        try await withDeployment { deployment in
            try FileManager.default.removeItem(atPath: deployment.post.directory + "/koh-kong.key")
            let account = try await deployment.post.run(["run"])
            #expect(account.status == 66)
            #expect(account.words.contains("koh-kong.key"))
            #expect(account.words.contains("borderwire keygen"))
        }
    }

    @Test("a key file that others may read is refused with the command that mends it, which does")
    func keyMode() async throws {
        try await withDeployment { deployment in
            let key = deployment.national.directory + "/national.key"
            #expect(chmod(key, 0o644) == 0)
            let account = try await deployment.national.tail([]).ended()
            #expect(account.status == 77)
            let words = try #require(account.talk.first)
            let command = try #require(words.components(separatedBy: "run: ").last)
            #expect(command == "chmod 0600 \(key)")
            #expect(try await deployment.testbed.shell(command).status == 0)
            try await deployment.hub.start()
            #expect(try await deployment.national.run("tail", ["--no-follow"]).status == 0)
        }
    }

    @Test(
        "another user's key file is refused", .enabled(if: geteuid() == 0, "only root can give a file away"))
    func foreignKey() async throws {
        try await withDeployment { deployment in
            #expect(chown(deployment.post.directory + "/koh-kong.key", 12_345, 12_345) == 0)
            let account = try await deployment.post.run(["run"])
            #expect(account.status == 77)
            #expect(account.words.contains("belongs to user 12345"), "\(account.words)")
        }
    }

    @Test("keygen never overwrites a key")
    func keygen() async throws {
        try await withDeployment { deployment in
            let arguments = ["keygen", "pursat", "--out", deployment.testbed.directory]
            #expect(try await deployment.testbed.run(.analyst, arguments).status == 0)
            let before = try Data(
                contentsOf: URL(fileURLWithPath: deployment.testbed.directory + "/pursat.key"))
            #expect(try await deployment.testbed.run(.analyst, arguments).status == 73)
            let after = try Data(
                contentsOf: URL(fileURLWithPath: deployment.testbed.directory + "/pursat.key"))
            #expect(before == after)
        }
    }

    @Test("a port in use is named, with the way to find who has it")
    func portInUse() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            let other = deployment.testbed.directory + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
            try replace("state = \"state\"", "state = \"\(other)\"", in: deployment.hub.settings)
            let account = try await deployment.hub.run("run")
            #expect(account.status == 71)
            #expect(
                account.words.contains("\(deployment.testbed.address):\(deployment.hub.controlPort)"),
                "\(account.words)")
            #expect(account.words.contains("ss -ltnp"))
        }
    }

    @Test("a second hub on one database, and a second daemon on one outbox, end with 75")
    func twice() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let hub = try await deployment.hub.run("run")
            #expect(hub.status == 75, "\(hub.words)")
            let post = try await deployment.post.run(["run"])
            #expect(post.status == 75, "\(post.words)")
            #expect(post.words.contains("one daemon per state directory"))
        }
    }

    @Test("a database of a newer version is left alone")
    func newer() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            try await deployment.post.stop()
            try await deployment.hub.stop()
            for database in [deployment.hub.database, deployment.post.outbox] {
                let connection = try Connection(path: database, mode: .readWrite, busyTimeout: .seconds(5))
                try connection.execute("PRAGMA user_version = 99")
                try connection.close()
            }
            for account in [
                try await deployment.hub.run("run"), try await deployment.hub.run("check"),
                try await deployment.post.run(["run"]), try await deployment.post.publish(Draft.many(1)),
            ] {
                #expect([65, 78].contains(account.status), "\(account)")
                #expect(account.words.contains("99"), "\(account.words)")
            }
        }
    }

    @Test("a file that is no database is left alone")
    func noDatabase() async throws {
        try await withDeployment { deployment in
            try deployment.testbed.write(
                String(repeating: "not a database ", count: 1_000), to: deployment.hub.database)
            let account = try await deployment.hub.run("run")
            #expect(account.status == 65)
            #expect(account.words.contains(deployment.hub.database), "\(account.words)")
        }
    }

    @Test("a state directory that is not there, or is a file, is named")
    func noState() async throws {
        try await withDeployment { deployment in
            for state in [deployment.hub.state, deployment.post.state] {
                try FileManager.default.removeItem(atPath: state)
                try deployment.testbed.write("a file", to: state)
            }
            for account in [
                try await deployment.hub.run("run"), try await deployment.post.run(["run"]),
                try await deployment.post.publish(Draft.many(1)),
            ] {
                #expect(account.status != 0 && account.status != 70, "\(account)")
                #expect(account.words.contains("/state"), "\(account.words)")
            }
            #expect(try await deployment.hub.run("check").status == 78)
        }
    }

    /// Root ignores modes, so that it takes a mount, in a namespace that ends with the shell.
    @Test(
        "a state directory that can't be written is named", .enabled(if: geteuid() == 0, "mounts need root"))
    func readOnlyState() async throws {
        try await withDeployment { deployment in
            for (state, command) in [
                (deployment.hub.state, "$B/borderwire-hub run --config \(deployment.hub.settings)"),
                (
                    deployment.post.state,
                    "$B/borderwire-post publish suspect --role transporter --headline Van --config \(deployment.post.settings)"
                ),
            ] {
                let script =
                    "mount --bind \(state) \(state) && mount -o remount,ro,bind \(state) && exec \(command)"
                let account = try await deployment.testbed.shell(
                    #"exec unshare --mount bash -c "$SCRIPT""#, environment: ["SCRIPT": script])
                #expect([73, 77].contains(account.status), "\(account)")
                #expect(account.words.contains(state), "\(account.words)")
                #expect(account.output.isEmpty)
            }
        }
    }

    @Test("a daemon that isn't there is said to be away", arguments: ["hub", "post"])
    func away(program: String) async throws {
        try await withDeployment { deployment in
            if program == "hub" {
                let account = try await deployment.hub.run("status")
                #expect(account.status == 69)
                #expect(account.words.contains("no hub answers"))
            } else {
                #expect(try await deployment.post.status().link == "not running")
            }
        }
    }
}
