import Alerts
import MemoryStore
import SQLite
import Testing

@testable import AlertStore

@Suite("What comes of alerts, in every store")
struct ResponseContractTests {
    private func moment(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func batch(_ change: (inout Batch) -> Void) -> Batch {
        var batch = Batch()
        change(&batch)
        return batch
    }

    @Test(
        "a receipt takes the place of the one before, also in a batch without an alert",
        arguments: Backend.stores)
    func receipts(backend: Backend) throws {
        let log = try Log(backend)
        let first = Receipt(identity: "watch", topic: 1, ranges: [1, 2])
        let other = Receipt(identity: "watch", topic: 2, ranges: [])
        try log.writer.commit(batch { $0.receipts = [first, other] })
        let second = Receipt(identity: "watch", topic: 1, ranges: [1, 9])
        try log.writer.commit(batch { $0.receipts = [second] })
        let kept = try log.reader.receipts().sorted { $0.topic < $1.topic }
        #expect(kept == [second, other])
    }

    @Test(
        "who is on duty comes back in its order; of one offset the last word counts",
        arguments: Backend.stores)
    func duty(backend: Backend) throws {
        let log = try Log(backend)
        let changes = [
            DutyChange(from: 1, identity: "watch", duty: ["koh-kong"]),
            DutyChange(from: 7, identity: "night", duty: ["all/suspect", "koh-kong"]),
            DutyChange(from: 7, identity: "watch", duty: []),
        ]
        try log.writer.commit(batch { $0.duty = [changes[2], changes[1]] })
        try log.writer.commit(
            batch { $0.duty = [DutyChange(from: 1, identity: "watch", duty: ["pursat"]), changes[0]] })
        #expect(try log.reader.duty() == changes)
    }

    @Test(
        "an identity that is forgotten leaves no receipt and no duty, but for what the same batch says",
        arguments: Backend.stores)
    func forgotten(backend: Backend) throws {
        let log = try Log(backend)
        let other = Receipt(identity: "night", topic: 1, ranges: [3])
        let duty = DutyChange(from: 1, identity: "night", duty: ["pursat"])
        try log.writer.commit(
            batch {
                $0.receipts = [Receipt(identity: "watch", topic: 1, ranges: [1, 2]), other]
                $0.duty = [DutyChange(from: 1, identity: "watch", duty: ["koh-kong"]), duty]
            })
        let new = Receipt(identity: "watch", topic: 2, ranges: [7])
        try log.writer.commit(
            batch {
                $0.forgotten = ["watch", "nobody"]
                $0.receipts = [new]
            })
        #expect(try log.reader.receipts().sorted { $0.topic < $1.topic } == [other, new])
        #expect(try log.reader.duty() == [duty])
    }

    @Test("what came first of an alert stays, whatever comes later", arguments: Backend.stores)
    func progress(backend: Backend) throws {
        let log = try Log(backend)
        try log.writer.commit(
            batch {
                $0.progress = [
                    AlertProgress(offset: 3, seen: moment(30)),
                    AlertProgress(offset: 9, acknowledged: moment(90)),
                ]
            })
        try log.writer.commit(
            batch { $0.progress = [AlertProgress(offset: 3, seen: moment(31), sighted: moment(32))] })
        let third = AlertProgress(offset: 3, seen: moment(30), sighted: moment(32))
        let ninth = AlertProgress(offset: 9, acknowledged: moment(90))
        #expect(try log.reader.progress(after: 0, limit: 10) == [third, ninth])
        #expect(try log.reader.progress(after: 0, limit: 1) == [third])
        #expect(try log.reader.progress(after: 3, limit: 10) == [ninth])
    }

    @Test("a batch that does not continue the log leaves nothing of it", arguments: Backend.stores)
    func whole(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        _ = script.record()
        var bad = script.batch([script.record()])
        bad.receipts = [Receipt(identity: "watch", topic: 1, ranges: [1])]
        #expect(cause { try log.writer.commit(bad) } == .outOfOrder)
        #expect(try log.reader.receipts() == [])
    }

    @Test("outlines are alerts without their content, by offset", arguments: Backend.allCases)
    func outlines(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = [script.record(), script.record(from: "prey-veng", on: [2, 1]), script.record()]
        try log.writer.commit(script.batch(records))
        let outlines = records.map {
            AlertOutline(
                offset: $0.offset, post: $0.post, alert: $0.alert, header: $0.signed.header,
                deliveries: $0.deliveries)
        }
        #expect(try log.reader.outlines(after: 0, limit: 10) == outlines)
        #expect(try log.reader.outlines(after: 1, limit: 1) == [outlines[1]])
        #expect(try log.reader.outlines(after: 3, limit: 1) == [])
    }

    @Test("a log of a hub that knew nothing of it is read as empty, and takes it once it is written to")
    func older() throws {
        let directory = try Directory()
        let backend = SQLiteBackend(directory: directory.path)
        try backend.writer().close()
        let connection = try Connection(path: backend.location, mode: .readWrite, busyTimeout: .seconds(5))
        for table in ["receipts", "duty", "progress"] { try connection.execute("DROP TABLE \(table)") }
        try connection.close()
        let reader = try backend.reader()
        #expect(try reader.receipts() == [] && reader.duty() == [])
        #expect(try reader.progress(after: 0, limit: 10) == [])
        let copy = try backend.backup(to: directory.file("copy.db"))
        while try copy.step() {}
        copy.close()
        let writer = try backend.writer()
        let receipt = Receipt(identity: "watch", topic: 1, ranges: [1])
        try writer.commit(batch { $0.receipts = [receipt] })
        #expect(try reader.receipts() == [receipt])
    }

    @Test("a backup has all of it")
    func backup() throws {
        let log = try Log(.sqlite)
        let directory = try Directory()
        let receipt = Receipt(identity: "watch", topic: 1, ranges: [1])
        let change = DutyChange(from: 1, identity: "watch", duty: ["koh-kong"])
        let progress = AlertProgress(offset: 1, seen: moment(5))
        try log.writer.commit(
            batch {
                $0.receipts = [receipt]
                $0.duty = [change]
                $0.progress = [progress]
            })
        let copy = try log.backend.backup(to: directory.file("copy.db"))
        while try copy.step() {}
        _ = try copy.place()
        let reader = try SQLiteBackend(backup: directory.file("copy.db")).reader()
        #expect(try reader.receipts() == [receipt])
        #expect(try reader.duty() == [change])
        #expect(try reader.progress(after: 0, limit: 10) == [progress])
    }
}
