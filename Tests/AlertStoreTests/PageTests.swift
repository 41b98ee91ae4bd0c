import Alerts
import Dispatch
import MemoryStore
import Seeded
import Synchronization
import Testing

@testable import AlertStore

@Suite("Pages of the log")
struct PageTests {
    @Test("a page ends at its limits and speaks for what it looked at", arguments: Backend.allCases)
    func limits(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = (1...20).map { script.record(on: [$0 % 5 == 0 ? 2 : 1], size: 1_000) }
        try log.writer.commit(script.batch(records))
        func page(_ after: UInt64, _ topics: Set<UInt32>, _ limit: Int, _ bytes: Int) throws -> (
            [UInt64], UInt64
        ) {
            let page = try log.reader.page(after: after, topics: topics, limit: limit, bytes: bytes)
            return (page.records.map(\.offset), page.through)
        }
        #expect(try page(0, [2], 10, .max) == ([5, 10, 15, 20], 20))
        #expect(try page(0, [2], 3, .max) == ([5, 10, 15], 15))
        #expect(try page(5, [2], 1, .max) == ([10], 10))
        #expect(try page(16, [1], 100, .max) == ([17, 18, 19], 20))
        #expect(try page(0, [1, 2], 100, 1) == ([1], 1), "a page of too few bytes still has one record")
        #expect(try page(0, [1, 2], 100, 2_000) == ([1, 2], 2), "header and signature count too")
        #expect(try page(0, [2], 100, 2_000) == ([5, 10], 10))
        #expect(try page(0, [], 100, .max) == ([], 20))
        #expect(try page(0, [99], 100, .max) == ([], 20))
        #expect(try page(20, [1, 2], 100, .max) == ([], 20))
        #expect(try page(1_000, [1, 2], 100, .max) == ([], 1_000))
        #expect(try page(.max, [1, 2], 100, .max) == ([], .max))
        #expect(try page(0, [1], 0, .max) == ([1], 1), "a limit below 1 is 1")
    }

    /// A log where topics are of very different weight, as provinces are.
    static func filled(_ writer: any AlertWriter, count: Int, topics: UInt32, seed: UInt64) throws -> [Record]
    {
        var random = SeededRandom(seed: seed)
        var script = Script()
        var known: Set<UInt32> = []
        var all: [Record] = []
        while all.count < count {
            var records: [Record] = []
            for _ in 0..<Int.random(in: 1...64, using: &random) {
                let heavy = UInt32.random(in: 1...topics, using: &random)
                let on = Set(
                    (0..<Int.random(in: 0...3, using: &random)).map { _ in
                        min(heavy, UInt32.random(in: 1...topics, using: &random))
                    })
                records.append(
                    script.record(
                        from: Bool.random(using: &random) ? "koh-kong" : "prey-veng", on: on.sorted(),
                        size: Int.random(in: 0...200, using: &random)))
            }
            try writer.commit(script.batch(records, known: known))
            known.formUnion(records.flatMap(\.deliveries).map(\.topic))
            all += records
        }
        return all
    }

