import Alerts
import Foundation
import Identity
import SQLite
import Testing
import Wire

@testable import AlertPost

@Suite("An outbox whose alerts sought somebody who is safe")
struct ErasureTests {
    let fixture: OutboxFixture
    private static let epoch: UInt64 = 9
    private static let plate = "2AB-0012"

    init() throws {
        fixture = try OutboxFixture()
    }

    private static func id(_ number: UInt8) -> [UInt8] {
        [0x01, 0xA2, 0x0A, 0xBE, 0xB4, 0xC0, 0x7A, 0xBC, 0x8D, 0xEF, 0, 0, 0, 0, 0, number]
    }

    /// An invented alert with a real header. Its payload is long enough for pages of its own.
    private static func draft(
        _ number: UInt8, _ type: MessageType = .alert, of targets: [UInt8] = [], kind: Kind = .movement,
        isSafe: Bool = false, epoch: UInt64, sequence: UInt64
    ) -> Outbox.Draft {
        let facts = AlertFacts(
            id: id(number), kind: kind.code, messageType: type.code, status: Status.actual.code,
            expires: Timestamp(milliseconds: 9_000_000), references: targets.map { id($0) },
            resolution: isSafe ? Resolution.safe.code : nil)
        let header = PostHeader(
            post: "koh-kong", epoch: epoch, sequence: sequence, queued: OutboxFixture.start, facts: facts)
        let words = isSafe ? "home again" : String(repeating: "invented \(number) \(plate) ", count: 300)
        return Outbox.Draft(
            id: id(number), origin: "KH-9",
            signed: SignedAlert(
                header: header.encoded(), payload: Array(words.utf8), signature: Array("seal".utf8)),
            references: facts.references, isSafe: facts.isSafe)
    }

    private struct Step {
        var number: UInt8
        var type = MessageType.alert
        var targets: [UInt8] = []
        var kind = Kind.movement
        var isSafe = false
    }

    /// An alert, its update, an acknowledgement and a sighting of it, one that has nothing to do with it, and the Cancel.
    private static let steps = [
        Step(number: 1), Step(number: 2, type: .update, targets: [1]),
        Step(number: 3, type: .ack, targets: [1]),
        Step(number: 4, targets: [2], kind: .sighting), Step(number: 5),
        Step(number: 6, type: .cancel, targets: [1, 2], isSafe: true),
    ]

    private func filled() throws -> Outbox {
        let outbox = try Outbox.open(path: fixture.path)
        for step in ErasureTests.steps {
            try outbox.append(1, at: OutboxFixture.start) { epoch, sequence in
                ErasureTests.draft(
                    step.number, step.type, of: step.targets, kind: step.kind, isSafe: step.isSafe,
                    epoch: epoch,
                    sequence: sequence)
            }
        }
        return outbox
    }

    private static func stored(_ sequences: ClosedRange<UInt64>) -> [Outbox.Answer] {
        sequences.map { .stored(sequence: $0, offset: $0 + 100) }
    }

    /// Which alerts' words stand in the outbox's files.
    private func words() throws -> [UInt8] {
        let files = try ["", "-wal"].map { try Data(contentsOf: URL(filePath: fixture.path + $0)) }
        return (UInt8(1)...6).filter { number in
            files.contains { $0.range(of: Data("invented \(number) ".utf8)) != nil }
        }
    }

    private func left(_ outbox: Outbox) throws -> [UInt8] {
        try (1...6).filter { try outbox.kept(ErasureTests.id($0))?.erased == nil }
    }

