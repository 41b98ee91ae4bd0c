import Alerts
import SQLite
import Testing

@testable import AlertStore

extension Script {
    /// An alert whose payload says no more than its plate.
    fileprivate mutating func record(plate: String, on topics: [UInt32] = [1]) -> Record {
        var record = record(on: topics)
        record.signed.payload = Array(
            #"{"msgType":"Alert","movement":{"vehicle":{"type":"van","plate":"\#(plate)"}}}"#.utf8)
        return record
    }

    /// The same as a hub's batch has it.
    fileprivate func identified(_ records: [Record], known: Set<UInt32> = []) -> Batch {
        var batch = batch(records, known: known)
        for record in records {
            for identifier in Identifier.all(in: record.signed.payload) {
                batch.identifiers.append(IdentifierEntry(offset: record.offset, identifier: identifier))
            }
        }
        return batch
    }
}

private func plates(_ texts: String...) throws -> [Identifier] {
    try texts.map { try #require(Identifier(plate: $0, of: .van)) }
}

@Suite("Every store finds alerts by their identifiers, and keeps the contract")
struct IdentifierContractTests {
    @Test(
        "the newest first, each alert once for each identifier, and no more than were asked for",
        arguments: Backend.allCases)
    func found(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = ["2AB-0012", "2ab 0012", "1A-9999", "2AB0012"].map { script.record(plate: $0) }
        try log.writer.commit(script.identified(records))
        let wanted = try plates("2AB 0012")
        let all = try log.reader.alerts(with: wanted, limit: 9)
        #expect(all.entries.map(\.offset) == [4, 2, 1])
        #expect(!all.isCut && all.isComplete)
        let some = try log.reader.alerts(with: wanted, limit: 2)
        #expect(some.entries.map(\.offset) == [4, 2])
        #expect(some.isCut)
        #expect(try log.reader.alerts(with: try plates("2AB0012", "1A 9999"), limit: 9).entries.count == 4)
        #expect(try log.reader.alerts(with: try plates("3C-0001"), limit: 9).entries.isEmpty)
        #expect(try log.reader.alerts(with: [], limit: 9).entries.isEmpty)
    }

    @Test("with an alert's content its entries are gone", arguments: Backend.allCases)
    func erased(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        try log.writer.commit(
            script.identified([script.record(plate: "2AB-0012"), script.record(plate: "2AB-0012")]))
        let eraser = try log.backend.eraser()
        let entry = RetentionEntry(offset: 1, retention: .movement, expires: Timestamp(milliseconds: 1))
        try eraser.erase([(entry, [1, 2, 3])])
        #expect(try log.reader.alerts(with: try plates("2AB0012"), limit: 9).entries.map(\.offset) == [2])
    }
}

@Suite("The index of identifiers in a file")
struct IdentifierFileTests {
    let directory: Directory
    var path: String { directory.file("log.db") }

    init() throws {
        directory = try Directory()
    }

    private func entries(_ connection: Connection) throws -> Int64 {
        try connection.number("SELECT count(*) FROM identifiers")
    }

    @Test("content that was erased before it was indexed leaves nothing in the index, also after a crash")
    func erasedFirst() throws {
        var script = Script()
        let records = (0..<4).map { _ in script.record(plate: "2AB-0012") }
        do {
            let writer = try SQLiteWriter(path: path)
            try writer.commit(script.identified(records))
            let eraser = try SQLiteEraser(path: path)
            try eraser.erase([
                (RetentionEntry(offset: 2, retention: .movement, expires: .init(milliseconds: 1)), [1])
            ])
            try writer.close()
        }
        let reader = try SQLiteReader(path: path)
        #expect(try entries(reader.connection) == 3)
        #expect(
            try reader.alerts(with: try plates("2AB0012"), limit: 9).entries.map(\.offset) == [4, 3, 1])
        do {
            // Ends without a close, as in a crash.
            let writer = try SQLiteWriter(path: path)
            try writer.commit(script.identified([script.record(plate: "2AB-0012")], known: [1]))
        }
        try SQLiteWriter(path: path).close()
        #expect(try entries(reader.connection) == 4)
    }

    @Test("a log of an older hub is opened, and what it holds is indexed a bite at a time")
    func older() throws {
        var script = Script()
        let records = (0..<10).map { _ in script.record(plate: "2AB-0012") }
        do {
            let writer = try SQLiteWriter(path: path)
            try writer.commit(script.identified(records))
            try writer.close()
            let connection = try Connection(path: path, mode: .readWrite, busyTimeout: .seconds(1))
            try connection.execute(
                "DROP TABLE identifiers; DELETE FROM meta WHERE name = 'identified'")
            try connection.close()
        }
        let reader = try SQLiteReader(path: path)
        let wanted = try plates("2AB0012")
        let before = try reader.alerts(with: wanted, limit: 99)
        #expect(before.entries.isEmpty && !before.isComplete)
        let writer = try SQLiteWriter(path: path, indexBite: 4)
        try writer.commit(script.identified([script.record(plate: "2AB-0012")], known: [1]))
        try writer.maintain(.zero)
        let halfWay = try reader.alerts(with: wanted, limit: 99)
        #expect(halfWay.entries.map(\.offset) == [11, 4, 3, 2, 1])
        #expect(!halfWay.isComplete)
        try writer.maintain(.zero)
        try writer.maintain(.zero)
        let after = try reader.alerts(with: wanted, limit: 99)
        #expect(after.entries.count == 11 && after.isComplete)
        try writer.close()
        #expect(try entries(reader.connection) == 11)
        #expect(try reader.alerts(with: wanted, limit: 99).isComplete)
    }

    @Test("a copy has them, but for what is erased, and a check finds entries that outlive their content")
    func copied() throws {
        var script = Script()
        let writer = try SQLiteWriter(path: path, indexStride: 1)
        try writer.commit(
            script.identified([script.record(plate: "2AB-0012"), script.record(plate: "1A-9999")]))
        let copy = try SQLiteCopy(from: path, to: directory.file("copy.db"))
        while try copy.step() {}
        _ = try copy.place()
        copy.close()
        let reader = try SQLiteReader(path: directory.file("copy.db"))
        let found = try reader.alerts(with: try plates("2AB0012"), limit: 9)
        #expect(found.entries.map(\.offset) == [1] && found.isComplete)
        try writer.connection.execute(
            "UPDATE alerts SET payload = zeroblob(0), erased = zeroblob(32) WHERE offset = 1")
        let left = try SQLiteReader(path: path)
        let check = try left.consistency(from: 1, through: 2, head: 2)
        let record = try #require(try left.record(at: 1))
        #expect(
            try check.problems(of: record).contains(
                "its content is erased, and the index still has its identifiers"))
        let other = try #require(try left.record(at: 2))
        #expect(try check.problems(of: other).isEmpty)
    }
}
