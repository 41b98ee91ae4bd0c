import AlertStore
import Alerts
import Testing

@Suite("Every store erases, and keeps the contract")
struct RetentionContractTests {
    private func entry(
        _ offset: UInt64, _ expires: Int64, _ retention: RetentionClass = .movement
    ) -> RetentionEntry {
        RetentionEntry(offset: offset, retention: retention, expires: Timestamp(milliseconds: expires))
    }

    /// A log with five alerts of different sizes, and who erases in it.
    private func filled(_ backend: Backend) throws -> (Log, any AlertEraser, [Record]) {
        let log = try Log(backend)
        var script = Script()
        let records = (1...5).map { script.record(size: 10 * $0) }
        try log.writer.commit(script.batch(records))
        return (log, try log.backend.eraser(), records)
    }

    @Test(
        "each alert is looked at once, page after page, and then it is known when it ends",
        arguments: Backend.stores)
    func judging(backend: Backend) throws {
        let (_, eraser, records) = try filled(backend)
        #expect(try eraser.judged() == 0)
        var seen: [Record] = []
        while true {
            let judged = try eraser.judged()
            let page = try eraser.unjudged(after: judged, limit: 2)
            guard page.through > judged else { break }
            seen += page.records
            try eraser.note(page.records.map { entry($0.offset, 100) }, through: page.through)
        }
        #expect(seen == records)
        #expect(try eraser.judged() == 5)
        // Noted twice it is due once.
        try eraser.note([entry(5, 100)], through: 5)
        #expect(try eraser.due(.movement, expiredBefore: Timestamp(milliseconds: 101), limit: 9).count == 5)
    }

    @Test(
        "what is due is of its class and expired before the moment, the first of it first",
        arguments: Backend.stores)
    func due(backend: Backend) throws {
        let (_, eraser, _) = try filled(backend)
        let entries = [entry(1, 300), entry(2, 100), entry(3, 200, .suspect), entry(4, 200), entry(5, 400)]
        try eraser.note(entries, through: 5)
        let moment = Timestamp(milliseconds: 400)
        #expect(
            try eraser.due(.movement, expiredBefore: moment, limit: 9) == [
                entries[1], entries[3], entries[0],
            ])
        #expect(try eraser.due(.movement, expiredBefore: moment, limit: 1) == [entries[1]])
        #expect(try eraser.due(.suspect, expiredBefore: moment, limit: 9) == [entries[2]])
        #expect(try eraser.due(.practice, expiredBefore: moment, limit: 9).isEmpty)
        let extent = try eraser.extent(.movement, expiredBefore: moment)
        #expect((extent.alerts, extent.bytes) == (3, 70))
        let none = try eraser.extent(.practice, expiredBefore: moment)
        #expect((none.alerts, none.bytes) == (0, 0))
    }

    @Test(
        "an erased alert has its place, header, seal and hash, its digest instead of content, and is due no more",
        arguments: Backend.stores)
    func erasing(backend: Backend) throws {
        let (log, eraser, records) = try filled(backend)
        let entries = (1...5).map { entry(UInt64($0), 100) }
        try eraser.note(entries, through: 5)
        let digest = [UInt8](repeating: 7, count: 32)
        try eraser.erase([(entries[1], digest), (entries[3], digest)])
        // Again changes nothing, also with another digest.
        try eraser.erase([(entries[1], [])])
        #expect(try eraser.forget())
        var expected = records[1]
        expected.signed.payload = []
        expected.erased = digest
        #expect(try log.reader.record(at: 2) == expected)
        #expect(try eraser.record(at: 2) == expected)
        #expect(try log.reader.record(at: 3) == records[2])
        let moment = Timestamp(milliseconds: 101)
        #expect(
            try eraser.due(.movement, expiredBefore: moment, limit: 9) == [
                entries[0], entries[2], entries[4],
            ])
        let left = try eraser.unjudged(after: 0, limit: 9)
        #expect((left.records.map(\.offset), left.through) == ([1, 3, 5], 5))
        #expect(try log.backend.inspector().rows(after: 0, through: .max, limit: 9).records.count == 5)
    }

    @Test("an alert is found by its id to be erased, before and after", arguments: Backend.stores)
    func finding(backend: Backend) throws {
        let (_, eraser, records) = try filled(backend)
        #expect(try eraser.offsets(of: records[2].alert) == [3])
        try eraser.erase([(entry(3, 100), [1])])
        #expect(try eraser.offsets(of: records[2].alert) == [3])
        #expect(try eraser.offsets(of: Script.id(99)).isEmpty)
        #expect(try eraser.record(at: 99) == nil)
    }

    @Test("the writer goes on while alerts are erased", arguments: Backend.stores)
    func besideTheWriter(backend: Backend) throws {
        let log = try Log(backend)
        let eraser = try log.backend.eraser()
        var script = Script()
        for offset in UInt64(1)...9 {
            try log.writer.commit(script.batch([script.record()], known: offset == 1 ? [] : [1]))
            try eraser.note([entry(offset, 100)], through: offset)
            try eraser.erase([(entry(offset, 100), [1])])
        }
        #expect(try log.reader.bytes(after: 8) == ["koh-kong": 72])
        #expect(try log.writer.load().offset == 9)
    }
}
