import Alerts
import Foundation
import ProcessHarness
import SQLite
import Testing
import Wire

@testable import AlertHub
@testable import AlertStore

@Suite struct AuditTests {
    private func event(_ identity: String, at moment: Int64) -> AuditEvent {
        var event = AuditEvent(identity: identity, action: .replay, subject: "kh.koh-kong.suspect.")
        event.at = Timestamp(milliseconds: moment)
        event.after = 3
        return event
    }

    private func read(_ path: String, _ identity: String? = nil, since: Int64? = nil) throws -> [AuditEvent] {
        let reader = try SQLiteAuditReader(path: path)
        var events: [AuditEvent] = []
        try reader.each(identity: identity, since: since.map { Timestamp(milliseconds: $0) }) {
            events.append($0)
        }
        return events
    }

    @Test("an audit of the version before is taken over, with what it says")
    func migration() throws {
        let hub = try SmallHub()
        let path = hub.directory + "/audit.db"
        let old = try Connection(path: path, mode: .create(permissions: 0o600), busyTimeout: .seconds(5))
        let schema = Schema(
            application: AuditSchema.application, steps: Array(AuditSchema.schema.steps.prefix(1)))
        try schema.migrate(old)
        try old.execute(
            "INSERT INTO events (at, identity, action, subject) VALUES (1, 'day', 'find', 'x'), (2, 'day', 'find', 'y')"
        )
        try old.close()
        let audit = try SQLiteAuditLog(path: path)
        #expect(try read(path).map(\.times) == [1, 1])
        #expect(try audit.forgetNoisiest()?.events == 1)
    }

    @Test(
        "on a full disk, who reads is recorded in the room that the file keeps; it is made whole again later")
    func fullDisk() throws {
        let hub = try SmallHub()
        let path = hub.directory + "/audit.db"
        // Not the first time that it is opened: the write-ahead log of the last time is gone.
        try SQLiteAuditLog(path: path).close()
        let audit = try SQLiteAuditLog(path: path)
        let pages = try audit.connection.number("PRAGMA page_count")
        try audit.connection.execute("PRAGMA max_page_count = \(pages)")
        let size = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        var recorded = 0
        while recorded < 300_000 {
            do { try audit.append((0..<500).map { event("day", at: Int64(recorded + $0)) }) } catch {
                #expect(error.cause == .full)
                break
            }
            recorded += 500
        }
        #expect((50_000..<300_000).contains(recorded))
        #expect(try read(path).count == recorded)
        let after = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        #expect(after == size, "the write-ahead log grew")
        try audit.maintain()
        try audit.connection.execute("PRAGMA max_page_count = 1000000")
        try audit.maintain()
        #expect(try audit.connection.number("PRAGMA freelist_count") * 4_096 >= SQLiteAuditLog.room / 2)
        try audit.append([event("day", at: 1)])
    }

