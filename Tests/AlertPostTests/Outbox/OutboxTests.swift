import Alerts
import Foundation
import Testing
import Wire

@testable import AlertPost

@Suite("The outbox")
struct OutboxTests {
    let fixture: OutboxFixture

    init() throws {
        fixture = try OutboxFixture()
    }

    private func open(limit: Int = Outbox.mostWaiting) throws -> Outbox {
        try Outbox.open(path: fixture.path, limit: limit)
    }

    private func filled(_ count: Int) throws -> Outbox {
        let outbox = try open()
        try outbox.append(count, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        return outbox
    }

    @Test("a new outbox is empty and has an epoch that any language can hold")
    func empty() throws {
        let summary = try open().summary()
        #expect((1...UInt64(Int64.max)).contains(summary.epoch))
        #expect(
            summary == Outbox.Summary(epoch: summary.epoch, last: 0, depth: 0, oldest: nil, rejected: 0))
        #expect(try open().summary().epoch == summary.epoch)
    }

    @Test("an alert is made for the sequence it gets, and read back byte for byte")
    func append() throws {
        let outbox = try open()
        let epoch = try outbox.summary().epoch
        let first = try outbox.append(2, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        let second = try outbox.append(1, at: Timestamp(milliseconds: 2_000)) {
            OutboxFixture.draft($0, $1, size: 65_536)
        }
        #expect(first == Outbox.Stretch(epoch: epoch, sequences: 1..<3))
        #expect(second == Outbox.Stretch(epoch: epoch, sequences: 3..<4))
        let entries = try outbox.pending(after: 1, limit: 10)
        #expect(entries.map(\.sequence) == [2, 3])
        let last = try #require(entries.last)
        let draft = OutboxFixture.draft(epoch, 3, size: 65_536)
        #expect(last.queued == Timestamp(milliseconds: 2_000))
        #expect(last.id == draft.id && last.origin == draft.origin && last.signed == draft.signed)
        #expect(try outbox.pending(after: 0, limit: 1).map(\.sequence) == [1])
        #expect(try outbox.pending(after: .max, limit: 1).isEmpty)
    }

    @Test("appending nothing takes no sequence")
    func appendNothing() throws {
        let outbox = try open()
        #expect(
            try outbox.append(0, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }.sequences.isEmpty)
        #expect(
            try outbox.append(-1, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }.sequences.isEmpty)
        #expect(try outbox.summary().last == 0)
    }

    @Test("what the maker throws ends the append, and no sequence is lost")
    func makerThrows() throws {
        let outbox = try filled(1)
        let failure = OutboxError(operation: "sign", path: "key", cause: .other, detail: "no key")
        #expect(throws: failure) {
            try outbox.append(3, at: OutboxFixture.start) { (epoch, sequence) throws(OutboxError) in
                if sequence == 3 { throw failure }
                return OutboxFixture.draft(epoch, sequence)
            }
        }
        #expect(try OutboxFixture.waiting(outbox) == [1])
        #expect(
            try outbox.append(1, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }.sequences == 2..<3)
    }

    @Test("answers are kept, the first one stands, and unknown sequences change nothing")
    func resolve() throws {
        let outbox = try filled(5)
        let at = Timestamp(milliseconds: 3_000)
        let resolved = try outbox.resolve(
            [
                .stored(sequence: 1, offset: 4_711),
                .rejected(sequence: 3, code: "schema", reason: "sent: missing"),
                .stored(sequence: 9, offset: 1), .stored(sequence: .max, offset: .max),
                .stored(sequence: 4, offset: .max),
            ], at: at)
        #expect(resolved.count == 3)
        #expect(try outbox.resolve([.rejected(sequence: 1, code: "late", reason: "")], at: at).count == 0)
        #expect(try OutboxFixture.waiting(outbox) == [2, 5])
        let summary = try outbox.summary()
        #expect(summary.depth == 2 && summary.rejected == 1 && summary.last == 5)
        #expect(summary.oldest == Outbox.Summary.Oldest(sequence: 2, queued: OutboxFixture.start))
        let states = try outbox.states(of: Outbox.Stretch(epoch: summary.epoch, sequences: 1..<100))
        #expect(states.map(\.sequence) == [1, 2, 3, 4, 5])
        #expect(states.first?.id == Array("id 1".utf8))
        #expect(
            states.map(\.state) == [
                .stored(offset: 4_711, at: at), .queued,
                .rejected(code: "schema", reason: "sent: missing", at: at),
                .stored(offset: .max, at: at), .queued,
            ])
        #expect(try outbox.states(of: Outbox.Stretch(epoch: 1, sequences: 1..<100)).isEmpty)
        #expect(try outbox.states(of: Outbox.Stretch(epoch: summary.epoch, sequences: 2..<3)).count == 1)
    }

    @Test("what the hub says of other alerts under the same numbers is not taken for an answer")
    func conflict() throws {
        let outbox = try filled(5)
        let at = Timestamp(milliseconds: 3_000)
        func sum(_ sequences: ClosedRange<UInt64>) -> AlertSum {
            AlertSum(sequences.map { Array("id \($0)".utf8) })
        }
        let answers: [Outbox.Answer] = (1...4).map { .stored(sequence: $0, offset: $0) }
        let resolution = try outbox.resolve(
            answers + [.rejected(sequence: 5, code: "schema", reason: "")],
            [
                Outbox.Check(sequences: 1...2, sum: sum(1...2)),
                // As long as one of a run is another, none of it is answered.
                Outbox.Check(sequences: 3...4, sum: AlertSum([Array("id 3".utf8), Array("another".utf8)])),
                // Forgotten, or never there: nothing to compare with.
                Outbox.Check(sequences: 7...7, sum: sum(1...1)),
                Outbox.Check(sequences: .max...UInt64.max, sum: sum(1...1)),
            ], at: at)
        #expect(resolution == Outbox.Resolution(count: 3, conflict: 3...4))
        #expect(try OutboxFixture.waiting(outbox) == [3, 4])
    }

    @Test("an outbox that was not closed goes on where it ended")
    func reopen() throws {
        let epoch = try filled(3).summary().epoch
        let outbox = try open()
        try outbox.resolve([.stored(sequence: 3, offset: 1)], at: OutboxFixture.start)
        let next = try open().append(1, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        #expect(next == Outbox.Stretch(epoch: epoch, sequences: 4..<5))
    }

    @Test("at its bound the outbox refuses, says so, and takes alerts again once some are answered")
    func bound() throws {
        let outbox = try open(limit: 3)
        try outbox.append(2, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        let error = try #require(throws: OutboxError.self) {
            try outbox.append(2, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        }
        #expect(error.cause == .tooMany(limit: 3))
        #expect(error.description.contains("2 alerts wait for the hub"))
        #expect(try OutboxFixture.waiting(outbox) == [1, 2])
        try outbox.resolve(
            [.rejected(sequence: 1, code: "size", reason: "too large")], at: OutboxFixture.start)
        try outbox.append(2, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        #expect(try OutboxFixture.waiting(outbox) == [2, 3, 4])
        #expect(
            cause { try outbox.append(.max, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) } }
                == .tooMany(limit: 3))
    }

    @Test("pruning forgets old answers, keeps what waits, and goes on numbering")
    func prune() throws {
        let outbox = try filled(4)
        try outbox.resolve([.stored(sequence: 1, offset: 1)], at: Timestamp(milliseconds: 5_000))
        try outbox.resolve(
            [.rejected(sequence: 2, code: "schema", reason: ""), .stored(sequence: 4, offset: 2)],
            at: Timestamp(milliseconds: 6_000))
        #expect(try outbox.prune(answeredBefore: Timestamp(milliseconds: 5_000)) == 0)
        #expect(try outbox.prune(answeredBefore: Timestamp(milliseconds: 5_001)) == 1)
        #expect(try outbox.prune(answeredBefore: Timestamp(milliseconds: .max)) == 2)
        let summary = try outbox.summary()
        #expect(summary.rejected == 0 && summary.depth == 1 && summary.oldest?.sequence == 3)
        #expect(
            try outbox.append(1, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }.sequences == 5..<6)
    }

    @Test("a prune of very many goes step by step")
    func pruneSteps() throws {
        let count = Outbox.prunedAtOnce + 5
        let outbox = try filled(count)
        try outbox.resolve(
            (1...UInt64(count)).map { .stored(sequence: $0, offset: $0) }, at: OutboxFixture.start)
        #expect(try outbox.prune(answeredBefore: Timestamp(milliseconds: .max)) == Outbox.prunedAtOnce)
        #expect(try outbox.prune(answeredBefore: Timestamp(milliseconds: .max)) == 5)
        #expect(try outbox.prune(answeredBefore: Timestamp(milliseconds: .max)) == 0)
    }

    @Test("a new epoch is refused while alerts wait, and otherwise starts from 1")
    func newEpoch() throws {
        let outbox = try filled(2)
        let old = try outbox.summary().epoch
        #expect(cause { try outbox.startNewEpoch() } == .waiting(2))
        let at = Timestamp(milliseconds: 2_000)
        try outbox.resolve(
            [.stored(sequence: 1, offset: 8), .stored(sequence: 2, offset: 9)], at: at)
        let epoch = try outbox.startNewEpoch()
        #expect(epoch != old)
        #expect(try outbox.summary().last == 0)
        let next = try outbox.append(1, at: at) { OutboxFixture.draft($0, $1) }
        #expect(next == Outbox.Stretch(epoch: epoch, sequences: 1..<2))
        let before = try outbox.states(of: Outbox.Stretch(epoch: old, sequences: 1..<3)).map(\.state)
        #expect(before == [.stored(offset: 8, at: at), .stored(offset: 9, at: at)])
        try outbox.resolve([.stored(sequence: 2, offset: 10)], at: at)
        #expect(try OutboxFixture.waiting(outbox) == [1], "an answer does not reach into another epoch")
    }

    @Test("waiting alerts move to a new epoch in order, with new header and signature")
    func reseal() throws {
        let outbox = try filled(4)
        try outbox.resolve([.stored(sequence: 2, offset: 1)], at: OutboxFixture.start)
        let before = try outbox.pending(after: 0, limit: 9)
        var seen: [UInt64] = []
        let epoch = try outbox.startNewEpoch { entry, epoch, sequence in
            seen.append(entry.sequence)
            let draft = OutboxFixture.draft(epoch, sequence)
            return draft.signed
        }
        #expect(seen == [1, 3, 4])
        let after = try outbox.pending(after: 0, limit: 9)
        #expect(after.map(\.sequence) == [1, 2, 3])
        #expect(after.map(\.id) == before.map(\.id))
        #expect(after.map(\.signed.payload) == before.map(\.signed.payload))
        #expect(after.map(\.signed.header) == (1...3).map { OutboxFixture.draft(epoch, $0).signed.header })
        #expect(
            after.map(\.signed.signature) == (1...3).map { OutboxFixture.draft(epoch, $0).signed.signature })
        let summary = try outbox.summary()
        #expect(summary.depth == 3 && summary.last == 3)
    }

    @Test("a new epoch that fails half way leaves the old one as it was")
    func resealFails() throws {
        let outbox = try filled(3)
        let before = (try outbox.summary(), try outbox.pending(after: 0, limit: 9))
        let failure = OutboxError(operation: "sign", path: "key", cause: .other, detail: "no key")
        #expect(throws: failure) {
            try outbox.startNewEpoch { (_, _, sequence) throws(OutboxError) in
                if sequence == 2 { throw failure }
                return SignedAlert(header: [], payload: [], signature: [])
            }
        }
        #expect(try outbox.summary() == before.0)
        #expect(try outbox.pending(after: 0, limit: 9) == before.1)
    }
}
