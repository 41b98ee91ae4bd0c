import Alerts
import AlertStore
import Dispatch
import Foundation
import Platform
import PostgreSQL
import PostgresLog
import PostgresServer
import Testing

/// What is erased is in no file of the database, but for its write-ahead log.
@Suite("Erasure in PostgreSQL", .enabled(if: PostgresServer.shared != nil, "PostgreSQL can't run here"))
struct PostgresErasureTests {
    let database: TestDatabase
    init() throws {
        database = try #require(PostgresServer.shared).database()
    }

    private func marker(_ offset: UInt64) -> String { "secret-of-\(database.name)-\(offset)-end" }

    /// A log whose alerts end when told, each with a content that can be found in files.
    private func filled(_ count: Int, expires: Int64) throws -> (PostgresBackend, any AlertEraser) {
        var place = database.place()
        place.retention = {
            RetentionEntry(offset: $0.offset, retention: .movement, expires: Timestamp(milliseconds: expires))
        }
        let backend = PostgresBackend(place)
        // Makes the partitions.
        let eraser = try backend.eraser()
        let writer = try backend.writer()
        var script = Script()
        var records = (0..<count).map { _ in script.record() }
        for index in records.indices {
            records[index].signed.payload = Array(marker(records[index].offset).utf8)
        }
        var batch = script.batch(records)
        batch.identifiers = records.compactMap { record in
            Identifier(plate: "2AB-\(record.offset + 1_000)", of: .van).map {
                IdentifierEntry(offset: record.offset, identifier: $0)
            }
        }
        try writer.commit(batch)
        try writer.close()
        return (backend, eraser)
    }

    /// Whether any of the database's files, but the write-ahead log, has the text.
    private func isInFiles(_ text: String) throws -> Bool {
        try database.connect().execute("CHECKPOINT")
        let base = database.server.directory + "/data/base"
        let wanted = Data(text.utf8)
        for name in try FileManager.default.subpathsOfDirectory(atPath: base) {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: base + "/" + name)) else { continue }
            if data.range(of: wanted) != nil { return true }
        }
        return false
    }

    private func entry(_ offset: UInt64, _ expires: Int64) -> RetentionEntry {
        RetentionEntry(offset: offset, retention: .movement, expires: Timestamp(milliseconds: expires))
    }

    @Test("once all of a month is erased its partition is dropped, and the bytes are gone")
    func dropped() throws {
        let expires = wallClockMilliseconds() + 1
        let (backend, eraser) = try filled(50, expires: expires)
        #expect(try isInFiles(marker(7)))
        let moment = Timestamp(milliseconds: expires + 1)
        let due = try eraser.due(.movement, expiredBefore: moment, limit: 99)
        #expect(due.count == 50)
        try eraser.erase(due.prefix(49).map { ($0, [7]) })
        // As if its month were over.
        try database.execute(
            "UPDATE borderwire.content_partitions SET until = 1 WHERE class = 0 AND since <= \(expires) AND until > \(expires)"
        )
        let partitions = try count("SELECT count(*) FROM borderwire.content_partitions")
        #expect(try eraser.forget())
        #expect(
            try count("SELECT count(*) FROM borderwire.content_partitions") == partitions, "one is left in it"
        )
        #expect(try backend.reader().record(at: 7)?.erased == [7])
        #expect(try backend.reader().record(at: 50)?.signed.payload == Array(marker(50).utf8))
        try eraser.erase(due.suffix(1).map { ($0, [7]) })
        #expect(try eraser.forget())
        #expect(try count("SELECT count(*) FROM borderwire.content_partitions") == partitions - 1)
        for offset: UInt64 in [1, 7, 50] { #expect(try !isInFiles(marker(offset))) }
    }

    @Test("what is erased before its time leaves the file, and what is beside it stays")
    func rewritten() throws {
        let expires = wallClockMilliseconds() + 60_000
        let (backend, eraser) = try filled(50, expires: expires)
        try eraser.erase([(entry(7, expires), [7]), (entry(9, expires), [9])])
        #expect(try isInFiles(marker(7)), "the row is deleted, the bytes are not gone yet")
        #expect(try eraser.forget())
        #expect(try !isInFiles(marker(7)))
        #expect(try !isInFiles(marker(9)))
        #expect(try isInFiles(marker(8)))
        let reader = try backend.reader()
        #expect(try reader.record(at: 7)?.erased == [7])
        #expect(try reader.record(at: 8)?.signed.payload == Array(marker(8).utf8))
        let plate = try #require(Identifier(plate: "2AB-1008", of: .van))
        #expect(try reader.alerts(with: [plate], limit: 9).entries.map(\.offset) == [8])
        // The partition is one like any other again.
        let writer = try backend.writer()
        #expect(try writer.load().offset == 50)
        try eraser.erase([(entry(8, expires), [8])])
        #expect(try eraser.forget())
        #expect(try !isInFiles(marker(8)))
        #expect(try isInFiles(marker(10)))
    }

    @Test("an alert that ends later than partitions are made for is in the rest, and leaves that too")
    func rest() throws {
        let expires = wallClockMilliseconds() + 300 * 86_400_000
        let (backend, eraser) = try filled(3, expires: expires)
        #expect(try count("SELECT count(*) FROM borderwire_contents.contents_rest") == 3)
        #expect(try backend.reader().record(at: 2)?.signed.payload == Array(marker(2).utf8))
        try eraser.erase([(entry(2, expires), [2])])
        #expect(try eraser.forget())
        #expect(try !isInFiles(marker(2)))
        #expect(try backend.reader().record(at: 3)?.signed.payload == Array(marker(3).utf8))
    }

    @Test("hubs that open a new log at once make each partition once")
    func together() throws {
        let (place, failures) = (database.place(), CommitOutcome())
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let failure = cause { try PostgresBackend(place).eraser().close() }
            if failure != nil { failures.set(failure) }
        }
        #expect(failures.cause == nil)
        #expect(try count("SELECT count(*) FROM borderwire.content_partitions") >= 10)
    }

    private func count(_ sql: String) throws -> Int64 {
        try database.connect().query(sql).first?.integer(0) ?? 0
    }
}
