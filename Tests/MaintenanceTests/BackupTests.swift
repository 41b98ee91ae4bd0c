import AlertPost
import AlertStore
import Foundation
import LogProof
import Platform
import SQLite
import Settings
import ProcessHarness
import Settings
import Testing

@testable import AlertHub

@Suite struct BackupTests {
    private func refusal(_ work: () throws -> Void) -> (any ProgramError)? {
        do {
            try work()
            return nil
        } catch {
            return error as? any ProgramError
        }
    }

    @Test("a copy has every row of the log, is sound, and is for its owner only")
    func copy() throws {
        let hub = try SmallHub()
        let ids = try hub.fill(40)
        try hub.take([try hub.alert(references: [ids[0]])])
        let path = hub.directory + "/copy.db"
        let report = try Backup.copy(hub.log, to: path)
        #expect((report.offset, try Files.facts(of: path)?.mode) == (33, 0o600))
        #expect(try Verify.log(SQLiteBackend(backup: path), hub.keyring) == (try hub.verify()))
        let (one, other) = (try hub.log.inspector(), try SQLiteBackend(backup: path).inspector())
        #expect(
            try one.rows(after: 0, through: .max, limit: 100)
                == other.rows(after: 0, through: .max, limit: 100))
        #expect(try one.outline() == (try other.outline()))
        let refusals = try hub.log.reader().refusals(limit: 100)
        #expect(try refusals == SQLiteBackend(backup: path).reader().refusals(limit: 100))
        // The copy's index is complete, whatever the writer has not indexed yet.
        let connection = try Connection(path: path, mode: .read, busyTimeout: .seconds(5))
        #expect(try connection.number("SELECT value FROM meta WHERE name = 'indexed'") == 33)
        try connection.close()
        #expect(try Files.names(in: hub.directory).filter { $0.contains("copy") } == ["copy.db"])
    }

    @Test("a backup replaces nothing, and one that would not verify leaves nothing behind")
    func refusals() throws {
        let hub = try SmallHub()
        _ = try hub.fill(10)
        let path = hub.directory + "/copy.db"
        _ = try Backup.copy(hub.log, to: path)
        #expect(refusal { _ = try Backup.copy(hub.log, to: path) }?.exitStatus == .cantCreate)
        try hub.tamper("UPDATE alerts SET received = received + 1 WHERE offset = 4")
        let failure = refusal { _ = try Backup.copy(hub.log, to: hub.directory + "/bad.db") }
        #expect(failure?.exitStatus == .dataError)
        #expect(failure?.description.contains("offset 4") == true)
        #expect(try Files.names(in: hub.directory).filter { $0.contains("bad") } == [])
    }

    @Test("a restore by root changes nothing that the service's user has put in its way")
    func linksInTheWay() throws {
        let hub = try SmallHub()
        _ = try hub.fill(3)
        let copy = hub.directory + "/copy.db"
        _ = try Backup.copy(hub.log, to: copy)
        let secret = hub.directory + "/shadow"
        try Data("root:x".utf8).write(to: URL(fileURLWithPath: secret))
        let state = hub.directory + "/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        #expect(symlink(secret, state + "/alerts.db.lock") == 0)
        let failure = refusal {
            _ = try Restore.run(try settings(state: state), from: copy, keepsLog: true)
        }
        #expect(failure?.exitStatus == .noPermission)
        #expect(
            failure?.description.contains("it is a symbolic link") == true, "\(String(describing: failure))")
        #expect(try String(contentsOfFile: secret, encoding: .utf8) == "root:x")
    }

    private func settings(state: String) throws -> HubSettings {
        let text = "key = \"k\"\nregistry = \"r\"\nstate = \"\(state)\"\n[listen]\n"
        return try TOMLDocument(text: Array(text.utf8), file: "hub.toml").decode(HubSettings.self)
    }

    @Test(
        "a backup has the record of who read what beside it, and a restore brings it back; run by root, to the owner"
    )
    func audit() throws {
        let hub = try SmallHub()
        _ = try hub.fill(10)
        let audit = try hub.log.audit()
        try audit.append((0..<3).map { _ in AuditEvent(identity: "day", action: .replay, subject: "all") })
        let path = hub.directory + "/copy.db"
        _ = try Backup.run(try settings(state: hub.directory), to: path)
        #expect(try Files.facts(of: hub.directory + "/copy.audit.db")?.mode == 0o600)
        #expect(throws: Failure.self) {
            _ = try Backup.run(try settings(state: hub.directory), to: path)
        }
        let state = hub.directory + "/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        let owner: UInt32 = geteuid() == 0 ? 12_345 : geteuid()
        if geteuid() == 0 { #expect(chown(state, owner, owner) == 0) }
        _ = try Restore.run(try settings(state: state), from: path, keepsLog: true)
        let reader = try SQLiteBackend(directory: state).auditReader()
        var events = 0
        try reader.each(identity: nil, since: nil) { _ in events += 1 }
        #expect(events == 3)
        for name in try Files.names(in: state) {
            #expect(try Files.facts(of: state + "/" + name)?.owner == owner, "\(name)")
            #expect(try Files.facts(of: state + "/" + name)?.mode == 0o600, "\(name)")
        }
    }

    @Test("a backup that fails leaves no record of who read what behind")
    func auditOfNothing() throws {
        let hub = try SmallHub()
        _ = try hub.fill(10)
        try hub.log.audit().append([
            AuditEvent(identity: "day", action: .find, subject: "x")
        ])
        try hub.tamper("UPDATE alerts SET received = received + 1 WHERE offset = 4")
        #expect(throws: Failure.self) {
            _ = try Backup.run(try settings(state: hub.directory), to: hub.directory + "/bad.db")
        }
        #expect(try Files.names(in: hub.directory).filter { $0.contains("bad") } == [])
    }

    @Test(
        "a restore replaces no database, waits for no running hub, and names the log anew unless it is complete"
    )
    func restoring() throws {
        let hub = try SmallHub()
        _ = try hub.fill(10)
        let copy = hub.directory + "/copy.db"
        let log = try Backup.copy(hub.log, to: copy).log
        #expect(
            refusal { _ = try Restore.restore(copy, to: hub.log, keepsLog: true) }?.exitStatus == .tempFail)
        try hub.store.close()
        #expect(
            refusal { _ = try Restore.restore(copy, to: hub.log, keepsLog: true) }?.exitStatus == .cantCreate
        )
        let (same, new) = (
            SQLiteBackend(backup: hub.directory + "/same.db"),
            SQLiteBackend(backup: hub.directory + "/new.db")
        )
        #expect(try Restore.restore(copy, to: same, keepsLog: true).log == log)
        #expect(try Restore.restore(copy, to: new, keepsLog: false).log != log)
        #expect(try Verify.log(new, hub.keyring).findings == [])
        #expect(
            refusal {
                _ = try Restore.restore(
                    hub.directory + "/none", to: SQLiteBackend(backup: hub.directory + "/x"), keepsLog: true)
            }?
            .exitStatus == .noInput)
    }

    /// A hub with four alerts of a post, and a backup that has the first two.
    private func behind(_ testbed: Testbed, extra: String = "") async throws -> (
        TestHub, TestPost, TestAnalyst, String
    ) {
        let hub = try testbed.hub()
        let post = try await testbed.post("koh-kong", hub, extra: extra)
        let analyst = try await testbed.analyst("analyst", hub, read: ["all"])
        let backup = testbed.directory + "/backup.db"
        try await hub.start()
        try await post.start()
        try await post.publish(SampleDrafts.drafts(2, "Before"), ["--wait", "100s"]).expect(0, "publish")
        try await hub.run("backup", [backup]).expect(0, "backup")
        try await post.publish(SampleDrafts.drafts(2, "After"), ["--wait", "100s"]).expect(0, "publish")
        try await analyst.run("tail", ["--no-follow", "--cursor", "desk"]).expect(0, "tail")
        try await hub.stop()
        return (hub, post, analyst, backup)
    }

    @Test("what a restored copy lacks is sent again by its post; a cursor of the log that is gone is refused")
    func resent() async throws {
        try await withTestbed { testbed in
            let (hub, post, analyst, backup) = try await behind(testbed)
            try await hub.run("restore", [backup]).expect(73, "restore over a database")
            try await testbed.shell("rm \(hub.database)*").expect(0, "rm")
            try await hub.run("restore", [backup]).expect(0, "restore")
            try await hub.start()
            try await hub.run("restore", [backup]).expect(75, "restore under a running hub")
            let status = try await post.settle { $0.link == "up" && $0.depth == 0 }
            #expect((status.link, status.depth) == ("up", 0))
            let read = try await analyst.run("tail", ["--no-follow", "--format", "json"])
            #expect(
                read.output.map { $0.contains("Before") } == [true, true, false, false], "\(read.output)")
            #expect(
                post.process?.account.talk.contains { $0.contains("2 stored alerts are sent again") }
                    == true)
            let verified = try await hub.run("verify")
            #expect(verified.status == 0, "\(verified.output)")
            let old = try await analyst.run("tail", ["--no-follow", "--cursor", "desk"])
            #expect(old.status == 65)
            #expect(old.talk.contains { $0.contains("another log") }, "\(old.talk)")
        }
    }

    @Test(
        "where the outbox no longer has what the hub lost, the lost range is named and the operator has the word"
    )
    func lost() async throws {
        try await withTestbed { testbed in
            let (hub, post, analyst, backup) = try await behind(testbed)
            try await post.stop()
            try await testbed.shell("sqlite3 \(post.outbox) 'DELETE FROM alerts WHERE sequence = 3'").expect(
                0, "sqlite3")
            try await testbed.shell("rm \(hub.database)*").expect(0, "rm")
            try await hub.run("restore", [backup]).expect(0, "restore")
            try await hub.start()
            try await post.start()
            let status = try await post.settle { $0.link == "refused" }
            #expect(status.reason?.contains("sequences 3 to 3: they are lost") == true, "\(status)")
            let asked = try await post.run(["new-epoch"])
            #expect(asked.status == 64)
            #expect(asked.talk.contains { $0.contains("1 waiting alerts") }, "\(asked.talk)")
            try await post.run(["new-epoch", "--yes"]).expect(0, "new-epoch")
            let after = try await post.settle { $0.link == "up" && $0.depth == 0 }
            #expect((after.link, after.depth) == ("up", 0), "\(after) \(post.process?.account.talk ?? [])")
            let read = try await analyst.run("tail", ["--no-follow", "--format", "json"])
            #expect(read.output.count == 3)
            #expect(try await hub.run("verify").status == 0)
        }
    }

    @Test(
        "a hub that lost alerts under its old log's name is refused: nothing is sent again behind the readers' backs"
    )
    func unsaid() async throws {
        try await withTestbed { testbed in
            let (hub, post, _, backup) = try await behind(testbed)
            try await testbed.shell("rm \(hub.database)*; cp \(backup) \(hub.database)").expect(0, "cp")
            try await hub.start()
            let status = try await post.settle { $0.link == "refused" }
            #expect(status.link == "refused")
            #expect(
                status.reason?.contains("restore") == true || status.reason?.contains("gone") == true,
                "\(status)"
            )
        }
    }

    @Test("with a complete copy cursors go on where they were")
    func complete() async throws {
        try await withTestbed { testbed in
            let (hub, post, analyst, _) = try await behind(testbed)
            let full = testbed.directory + "/full.db"
            try await hub.run("backup", [full]).expect(0, "backup")
            try await testbed.shell("rm \(hub.database)*").expect(0, "rm")
            try await hub.run("restore", ["--complete", full]).expect(0, "restore")
            try await hub.start()
            try await post.publish(SampleDrafts.drafts(1, "Later"), ["--wait", "100s"]).expect(0, "publish")
            let read = try await analyst.run("tail", ["--no-follow", "--cursor", "desk", "--format", "json"])
            #expect(read.output.count == 1)
            #expect(read.output.first?.contains("Later") == true)
        }
    }
}
