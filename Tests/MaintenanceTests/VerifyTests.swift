import Alerts
import AlertStore
import Foundation
import Identity
import LogProof
import Platform
import SQLite
import Settings
import Testing

@testable import AlertHub

@Suite struct VerifyTests {
    @Test("a log that nobody touched is sound: every seal, every number, every index")
    func sound() throws {
        let hub = try SmallHub()
        let first = try hub.fill(25)
        try hub.take([try hub.alert(references: [first[0], first[2]])])
        let report = try hub.verify()
        #expect(report.findings == [])
        // 25 alerts of which 5 were refused, and the update.
        #expect((report.from, report.through, report.alerts, report.sealed) == (1, 21, 21, 21))
    }

    @Test("an empty log is sound")
    func empty() throws {
        let hub = try SmallHub()
        #expect(try hub.verify().findings == [])
    }

    @Test(
        "the first bad offset is named, whatever was done to it",
        arguments: [
            ("UPDATE alerts SET payload = replace(cast(payload as text), 'van', 'car')::", 5, "hash"),
            ("UPDATE alerts SET received = received + 1 WHERE offset = 5", 5, "hash"),
            ("UPDATE alerts SET signature = zeroblob(64) WHERE offset = 5", 5, "hash"),
            ("UPDATE alerts SET deliveries = x'0105' WHERE offset = 5", 5, "hash"),
            ("UPDATE alerts SET deliveries = x'ff' WHERE offset = 5", 5, "damaged"),
            ("UPDATE alerts SET hash = zeroblob(32) WHERE offset = 5", 5, "hash"),
            ("UPDATE alerts SET chains = zeroblob(32) WHERE offset = 5", 5, "chain"),
            ("UPDATE alerts SET id = zeroblob(16) WHERE offset = 5", 5, "ids of its header"),
            (
                "UPDATE alerts SET position = 3 - position, sequence = 900 WHERE offset = 5", 5,
                "columns do not name"
            ),
            ("UPDATE alerts SET position = 77 WHERE offset = 5", 5, "position 77 is gone"),
            ("DELETE FROM alerts WHERE offset = 5", 5, "missing"),
            ("DELETE FROM alerts WHERE offset = 1", 1, "missing"),
            ("DELETE FROM alerts WHERE offset BETWEEN 5 AND 9", 5, "missing: the next row is offset 10"),
            (
                "UPDATE alerts SET offset = 99 WHERE offset = 5; UPDATE alerts SET offset = 5 WHERE offset = 6;"
                    + "UPDATE alerts SET offset = 6 WHERE offset = 99", 5, "hash"
            ),
            (
                "INSERT INTO alerts SELECT 17, position, sequence + 1, received, id, deliveries, refers, hash, chains, signature,"
                    + " header, payload, NULL FROM alerts WHERE offset = 16", 17, "hash"
            ),
            ("UPDATE alerts SET erased = zeroblob(32), payload = zeroblob(0) WHERE offset = 5", 5, "hash"),
        ] as [(String, UInt64, String)])
    func tampering(sql: String, offset: UInt64, words: String) throws {
        let hub = try SmallHub()
        _ = try hub.fill(20)
        let sql = sql.replacingOccurrences(
            of: "replace(cast(payload as text), 'van', 'car')::",
            with: "cast(replace(cast(payload as text), 'van', 'car') as blob) WHERE offset = 5")
        try hub.tamper(sql)
        let finding = try #require(try hub.verify().findings.first { $0.offset != nil })
        #expect(finding.offset == offset)
        #expect(finding.problem.contains(words), "\(finding.problem)")
    }

    @Test("the last alert can't be cut off: its post's position gives it away")
    func cutOff() throws {
        let hub = try SmallHub()
        _ = try hub.fill(19)
        try hub.store.close()
        try hub.tamper("DELETE FROM alerts WHERE offset = (SELECT max(offset) FROM alerts)")
        let findings = try hub.verify().findings
        #expect(findings.contains { $0.problem.contains("neither stored nor refused") }, "\(findings)")
    }

    @Test("a chain made anew over a changed alert is given away by its seal")
    func remade() throws {
        let hub = try SmallHub()
        _ = try hub.fill(10)
        let reader = try hub.log.inspector()
        var rows = try reader.rows(after: 0, through: .max, limit: 100).records
        rows[4].signed.payload[rows[4].signed.payload.count / 2] ^= 1
        try hub.rewrite(&rows, from: 4)
        let finding = try #require(try hub.verify().findings.first)
        #expect(finding.offset == 5)
        #expect(finding.problem.contains("the seal of"))
    }

    @Test("a range is checked from the record before it on, and a fault outside of it is not seen")
    func range() throws {
        let hub = try SmallHub()
        _ = try hub.fill(20)
        try hub.tamper("UPDATE alerts SET received = received + 1 WHERE offset = 5")
        let later = try hub.verify(from: 6)
        #expect(later.findings == [])
        #expect((later.from, later.through, later.alerts) == (6, 16, 11))
        #expect(try hub.verify(through: 4).findings == [])
        #expect(try hub.verify(from: 5, through: 9).findings.first?.offset == 5)
        #expect(try hub.verify(from: 100).alerts == 0)
    }

    @Test(
        "the late indexes are compared with the log, entry by entry",
        arguments: [
            "DELETE FROM deliveries WHERE offset = 3", "UPDATE deliveries SET sequence = 9 WHERE offset = 3",
            "INSERT INTO deliveries VALUES (1, 900, 1)", "INSERT INTO deliveries VALUES (9, 3, 1)",
            "DELETE FROM ids WHERE offset = 3", "UPDATE ids SET id = zeroblob(16) WHERE offset = 3",
            "INSERT INTO ids VALUES (zeroblob(16), 3)", "DELETE FROM sequences WHERE offset = 3",
            "UPDATE sequences SET offset = 4 WHERE offset = 3", "INSERT INTO sequences VALUES (1, 900, 3)",
        ])
    func index(sql: String) throws {
        let hub = try SmallHub()
        _ = try hub.fill(20)
        try hub.store.close()
        let connection = try Connection(path: hub.path, mode: .read, busyTimeout: .seconds(5))
        #expect(try connection.number("SELECT value FROM meta WHERE name = 'indexed'") == 16)
        #expect(try hub.verify().findings == [])
        try hub.tamper(sql)
        #expect(
            try hub.verify().findings.contains {
                $0.problem.contains("index") || $0.problem.contains("can't be found")
            })
    }

    @Test("alerts of a post whose key is gone are counted, not judged")
    func withoutKey() throws {
        let hub = try SmallHub()
        _ = try hub.fill(10)
        let report = try Verify.log(hub.log, PublicKeyring([hub.posts[0].publicKeys]))
        #expect(report.findings == [])
        #expect(report.withoutKey == ["prey-veng": 4])
        #expect(report.sealed == 4)
    }

    @Test("a file that SQLite finds damaged is reported with SQLite's words")
    func damaged() throws {
        let hub = try SmallHub()
        _ = try hub.fill(20)
        // An index that disagrees with its table.
        try hub.tamper(
            "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql ="
                + " 'CREATE INDEX refusals_by_sequence ON refusals (reason)' WHERE name = 'refusals_by_sequence'"
        )
        #expect(try hub.verify().findings.contains { $0.offset == nil && $0.problem.contains("SQLite:") })
    }
}
