import AlertFeed
import Alerts
import AlertStore
import Foundation
import Identity
import LogProof
import ProcessHarness
import Testing

@testable import AlertHub

@Suite struct PurgeTests {
    private static let day: Int64 = 86_400_000

    private func days(_ days: Int64) -> Timestamp {
        Timestamp(milliseconds: SmallHub.start.milliseconds + days * PurgeTests.day)
    }

    private func purge(
        _ hub: SmallHub, on day: Int64, dry: Bool = false, _ periods: RetentionSettings = RetentionSettings()
    ) throws -> [UInt64] {
        let report = try PurgeCommand.run(hub.log, periods, isDry: dry, now: days(day))
        #expect(report.shares.map(\.name) == ["movement", "suspect", "exercise"])
        return report.shares.map(\.alerts)
    }

    /// One alert of each kind, which all end after a day.
    private func four(_ hub: SmallHub) throws {
        for (kind, status) in [
            (Kind.movement, Status.actual), (.suspect, .actual), (.suspect, .exercise), (.movement, .test),
        ] {
            try hub.take([try hub.alert(kind: kind, status: status)])
        }
    }

    @Test("each kind goes when its own period after its end is over, and not before")
    func periods() throws {
        let hub = try SmallHub()
        try four(hub)
        #expect(try purge(hub, on: 7) == [0, 0, 0])
        #expect(try purge(hub, on: 9, dry: true) == [0, 0, 2])
        #expect(try purge(hub, on: 9) == [0, 0, 2])
        #expect(try purge(hub, on: 9) == [0, 0, 0])
        #expect(try purge(hub, on: 32) == [1, 0, 0])
        #expect(try purge(hub, on: 365) == [0, 0, 0])
        #expect(try purge(hub, on: 367) == [0, 1, 0])
        #expect(try hub.verify().erased == 4)
    }

    @Test("a dry run changes nothing, also before any purge has looked at the alerts")
    func dry() throws {
        let hub = try SmallHub()
        try four(hub)
        #expect(try purge(hub, on: 400, dry: true) == [1, 1, 2])
        #expect(try hub.verify().erased == 0)
        #expect(try purge(hub, on: 400, dry: true) == [1, 1, 2])
    }

    @Test(
        "an erasure that the operator ordered is done by the purge where the command was killed, and its notice explains it"
    )
    func ordered() throws {
        let hub = try SmallHub()
        let alert = try hub.alert(kind: .suspect)
        try hub.take([alert, try hub.alert()])
        // The purge has looked at the alert before; the notice comes later.
        #expect(try purge(hub, on: 0) == [0, 0, 0])
        try hub.order(.erasure, of: alert.id)
        try hub.order(.withdrawal, of: alert.id)
        #expect(try hub.verify().erased == 0)
        _ = try purge(hub, on: 0)
        let hubs = PublicKeys(
            name: "hub", curve: Array(repeating: 9, count: 32), signing: hub.signing.verifyingKey)
        func verify(_ keyring: PublicKeyring) throws -> VerificationReport {
            try Verify.log(hub.log, keyring, hub: "hub", now: hub.now)
        }
        var keyring = hub.keyring
        let without = try verify(keyring)
        #expect(without.erased == 1)
        #expect(without.findings.map(\.offset) == [1])
        keyring.add(hubs)
        #expect(try verify(keyring).findings.isEmpty)
        // Of hubs that share a log each explains what another has erased.
        func verified(by name: String, others: [String]) throws -> [UInt64?] {
            try Verify.log(hub.log, keyring, hub: name, others: others, now: hub.now).findings.map(\.offset)
        }
        #expect(try verified(by: "hub-b", others: []) == [1])
        #expect(try verified(by: "hub-b", others: ["hub"]).isEmpty)
        // Once more changes nothing, and the notices go no sooner than the suspect would have gone.
        #expect(try purge(hub, on: 365) == [1, 0, 0])
        #expect(try purge(hub, on: 367) == [0, 2, 0])
    }