    @Test("every way to read leaves its record: feed, replay, find and locate, with name, subject and extent")
    func everyWay() async throws {
        try await withTestbed { testbed in
            let hub = try testbed.hub()
            let post = try await testbed.post("koh-kong", hub)
            let analyst = try await testbed.analyst("night-desk", hub, read: ["koh-kong"])
            try await hub.start()
            try await post.start()
            try await post.publish(SampleDrafts.drafts(3), ["--wait", "100s"]).expect(0, "publish")
            let lines = try await analyst.run("tail", ["--no-follow", "--format", "json", "--since", "24h"])
                .output
            let id = try #require(lines.last?.firstMatch(of: #/"id":"([^"]*)"/#)?.output.1)
            try await analyst.run("show", [String(id)]).expect(0, "show")
            let text = try await hub.run("audit").output
            #expect(
                text.contains {
                    $0.hasSuffix("night-desk  replay  all that is granted, after 0 through 3, 3 alerts")
                }, "\(text)")
            #expect(text.contains { $0.hasSuffix("night-desk  find  \(id), 1 alerts") })
            #expect(text.contains { $0.contains("night-desk  locate  2") })
            let following = try await analyst.tail(["--format", "json", "--since", "0"])
            _ = try await following.lines(3)
            // Its feed was let in before an alert could come by it.
            try await post.publish(SampleDrafts.drafts(1), ["--wait", "100s"]).expect(0, "publish")
            _ = try await following.lines(4)
            _ = try await following.stop()
            #expect(try await hub.run("audit").output.contains { $0.contains("night-desk  feed  koh-kong") })
            #expect(try await hub.run("audit", ["--identity", "koh-kong"]).output == [])
            let json = try await hub.run(
                "audit", ["--identity", "night-desk", "--since", "1h", "--format", "json"])
            #expect(json.output.contains { $0.contains(#""action":"find","alerts":1,"#) }, "\(json.output)")
        }
    }

    @Test("one that reads something else with each request is refused at its limit, and what it read stays")
    func flood() async throws {
        try await withTestbed { testbed in
            let hub = try testbed.hub(extra: "[limits]\naudit_rows = 100")
            let post = try await testbed.post("koh-kong", hub)
            let analyst = try await testbed.analyst("night-desk", hub, read: ["koh-kong"])
            try await hub.start()
            try await post.start()
            let published = try await post.publish(
                SampleDrafts.drafts(110), ["--wait", "100s", "--format", "json"])
            let ids = published.output.compactMap { $0.firstMatch(of: #/"id":"([^"]*)"/#)?.output.1 }.map(
                String.init)
            var seen: Set<String> = []
            let all = ids.filter { seen.insert($0).inserted }
            #expect(all.count == 110)
            try await analyst.run("show", [all[0]]).expect(0, "show")
            try await analyst.run("show", [all[0]]).expect(0, "show again")
            // Ids that lead to nothing are one row, however many.
            for number in 0..<5 {
                _ = try await analyst.run("show", ["01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5\(number)"])
            }
            // What show asks beside it, who has seen it and what may be about the same, has rows of its own.
            let text = try await hub.run("audit").output.filter { $0.contains("  find  ") }
            #expect(text.count == 2, "\(text)")
            #expect(text.first?.contains("find  \(all[0]), 2 alerts, 2 times until ") == true, "\(text)")
            #expect(text.last?.contains("0 alerts, 5 times until ") == true, "\(text)")
            // It shows with what else the identity uses, a second later at the most.
            let end = ContinuousClock.now + Testbed.patience
            var line: HubStatus.Link.Budget?
            while line == nil, ContinuousClock.now < end {
                let link = try await hub.status().links.first { $0.identity == "night-desk" }
                line = link?.budgets?.first { $0.resource == "audit-rows" }
            }
            #expect(line?.most == 100)
            #expect(line.map { (1...4).contains($0.used) } == true)
        }
    }

    @Test("where it can't be recorded who reads, nobody reads, and alerts still come in")
    func unrecorded() async throws {
        try await withTestbed { testbed in
            let hub = try testbed.hub()
            let post = try await testbed.post("koh-kong", hub)
            let analyst = try await testbed.analyst("night-desk", hub, read: ["koh-kong"])
            // No database: neither the hub nor anyone else makes one of a directory.
            try await testbed.shell("mkdir \(hub.state)/audit.db").expect(0, "mkdir")
            try await hub.start()
            try await post.start()
            try await post.publish(SampleDrafts.drafts(1), ["--wait", "100s"]).expect(0, "publish")
            let shown = try await analyst.run("show", ["01935b7e-8e00-7c3a-9d52-3f0c1a2b4c5d"])
            #expect(shown.status != 0)
            #expect(shown.talk.contains { $0.contains("can't record who reads") }, "\(shown.talk)")
            let following = try await analyst.tail(["--format", "json", "--since", "0"])
            try await following.wait(for: "a refusal") { account in
                account.talk.contains { $0.contains("can't record who reads") } ? () : nil
            }
            #expect(following.account.output == [])
            #expect(hub.process?.account.talk.contains { $0.contains("so nobody may") } == true)
            // Once it can be, reading goes on by itself.
            try await testbed.shell("rmdir \(hub.state)/audit.db").expect(0, "rmdir")
            _ = try await following.lines(1)
            _ = try await following.stop()
        }
    }

    @Test("a reader that doesn't follow gives up where the hub can't let it read, with the hub's reason")
    func givesUp() async throws {
        try await withTestbed { testbed in
            let hub = try testbed.hub()
            let post = try await testbed.post("koh-kong", hub)
            let analyst = try await testbed.analyst("night-desk", hub, read: ["koh-kong"])
            try await testbed.shell("mkdir \(hub.state)/audit.db").expect(0, "mkdir")
            try await hub.start()
            try await post.start()
            try await post.publish(SampleDrafts.drafts(1), ["--wait", "100s"]).expect(0, "publish")
            let account = try await analyst.run(
                "tail", ["--no-follow", "--format", "json"], within: .seconds(240))
            #expect(account.status == 69)
            #expect(account.output == [])
            let words = account.talk.joined(separator: " ")
            #expect(
                words.contains("no answer for 30 s; the hub says: the hub can't record who reads"), "\(words)"
            )
        }
    }
}