    @Test(
        "merging and scanning give the page that a plain loop over the log gives",
        arguments: [1, 2, 3] as [UInt64])
    func strategies(seed: UInt64) throws {
        let directory = try Directory()
        let writer = try SQLiteWriter(path: directory.file("log.db"), indexStride: 700)
        let reader = try SQLiteReader(path: directory.file("log.db"))
        let memory = MemoryLog()
        let records = try PageTests.filled(writer, count: 1_500, topics: 200, seed: seed)
        _ = try PageTests.filled(MemoryStore(memory), count: 1_500, topics: 200, seed: seed)
        let model = MemoryReader(memory)
        let indexed = try reader.connection.indexed()
        #expect(indexed > 0 && indexed < UInt64(records.count), "both the index and what it lacks are read")
        var random = SeededRandom(seed: seed + 100)
        for _ in 0..<200 {
            let topics = Set(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    UInt32.random(in: 1...210, using: &random)
                })
            let after = UInt64.random(in: 0..<UInt64(records.count), using: &random)
            let limit = Int.random(in: 1...300, using: &random)
            let bytes = Int.random(in: 1...60_000, using: &random)
            let expected = try model.page(after: after, topics: topics, limit: limit, bytes: bytes)
            for strategy in [SQLiteReader.Strategy.merge, .scan] {
                let page = try reader.page(
                    strategy, after: after, topics: topics, limit: limit, bytes: bytes,
                    head: UInt64(records.count))
                #expect(page == expected, "\(strategy) after \(after), \(topics.count) topics")
            }
            #expect(try reader.page(after: after, topics: topics, limit: limit, bytes: bytes) == expected)
        }
    }

    @Test("page after page gives every matching record once, on 200 topics", arguments: Backend.allCases)
    func walk(backend: Backend) throws {
        let log = try Log(backend)
        let records = try PageTests.filled(log.writer, count: 2_000, topics: 200, seed: 5)
        for topics: Set<UInt32> in [[1], [150, 199], Set(1...200)] {
            var after: UInt64 = 0
            var walked: [Record] = []
            while true {
                let page = try log.reader.page(after: after, topics: topics, limit: 77, bytes: 5_000)
                walked += page.records
                if page.through == after { break }
                after = page.through
            }
            #expect(after == UInt64(records.count))
            #expect(walked == records.filter { $0.deliveries.contains { topics.contains($0.topic) } })
        }
    }

    @Test("a reader beside a busy writer sees whole batches, every record once, in order")
    func beside() throws {
        let directory = try Directory()
        let path = directory.file("log.db")
        let batches = 150
        // Made before the threads start, and indexed every few batches, so that pages cross the index's moving end.
        let writer = Mutex(false)
        _ = try SQLiteWriter(path: path)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            do {
                if thread == 0 {
                    defer { writer.withLock { $0 = true } }
                    let store = try SQLiteWriter(path: path, indexStride: 50)
                    var script = Script()
                    var known: Set<UInt32> = []
                    for _ in 0..<batches {
                        let records = (0..<10).map { script.record(on: $0 == 3 ? [9] : [UInt32($0 % 3 + 1)]) }
                        try store.commit(script.batch(records, known: known))
                        known = [1, 2, 3, 9]
                    }
                } else {
                    let reader = try SQLiteReader(path: path)
                    var after: UInt64 = 0
                    var walked: [UInt64] = []
                    while true {
                        let ended = writer.withLock { $0 }
                        let page = try reader.page(after: after, topics: [9], limit: 7, bytes: .max)
                        #expect(page.records.count == 7 || page.through % 10 == 0, "a part of a batch shows")
                        walked += page.records.map(\.offset)
                        if ended, page.through == after { break }
                        after = page.through
                    }
                    #expect(walked == (0..<UInt64(batches)).map { $0 * 10 + 4 })
                }
            } catch {
                Issue.record("thread \(thread): \(error)")
            }
        }
    }

    @Test("a page with few matches is still a short read", arguments: Backend.allCases)
    func scanBound(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        var known: Set<UInt32> = []
        for part in 0..<7 {
            let records = (0..<10_000).map { _ in script.record(on: [part == 6 ? 2 : 1], size: 1) }
            try log.writer.commit(script.batch(records, known: known))
            known.formUnion([part == 6 ? 2 : 1])
        }
        let first = try log.reader.page(after: 0, topics: [2], limit: 10, bytes: .max)
        #expect(first.records.map(\.offset) == Array(60_001...60_010))
        let none = try log.reader.page(after: 0, topics: [3], limit: 10, bytes: .max)
        #expect(none == Page(records: [], through: UInt64(StoreLimits.recordsScanned)))
        #expect(
            try log.reader.page(after: none.through, topics: [3], limit: 10, bytes: .max).through == 70_000)
    }
}