    @Test("what is erased is nowhere in the files any more, and what remains still verifies")
    func gone() throws {
        let hub = try SmallHub()
        _ = try hub.fill(60)
        // More than a page, so that it stands on pages of its own.
        #expect(try hub.verify().findings == [])
        #expect(try files(hub).range(of: Data("An invented van".utf8)) != nil)
        // The hub's own reader is no obstacle between its reads.
        let reader = try hub.log.reader()
        _ = try reader.head()
        let erased = try purge(hub, on: 400).reduce(0, +)
        #expect(erased == 48)
        #expect(try files(hub).range(of: Data("An invented van".utf8)) == nil)
        let report = try hub.verify()
        #expect(report.findings == [])
        #expect((report.erased, report.sealed) == (48, 48))
        let record = try #require(try reader.record(at: 3))
        #expect(record.signed.payload.isEmpty)
        #expect(record.erased?.count == 32)
        #expect(!record.signed.header.isEmpty)
        #expect(!record.signed.signature.isEmpty)
        // The log goes on, over the purge.
        _ = try hub.fill(5)
        #expect(try hub.verify().findings == [])
        #expect(try purge(hub, on: 400) == [2, 2, 0])
    }

    private func files(_ hub: SmallHub) throws -> Data {
        var all = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: hub.directory) {
            all += try Data(contentsOf: URL(fileURLWithPath: hub.directory + "/" + name))
        }
        return all
    }

    @Test("a copy made while alerts are erased has nothing of them")
    func copy() throws {
        let hub = try SmallHub()
        _ = try hub.fill(60)
        let copy = try hub.log.backup(to: hub.directory + "/copy.db")
        _ = try purge(hub, on: 400)
        while try copy.step() {}
        _ = try copy.place()
        copy.close()
        let report = try Verify.log(SQLiteBackend(backup: hub.directory + "/copy.db"), hub.keyring)
        #expect(report.findings == [])
        #expect(report.erased == 48)
    }

    @Test("the running hub erases by itself; readers get what remains, and find what was erased too early")
    func running() async throws {
        try await withTestbed { testbed in
            let hub = try testbed.hub(extra: "[retention]\nexercise = \"0s\"")
            let post = try await testbed.post("koh-kong", hub)
            let analyst = try await testbed.analyst("analyst", hub, read: ["all"])
            try await hub.start()
            try await post.start()
            let drafts = [
                SampleDrafts.drafts(1)[0],
                SampleDrafts.drafts(1)[0].replacing("{\"kind\"", with: "{\"status\":\"Test\",\"kind\""),
            ]
            try await post.publish(drafts, ["--wait", "100s"]).expect(0, "publish")
            let id = try #require(
                try await analyst.run("tail", ["--no-follow", "--format", "json"]).output.last?
                    .firstMatch(of: #/"id":"([^"]*)"/#)?.output.1)
            // As if the second one had ended long ago, which its header denies.
            try await hub.stop()
            try await testbed.shell(
                "sqlite3 \(hub.database) \"INSERT INTO retention VALUES (2, 0, 2); UPDATE meta SET value = 2 WHERE name = 'judged'\""
            ).expect(0, "sqlite3")
            try await hub.start()
            try await hub.process?.wait(for: "erased") {
                $0.talk.contains { $0.contains("erased the content of 1") } ? () : nil
            }
            let lines = try await analyst.run("tail", ["--no-follow", "--format", "json"]).output
            #expect(lines.count == 2)
            #expect(
                lines.last?.contains(#""verified":true,"state":"active","alert":null,"erased":true}"#)
                    == true,
                "\(lines)")
            let text = try await analyst.run("show", [String(id)]).output
            #expect(text.joined().contains("erased; the alert ends"), "\(text)")
            #expect(
                try await analyst.run("tail", ["--no-follow", "--min-severity", "Unknown"]).output.joined()
                    .contains("erased") == false)
            let verified = try await analyst.run("verify")
            #expect(verified.output.last?.contains("2 seals verify, 1 erased") == true, "\(verified.output)")
            for account in [verified, try await hub.run("verify")] {
                #expect(account.status == 65)
                #expect(
                    account.output.contains {
                        $0.contains("offset 2: its content was erased before its time")
                    })
            }
        }
    }
}
