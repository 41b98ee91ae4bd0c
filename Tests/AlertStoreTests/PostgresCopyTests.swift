import Alerts
import Foundation
import PostgreSQL
import PostgresLog
import PostgresServer
import Testing

@testable import AlertStore

@Suite("From a file into PostgreSQL", .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
struct PostgresCopyTests {
    let directory: Directory
    let database: TestDatabase

    init() throws {
        directory = try Directory()
        database = try #require(PostgresServer.shared).database()
    }

    /// A log in a file with something of all that a log has, whose hub has stopped.
    private func filled(_ count: Int) throws -> SQLiteBackend {
        let backend = SQLiteBackend(backup: directory.file("alerts.db"))
        let writer = try backend.writer()
        var script = Script()
        var records: [Record] = []
        for index in 0..<count {
            let post = index % 3 == 0 ? "prey-veng" : "koh-kong"
            let references: [UInt64] = index % 5 == 4 ? [1] : []
            var record = script.record(from: post, on: [UInt32(index % 7 + 1)], references: references)
            record.chains = [UInt8](repeating: UInt8(index % 250), count: 32)
            records.append(record)
        }
        var batch = script.batch(records)
        batch.positions.insert(Position(post: "koh-kong", epoch: .max, through: 4), at: 0)
        batch.refusals = [refusal(1, epoch: .max), refusal(9)]
        batch.receipts = [Receipt(identity: "watch", topic: 1, ranges: [1, 2])]
        batch.duty = [DutyChange(from: 1, identity: "watch", duty: ["koh-kong"])]
        batch.progress = [AlertProgress(offset: 1, seen: Timestamp(milliseconds: 5))]
        batch.escalations = [
            EscalationRow(number: 1, offset: 1, reason: "unseen", at: Timestamp(milliseconds: 9))
        ]
        batch.outages = [Outage(from: Timestamp(milliseconds: 1), until: Timestamp(milliseconds: 2))]
        try writer.commit(batch)
        try writer.close()
        let eraser = try backend.eraser()
        try eraser.erase(
            [2, 600].map { offset in
                (
                    RetentionEntry(offset: offset, retention: .movement, expires: Timestamp(milliseconds: 1)),
                    [UInt8](repeating: 7, count: 32)
                )
            })
        try eraser.close()
        let audit = try backend.audit()
        try audit.append((0..<3).map { _ in AuditEvent(identity: "watch", action: .find, subject: "x") })
        try audit.close()
        return backend
    }

    @Test("an interrupted copy goes on, and then all is as it was in the file; no hub can begin before")
    func copy() throws {
        let source = try filled(1_700)
        let backend = PostgresBackend(database.place())
        do {
            let copy = try backend.restore(from: source.location)
            #expect(try copy.step() && copy.step())
            #expect(copy.copied == 1_000)
            #expect(cause { _ = try backend.writer() } == .locked)
            copy.close()
        }
        let copy = try backend.restore(from: source.location)
        #expect(copy.copied == 1_000)
        while try copy.step() {}
        #expect((copy.copied, copy.head) == (1_700, 1_700))
        let (before, after) = (try source.inspector(), try copy.inspector())
        let (old, new) = (try before.outline(), try after.outline())
        #expect(
            (old.log, old.head, old.refused, old.refusalsKept) == (
                new.log, new.head, new.refused, new.refusalsKept
            ))
        #expect(old.topics == new.topics)
        #expect(Set(old.positions.map(\.stream)) == Set(new.positions.map(\.stream)))
        let all = try before.rows(after: 0, through: .max, limit: 2_000)
        #expect(all.records.count == 1_700 && all.records[1].erased != nil)
        #expect(try after.rows(after: 0, through: .max, limit: 2_000) == all)
        #expect(try copy.place() > 0)
        copy.close()
        try backend.restoreAudit(from: source.auditLocation)
        #expect(try backend.isAuditMade())
        let (file, reader) = (try source.reader(), try backend.reader())
        #expect(try reader.receipts() == file.receipts())
        #expect(try reader.duty() == file.duty())
        #expect(try reader.progress(after: 0, limit: 9) == file.progress(after: 0, limit: 9))
        #expect(try reader.escalations(limit: 9) == file.escalations(limit: 9))
        #expect(try reader.refusals(limit: 9) == file.refusals(limit: 9))
        #expect(try reader.thread(of: Script.id(1)) == file.thread(of: Script.id(1)))
        let (left, begun) = (try source.writer(), try backend.writer())
        #expect(try begun.load() == left.load())
        // It is a log now.
        #expect(cause { _ = try backend.restore(from: source.location) } == .outOfOrder)
    }

    @Test("what was copied before is not continued with another log, nor does a copy replace one")
    func other() throws {
        let source = try filled(700)
        let backend = PostgresBackend(database.place())
        let copy = try backend.restore(from: source.location)
        #expect(try copy.step())
        copy.close()
        let second = SQLiteBackend(backup: directory.file("other.db"))
        try second.writer().close()
        #expect(cause { _ = try backend.restore(from: second.location) } == .outOfOrder)
    }
}