    @Test(
        "once the hub has stored the Cancel its thread is in none of the outbox's files any more, and all else is"
    )
    func erased() throws {
        let outbox = try filled()
        try outbox.resolve(ErasureTests.stored(1...5), at: OutboxFixture.start)
        #expect(try left(outbox) == [1, 2, 3, 4, 5, 6], "the Cancel is not stored yet")
        #expect(try words() == [1, 2, 3, 4, 5])
        try outbox.resolve(ErasureTests.stored(6...6), at: OutboxFixture.start)
        #expect(try left(outbox) == [5, 6])
        #expect(outbox.owesForgetting)
        #expect(try outbox.forget() && !outbox.owesForgetting)
        #expect(try words() == [5], "the one that has nothing to do with it")
        let epoch = try outbox.summary().epoch
        let states = try outbox.states(of: Outbox.Stretch(epoch: epoch, sequences: 1..<7))
        #expect(states.map(\.state) == (101...106).map { .stored(offset: $0, at: OutboxFixture.start) })
        let erased = try #require(try outbox.kept(ErasureTests.id(1)))
        let draft = ErasureTests.draft(1, epoch: epoch, sequence: 1)
        #expect(
            erased.erased == Seal.digest(of: draft.signed.payload) && erased.header == draft.signed.header)
        #expect(
            try outbox.altered(in: 1...6, ErasureTests.stored(1...6), []).isEmpty,
            "the hub's log is still held against it")
    }

    @Test("a Cancel that the hub refuses, or that says nothing of a resolution, erases nothing")
    func kept() throws {
        let outbox = try filled()
        try outbox.resolve(
            ErasureTests.stored(1...5) + [.rejected(sequence: 6, code: "reference", reason: "name all")],
            at: OutboxFixture.start)
        #expect(try left(outbox) == [1, 2, 3, 4, 5, 6])
    }

    @Test(
        "a hub that has lost it all gets the numbers of what is erased, and the outbox says why they are refused"
    )
    func reopened() throws {
        let outbox = try filled()
        try outbox.resolve(ErasureTests.stored(1...6), at: OutboxFixture.start)
        #expect(try outbox.reopen(after: 0).count == 6)
        let entries = try outbox.pending(after: 0, limit: 9)
        #expect(entries.map(\.isErased) == [true, true, true, true, false, false])
        var link = LinkFixture(waiting: 1...6)
        link.summary.epoch = ErasureTests.epoch
        _ = link.rise()
        let actions = link.link.fetched(entries, asked: 9, link.now)
        let numbers = actions.map { action -> UInt64? in
            if case .giveUp(let entry) = action { entry.sequence } else { nil }
        }
        #expect(numbers == [1, 2, 3, 4, nil, nil])
        try outbox.resolve(
            [.rejected(sequence: 1, code: "signature", reason: "given up")], at: OutboxFixture.start)
        let status = try #require(try outbox.kept(ErasureTests.id(1))).status
        #expect(
            status.state
                == .rejected(code: "signature", reason: Outbox.goneReason, at: OutboxFixture.start))
        // Once the Cancel is stored again it is carried out again, which changes nothing.
        try outbox.resolve(ErasureTests.stored(6...6), at: OutboxFixture.start)
        #expect(try left(outbox) == [5, 6])
    }

    private static func name(_ number: UInt8) throws -> AlertID { try #require(AlertID(bytes: id(number))) }

    @Test("all versions of an alert are found from any of them; a sighting and an acknowledgement are none")
    func versions() throws {
        let outbox = try filled()
        let both = try [1, 2].map { try ErasureTests.name($0) }
        for first in [0, 1] {
            let versions = try outbox.versions(of: [both[first]])
            #expect(versions == Outbox.Versions(ids: [both[first], both[1 - first]], unknown: []))
        }
        #expect(
            try outbox.versions(of: [ErasureTests.name(9), ErasureTests.name(5)])
                == Outbox.Versions(
                    ids: [ErasureTests.name(9), ErasureTests.name(5)], unknown: [ErasureTests.name(9)]))
    }

    @Test("what is pruned takes its place in threads with it")
    func pruned() throws {
        let outbox = try filled()
        try outbox.resolve(ErasureTests.stored(1...6), at: OutboxFixture.start)
        try outbox.prune(answeredBefore: Timestamp(milliseconds: OutboxFixture.start.milliseconds + 1))
        #expect(try outbox.connection.number("SELECT count(*) FROM referring") == 0)
    }

    @Test(
        "a thread that an earlier version kept is erased when the outbox is opened, and answers in it are found"
    )
    func earlier() throws {
        let outbox = try filled()
        try outbox.resolve(ErasureTests.stored(1...5), at: OutboxFixture.start)
        try outbox.close()
        let names = (1...6).map { AlertID(bytes: ErasureTests.id($0))?.description ?? "" }
        let texts = [
            #"{"v":"2AB-0012"}"#, #"{"msgType":"Update","references":["\#(names[0])"]}"#,
            #"{"msgType":"Ack","references":["\#(names[0])"]}"#, #"{"sighting":{"of":"\#(names[1])"}}"#, "[",
            #"{"msgType":"Cancel","resolution":"safe","references":["\#(names[0])","\#(names[1])"]}"#,
        ]
        let connection = try Connection(
            path: fixture.path, mode: .create(permissions: 0o600), busyTimeout: .seconds(1))
        try connection.execute(
            """
            DROP TRIGGER alerts_forgotten; DROP TABLE referring; DROP INDEX alerts_closing;
            ALTER TABLE alerts DROP COLUMN closes; ALTER TABLE alerts DROP COLUMN erased;
            PRAGMA user_version = 4; UPDATE alerts SET state = 1;
            """)
        for (index, text) in texts.enumerated() {
            try connection.execute(
                "UPDATE alerts SET payload = CAST('\(text)' AS BLOB) WHERE sequence = \(index + 1)")
        }
        try connection.close()
        let later = try Outbox.open(path: fixture.path)
        try later.carryOutErasures()
        #expect(try left(later) == [5, 6])
    }
}
