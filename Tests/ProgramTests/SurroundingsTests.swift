import Foundation
import ProcessHarness
import SQLite
import Testing

/// File systems that allow little: read-only media, no inodes, long paths; and databases of other programs' versions.
@Suite("Surroundings")
struct SurroundingsTests {
    private static let isRoot = geteuid() == 0

    /// Runs a command where the directory is mounted read-only, in a namespace that ends with it.
    private func readOnly(_ directory: String, _ deployment: Deployment, _ command: String) async throws
        -> Account
    {
        let script =
            "mount --bind \(directory) \(directory) && mount -o remount,ro,bind \(directory) && exec \(command)"
        return try await deployment.testbed.shell(
            #"exec unshare --mount bash -c "$SCRIPT""#, environment: ["SCRIPT": script])
    }

    /// What a hub leaves behind when it is stopped, killed, and when a copy of it was made without the `-shm`.
    enum Remains: CaseIterable {
        case ofStopped, ofKilled, withoutIndex
    }

    @Test(
        "a log on read-only media is verified, with all that its write-ahead log holds",
        .enabled(if: isRoot, "mounts need root"), arguments: Remains.allCases)
    func readOnlyLog(remains: Remains) async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(20), ["--wait", "100s"])
            if remains == .ofStopped {
                try await deployment.hub.stop()
            } else {
                try await deployment.hub.kill()
            }
            let isLogLeft = FileManager.default.fileExists(atPath: deployment.hub.database + "-wal")
            #expect(isLogLeft == (remains != .ofStopped))
            if remains == .withoutIndex {
                try FileManager.default.removeItem(atPath: deployment.hub.database + "-shm")
            }
            let before = try FileManager.default.contentsOfDirectory(atPath: deployment.hub.state).sorted()
            let account = try await readOnly(
                deployment.hub.state, deployment,
                "$B/borderwire-hub verify --config \(deployment.hub.settings)")
            #expect(account.status == 0, "\(account)")
            #expect(
                account.words.contains("offsets 1 to 20: sound; 20 checked: 20 seals verify"), "\(account)")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: deployment.hub.state).sorted() == before)
            let check = try await readOnly(
                deployment.hub.state, deployment,
                "$B/borderwire-hub check --config \(deployment.hub.settings)")
            #expect(check.status == 78, "\(check)")
            #expect(check.words.contains("mounted read-only"), "\(check)")
        }
    }

    @Test(
        "where no inode is left, that is the cause that is named",
        .enabled(if: isRoot, "mounts need root"))
    func noInodes() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await deployment.hub.stop()
            try await deployment.post.stop()
            let elsewhere = deployment.testbed.directory + "/elsewhere"
            try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: false)
            for (state, database, command, statuses) in [
                (
                    deployment.hub.state, "alerts.db", "borderwire-hub verify -c \(deployment.hub.settings)",
                    [74]
                ),
                (
                    deployment.post.state, "outbox.db",
                    "borderwire-post publish suspect --role transporter --headline Van -c \(deployment.post.settings)",
                    [75]
                ),
            ] {
                // The directory's own inode and the database's.
                let script = """
                    mount -t tmpfs -o nr_inodes=2,mode=0700 none \(elsewhere) && cp \(state)/\(database) \(elsewhere) \
                    && mount --move \(elsewhere) \(state) && exec $B/\(command)
                    """
                let account = try await deployment.testbed.shell(
                    #"exec unshare --mount bash -c "mount --make-rprivate /; $SCRIPT""#,
                    environment: ["SCRIPT": script])
                #expect(statuses.contains(Int(account.status ?? -1)), "\(account)")
                #expect(account.words.contains("No space left on device"), "\(account)")
                #expect(account.words.contains("df -i"), "\(account)")
                #expect(account.output.isEmpty)
            }
        }
    }

    @Test("a state directory whose path is too long for a socket is refused as a setting, with both lengths")
    func longPath() async throws {
        try await withDeployment { deployment in
            let deep = deployment.post.directory + "/" + String(repeating: "d", count: 100)
            try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: false)
            try replace("state = \"state\"", "state = \"\(deep)\"", in: deployment.post.settings)
            for account in [
                try await deployment.post.publish(Draft.many(1)), try await deployment.post.run(["run"]),
                try await deployment.post.run(["status"]),
            ] {
                #expect(account.status == 78, "\(account)")
                #expect(
                    account.words.contains("\("\(deep)/post.ipc".utf8.count) bytes")
                        && account.words.contains("at most 107"), "\(account)")
            }
        }
    }

    @Test("an audit of a newer version is named at the start, before the hub is ready, and by check")
    func newerAudit() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            try await deployment.hub.stop()
            let connection = try Connection(
                path: deployment.hub.state + "/audit.db", mode: .readWrite, busyTimeout: .seconds(5))
            try connection.execute("PRAGMA user_version = 99")
            try connection.close()
            let check = try await deployment.hub.run("check")
            #expect(check.status == 78)
            #expect(
                check.output.contains { $0.hasPrefix("record of who read") && $0.contains("version 99") },
                "\(check)")
            try await deployment.hub.start()
            let talk = try await deployment.hub.stop().talk
            let said = talk.firstIndex { $0.contains("nobody may") && $0.contains("version 99") }
            let ready = talk.firstIndex { $0.contains("ready:") }
            #expect(try #require(said, "\(talk)") < #require(ready, "\(talk)"))
        }
    }

    @Test("the hub's own keys are enrolled for nobody")
    func ownKeys() async throws {
        try await withDeployment { deployment in
            for arguments in [["--read", "all"], ["--rotate"]] {
                let account = try await deployment.hub.run(
                    "enroll", [deployment.hub.directory + "/hub.pub"] + arguments)
                #expect(account.status == 65, "\(account)")
                #expect(account.words.contains("the hub's own keys"), "\(account)")
            }
        }
    }
}
