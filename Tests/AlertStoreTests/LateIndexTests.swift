import SQLite
import Testing

@testable import AlertStore

@Suite("What follows the log late")
struct LateIndexTests {
    let directory: Directory
    var path: String { directory.file("log.db") }

    init() throws {
        directory = try Directory()
    }

    @Test("no more ids wait to be indexed than are kept in the hub's memory")
    func unindexed() {
        // What waits at most, the batch that fills the measure, and one beside it that is gathered meanwhile.
        #expect(LateIndexes.stride + 2 * 512 <= StoreLimits.unindexedIDs)
    }

    @Test(
        "between commits the oldest are indexed a bite at a time, and readers find the same before and after")
    func bites() throws {
        let writer = try SQLiteWriter(path: path, indexStride: 100, indexBite: 3)
        let reader = try SQLiteReader(path: path)
        var script = Script()
        for index in 0..<8 {
            try writer.commit(script.batch([script.record(on: [1])], known: index == 0 ? [] : [1]))
        }
        let before = try reader.page(after: 0, topics: [1], limit: 9, bytes: .max)
        var indexed: [UInt64] = []
        for _ in 0..<4 {
            try writer.maintain(.zero)
            indexed.append(try reader.connection.indexed())
            #expect(try reader.page(after: 0, topics: [1], limit: 9, bytes: .max) == before)
        }
        #expect(indexed == [3, 6, 6, 6], "two alerts are no bite")
        try writer.commit(script.batch([script.record(on: [1])], known: [1]))
        try writer.maintain(.zero)
        #expect(try reader.connection.number("SELECT count(*) FROM ids") == 9)
        #expect(try reader.connection.number("SELECT count(*) FROM deliveries") == 9)
        try writer.close()
        #expect(try SQLiteWriter(path: path).load().offset == 9)
    }

    @Test(
        "how far a post has come is known again, whether its last alerts were stored, refused or not indexed yet"
    )
    func positions() throws {
        var script = Script()
        // Each session ends without a close, as in a crash.
        func session(_ records: Int, refused: UInt64? = nil, through: UInt64) throws {
            let writer = try SQLiteWriter(path: path)
            let known: Set<UInt32> = try writer.load().offset == 0 ? [] : [1]
            var batch = script.batch((0..<records).map { _ in script.record() }, known: known)
            batch.refusals = refused.map { [refusal($0, epoch: script.epoch)] } ?? []
            script.sequences["koh-kong"] = through
            batch.positions = [Position(post: "koh-kong", epoch: script.epoch, through: through)]
            try writer.commit(batch)
            #expect(try writer.load().positions.map(\.through) == [through])
        }
        func known() throws -> [UInt64] { try SQLiteWriter(path: path).load().positions.map(\.through) }
        try session(2, through: 2)
        #expect(try known() == [2])
        try session(1, through: 3)
        #expect(try known() == [3])
        try session(0, refused: 4, through: 4)
        #expect(try known() == [4])
        try session(1, refused: 6, through: 6)
        #expect(try known() == [6])
        script.epoch = 8
        script.sequences = [:]
        try session(1, through: 1)
        try session(1, through: 2)
        let writer = try SQLiteWriter(path: path)
        #expect(try writer.load().positions == [Position(post: "koh-kong", epoch: 8, through: 2)])
        #expect(try writer.load().former == [Position(post: "koh-kong", epoch: 7, through: 6)])
        let reader = try SQLiteReader(path: path)
        #expect(try reader.outline().positions.map(\.through) == [6, 2])
        #expect(try reader.connection.number("SELECT through FROM positions WHERE epoch = 8") == 1)
        try writer.close()
        #expect(try reader.connection.number("SELECT through FROM positions WHERE epoch = 8") == 2)
        #expect(try reader.connection.indexed() == reader.head())
    }

    @Test("a commit of one alert writes one page")
    func pages() throws {
        let writer = try SQLiteWriter(path: path)
        var script = Script()
        try writer.commit(script.batch([script.record(on: [1, 2])]))
        let before = writer.connection.walPages
        for _ in 0..<9 { try writer.commit(script.batch([script.record(on: [1, 2])], known: [1, 2])) }
        #expect(writer.connection.walPages - before == 9)
    }
}
