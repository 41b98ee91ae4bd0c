import Alerts
import AlertStore
import Testing

@Suite("Every store keeps the contract")
struct ContractTests {
    @Test("an empty log starts at offset 0 and has an id", arguments: Backend.allCases)
    func emptyLog(backend: Backend) throws {
        let log = try Log(backend)
        let state = try log.writer.load()
        #expect(state.log != 0)
        #expect(state.offset == 0)
        #expect(state.hash == [UInt8](repeating: 0, count: 32))
        #expect(state.topics.isEmpty && state.positions.isEmpty)
        #expect(try log.reader.head() == 0)
        #expect(
            try log.reader.page(after: 0, topics: [1], limit: 10, bytes: 1_000)
                == Page(records: [], through: 0))
        #expect(try log.reader.offset(before: Timestamp(milliseconds: .max)) == 0)
        #expect(try log.reader.record(at: 1) == nil)
        #expect(try log.reader.counts() == Counts(stored: 0, refused: 0))
    }

    @Test("what was committed is read back byte for byte", arguments: Backend.allCases)
    func roundTrip(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        var plain = script.record(on: [1, 2_000_000])
        plain.signed.payload = []
        let records = [
            plain, script.record(from: "prey-veng", on: [2_000_000], references: [1, 99], size: 65_536),
        ]
        try log.writer.commit(script.batch(records))
        #expect(try log.reader.record(at: 1) == records[0])
        #expect(try log.reader.record(at: 2) == records[1])
        #expect(try log.reader.record(at: 3) == nil)
        #expect(try log.reader.record(at: .max) == nil)
        #expect(try log.reader.head() == 2)
    }

    @Test("the writer goes on from what it committed", arguments: Backend.allCases)
    func state(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = [script.record(on: [2, 1]), script.record(from: "prey-veng", on: [2])]
        try log.writer.commit(script.batch(records))
        let state = try log.writer.load()
        #expect(state.offset == 2)
        #expect(state.hash == records[1].hash)
        #expect(state.received == records[1].received)
        #expect(state.topics == [Script.topic(1, sequence: 1), Script.topic(2, sequence: 2)])
        #expect(
            state.positions == [
                Position(post: "koh-kong", epoch: 7, through: 1),
                Position(post: "prey-veng", epoch: 7, through: 1),
            ])
    }

    @Test("an epoch that a post has left stays known, and can't come back", arguments: Backend.allCases)
    func epochs(backend: Backend) throws {
        let log = try Log(backend)
        var first = Batch()
        first.positions = [Position(post: "koh-kong", epoch: .max, through: 4)]
        try log.writer.commit(first)
        var second = Batch()
        second.positions = [Position(post: "koh-kong", epoch: 2, through: 0)]
        try log.writer.commit(second)
        #expect(try log.writer.load().positions == [Position(post: "koh-kong", epoch: 2, through: 0)])
        #expect(try log.writer.load().former == [Position(post: "koh-kong", epoch: .max, through: 4)])
        #expect(cause { try log.writer.commit(first) } == .outOfOrder)
    }

    /// Each changes a good second batch of two records into one that does not continue the log.
    static let breaks: [(String, @Sendable (inout Batch) -> Void)] = [
        ("an offset is skipped", { $0.records.removeFirst() }),
        ("the records are swapped", { $0.records.swapAt(0, 1) }),
        ("a sequence repeats", { $0.records[1].sequence = $0.records[0].sequence }),
        ("a sequence from an earlier batch", { $0.records[0].sequence = 1 }),
        ("a topic sequence is skipped", { $0.records[0].deliveries[0].sequence += 1 }),
        ("a topic that nobody announced", { $0.records[1].deliveries[0].topic = 77 }),
        ("time goes back", { $0.records[1].received = Timestamp(milliseconds: 0) }),
        ("a topic number is announced twice", { $0.newTopics = [Script.topic(1)] }),
        (
            "a topic gets a second number",
            { $0.newTopics = [TopicHead(number: 9, topic: Script.topic(1).topic, sequence: 0)] }
        ),
        ("a position goes back", { $0.positions[0].through = 0 }),
        ("a number that no database holds", { $0.positions[0].through = .max }),
        ("a post without a position", { $0.records[0].post = "nobody" }),
    ]

    @Test(
        "a batch that does not continue the log changes nothing", arguments: Backend.allCases, breaks.indices)
    func outOfOrder(backend: Backend, index: Int) throws {
        let log = try Log(backend)
        var script = Script()
        try log.writer.commit(script.batch([script.record()]))
        let before = try log.writer.load()
        let good = script.batch([script.record(), script.record()], known: [1])
        var bad = good
        bad.refusals = [refusal(9)]
        ContractTests.breaks[index].1(&bad)
        #expect(cause { try log.writer.commit(bad) } == .outOfOrder, "\(ContractTests.breaks[index].0)")
        #expect(try log.writer.load() == before)
        #expect(try log.reader.head() == 1)
        #expect(try log.reader.counts() == Counts(stored: 1, refused: 0))
        try log.writer.commit(good)
        #expect(try log.reader.head() == 3)
    }

    @Test("a batch of nothing is no commit", arguments: Backend.allCases)
    func emptyBatch(backend: Backend) throws {
        let log = try Log(backend)
        try log.writer.commit(Batch())
        #expect(try log.reader.counts() == Counts(stored: 0, refused: 0))
    }

    @Test(
        "replay from a moment begins with the first alert received at it or after",
        arguments: Backend.allCases)
    func moments(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        var records = (1...9).map { _ in script.record() }
        // 1, 2, 3 at 1,000; 4, 5, 6 at 2,000; 7, 8, 9 at 3,000
        for index in records.indices {
            records[index].received = Timestamp(milliseconds: Int64(1_000 * (1 + index / 3)))
        }
        try log.writer.commit(script.batch(records))
        let expected: [(Int64, UInt64)] = [
            (.min, 0), (1_000, 0), (1_001, 3), (2_000, 3), (2_001, 6), (3_000, 6), (3_001, 9), (.max, 9),
        ]
        for (moment, offset) in expected {
            #expect(try log.reader.offset(before: Timestamp(milliseconds: moment)) == offset, "\(moment)")
        }
    }

    @Test("heads are as of an offset, and 0 for a topic with none", arguments: Backend.allCases)
    func heads(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        try log.writer.commit(
            script.batch([script.record(on: [1]), script.record(on: [1, 2]), script.record(on: [2])]))
        #expect(try log.reader.heads(of: [1, 2, 3], through: 0) == [1: 0, 2: 0, 3: 0])
        #expect(try log.reader.heads(of: [1, 2, 3], through: 2) == [1: 2, 2: 1, 3: 0])
        #expect(try log.reader.heads(of: [2], through: .max) == [2: 2])
    }

    @Test(
        "each id is either found with its offset and post or given among those that are not indexed, the first of several",
        arguments: Backend.allCases)
    func ids(backend: Backend) throws {
        let log = try Log(backend)
        #expect(try log.reader.unindexedIDs() == UnindexedIDs())
        var script = Script()
        let records = [script.record(), script.record(from: "prey-veng"), script.record(from: "prey-veng")]
        var later = script.record()
        later.alert = records[1].alert
        try log.writer.commit(script.batch(records + [later]))
        let unindexed = try log.reader.unindexedIDs()
        func known(_ id: [UInt8]) throws -> KnownAlert? {
            try unindexed.entries.first { $0.alert == id }?.known ?? log.reader.known(id)
        }
        for record in records {
            #expect(try known(record.alert) == KnownAlert(offset: record.offset, post: record.post))
        }
        #expect(try known(Script.id(99)) == nil)
        #expect(try log.reader.known(Script.id(99)) == nil)
        #expect(unindexed.greatest == (backend == .sqlite ? nil : Script.id(3)))
        #expect(unindexed.entries.map(\.known.offset) == (backend == .sqlite ? [1, 2, 3, 4] : []))
    }

    @Test(
        "a thread names the author of the alert, and of each of its alerts the post and the topics",
        arguments: Backend.allCases)
    func threadMembers(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = [
            script.record(from: "prey-veng", on: [1, 2]), script.record(references: [1]),
            script.record(from: "prey-veng", on: [3], references: [1]),
        ]
        try log.writer.commit(script.batch(records))
        let thread = try log.reader.thread(of: Script.id(1))
        #expect(thread.author == "prey-veng")
        #expect(!thread.isCut)
        #expect(
            thread.members == [
                .init(offset: 1, post: "prey-veng", topics: [1, 2]),
                .init(offset: 2, post: "koh-kong", topics: [1]),
                .init(offset: 3, post: "prey-veng", topics: [3]),
            ])
        #expect(try log.reader.thread(of: Script.id(9)) == AlertThread())
    }

    @Test("a thread follows updates of updates, also round a circle", arguments: Backend.allCases)
    func threads(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = [
            script.record(), script.record(references: [1]), script.record(),
            script.record(references: [2, 3]),
            script.record(references: [4, 6]), script.record(references: [5]), script.record(references: [3]),
        ]
        try log.writer.commit(script.batch(records))
        func thread(_ id: UInt64) throws -> [UInt64] {
            try log.reader.thread(of: Script.id(id)).members.map(\.offset)
        }
        #expect(try thread(1) == [1, 2, 4, 5, 6])
        #expect(try thread(3) == [3, 4, 5, 6, 7])
        #expect(try thread(7) == [7])
        #expect(try thread(5) == [5, 6])
        #expect(try thread(500) == [])
    }

    @Test("outcomes tell stored from refused, and leave out what is not known", arguments: Backend.allCases)
    func outcomes(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let first = script.record()
        script.sequences["koh-kong"] = 3
        let fourth = script.record()
        var batch = script.batch([first, fourth])
        // Sequence 1 is refused on top of being stored, and 3 is refused twice.
        batch.refusals = [refusal(2), refusal(3, reason: "old"), refusal(3, reason: "new"), refusal(1)]
        batch.refusals += [
            refusal(2, post: "prey-veng", reason: "another post"), refusal(2, epoch: 8, reason: "later"),
        ]
        try log.writer.commit(batch)
        let outcomes = try log.reader.outcomes(post: "koh-kong", epoch: 7, sequences: 1...UInt64.max)
        #expect(
            outcomes == [
                .stored(sequence: 1, offset: 1, alert: first.alert),
                .refused(sequence: 2, code: "schema", reason: "refused 2"),
                .refused(sequence: 3, code: "schema", reason: "new"),
                .stored(sequence: 4, offset: 2, alert: fourth.alert),
            ])
        #expect(try log.reader.outcomes(post: "koh-kong", epoch: 7, sequences: 4...4).count == 1)
        #expect(try log.reader.outcomes(post: "koh-kong", epoch: 7, sequences: 5...UInt64.max).isEmpty)
        #expect(
            try log.reader.outcomes(post: "koh-kong", epoch: 7, sequences: UInt64.max...UInt64.max).isEmpty)
        #expect(try log.reader.outcomes(post: "nobody", epoch: 7, sequences: 1...9).isEmpty)
    }

    @Test("the newest refusals are kept, all are counted", arguments: Backend.allCases)
    func refusalsBounded(backend: Backend) throws {
        let log = try Log(backend)
        for part in 0..<3 {
            var batch = Batch()
            batch.refusals = (0..<4_000).map { refusal(UInt64(part * 4_000 + $0)) }
            try log.writer.commit(batch)
        }
        let kept = try log.reader.refusals(limit: .max)
        #expect(kept.count == Int(StoreLimits.refusalsKept))
        #expect(kept.first?.sequence == 11_999)
        #expect(kept.last?.sequence == 2_000)
        #expect(try log.reader.refusals(limit: 2).map(\.sequence) == [11_999, 11_998])
        #expect(try log.reader.refusals(limit: -1).isEmpty)
        #expect(try log.reader.counts() == Counts(stored: 0, refused: 12_000))
    }

    @Test("a refusal of whatever numbers a peer says can be stored", arguments: Backend.allCases)
    func wildRefusal(backend: Backend) throws {
        let log = try Log(backend)
        var batch = Batch()
        batch.refusals = [refusal(.max, epoch: .max), refusal(0, epoch: 0)]
        try log.writer.commit(batch)
        #expect(try log.reader.refusals(limit: 9) == batch.refusals.reversed())
    }

    @Test("a log has one writer, and it is known whether it has one", arguments: Backend.stores)
    func oneWriter(backend: Backend) throws {
        let log = try Log(backend)
        #expect(try log.backend.isInUse())
        #expect(cause { _ = try log.backend.writer() } == .locked)
        try log.writer.close()
        #expect(try !log.backend.isInUse())
        let next = try log.backend.writer()
        #expect(try log.backend.isInUse() && next.load().offset == 0)
        try next.close()
    }

    @Test(
        "what commits leave for later is done, and readers find the same before and after",
        arguments: Backend.allCases)
    func maintenance(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        try log.writer.commit(script.batch((0..<300).map { script.record(on: [UInt32($0 % 7 + 1)]) }))
        func found() throws -> [Page] {
            try (UInt32(1)...7).map { try log.reader.page(after: 0, topics: [$0], limit: 99, bytes: .max) }
        }
        let before = try found()
        try log.writer.maintain(.zero)
        #expect(try found() == before)
        try log.writer.maintain(.seconds(1))
        #expect(try found() == before)
        #expect(try log.writer.load().offset == 300)
    }

    @Test("the bytes of each post after an offset are header, payload and seal", arguments: Backend.allCases)
    func bytes(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = [
            script.record(size: 5), script.record(from: "prey-veng", size: 6), script.record(size: 7),
        ]
        try log.writer.commit(script.batch(records))
        // "header 1" and 64 bytes of a seal
        #expect(try log.reader.bytes(after: 0) == ["koh-kong": 2 * 72 + 12, "prey-veng": 72 + 6])
        #expect(try log.reader.bytes(after: 2) == ["koh-kong": 72 + 7])
        #expect(try log.reader.bytes(after: 3).isEmpty)
    }

    @Test("topics are where their last delivery up to an offset left them", arguments: Backend.allCases)
    func marks(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        var records = [script.record(on: [1]), script.record(on: [1, 2]), script.record(on: [2])]
        func chain(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: Record.chainLength) }
        records[0].chains = chain(1)
        records[1].chains = chain(2) + chain(3)
        records[2].chains = chain(4)
        try log.writer.commit(script.batch(records))
        #expect(
            try log.reader.marks(of: [1, 2, 3], through: 1) == [1: TopicMark(sequence: 1, chain: chain(1))])
        #expect(
            try log.reader.marks(of: [1, 2, 3], through: .max) == [
                1: TopicMark(sequence: 2, chain: chain(2)), 2: TopicMark(sequence: 2, chain: chain(4)),
            ])
    }

    @Test(
        "a log says of itself what it has, and nothing is wrong with one that nobody touched",
        arguments: Backend.allCases)
    func inspection(backend: Backend) throws {
        let log = try Log(backend)
        var script = Script()
        let records = [script.record(on: [1, 2]), script.record(references: [1]), script.record()]
        var batch = script.batch(records)
        batch.refusals = [refusal(9), refusal(10)]
        try log.writer.commit(batch)
        let inspector = try log.backend.inspector()
        let outline = try inspector.outline()
        #expect(outline.log == (try log.writer.load().log))
        #expect((outline.head, outline.refused, outline.refusalsKept) == (3, 2, 2))
        #expect(outline.topics == [1: Script.topic(1).topic.name, 2: Script.topic(2).topic.name])
        #expect(outline.positions == [Position(post: "koh-kong", epoch: 7, through: 3)])
        #expect(try inspector.rows(after: 1, through: 3, limit: 1).records == [records[1]])
        let rows = try inspector.rows(after: 0, through: .max, limit: 99)
        #expect(rows == LogRows(records: records))
        let check = try inspector.consistency(from: 1, through: 3, head: 3)
        var problems = try check.structure(limit: 9)
        for record in rows.records { problems += try check.problems(of: record) }
        #expect(problems + (try check.problems()) == [])
    }
}
