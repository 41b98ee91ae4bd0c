import Alerts
import Testing
import Wire

@testable import AlertPost

@Suite("Reopening an outbox") struct ReopeningTests {
    private func filled() throws -> (OutboxFixture, Outbox) {
        let fixture = try OutboxFixture()
        let outbox = try Outbox.open(path: fixture.path)
        try outbox.append(8, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        try outbox.resolve(
            [
                .stored(sequence: 1, offset: 10), .stored(sequence: 2, offset: 11),
                .rejected(sequence: 3, code: "schema", reason: "bad"), .stored(sequence: 4, offset: 12),
            ], at: Timestamp(milliseconds: 5_000))
        return (fixture, outbox)
    }

    @Test("everything after a sequence waits again as it was sent, stored and rejected alike")
    func reopen() throws {
        let (_, outbox) = try filled()
        let before = try outbox.summary()
        #expect(before.depth == 4)
        #expect(try outbox.reopen(after: 1) == Outbox.Reopened(count: 7, missing: []))
        #expect(try OutboxFixture.waiting(outbox) == [2, 3, 4, 5, 6, 7, 8])
        let after = try outbox.summary()
        #expect((after.depth, after.last, after.rejected, after.epoch) == (7, 8, 0, before.epoch))
        let entry = try #require(try outbox.pending(after: 1, limit: 1).first)
        let draft = OutboxFixture.draft(before.epoch, 2)
        #expect(entry.signed == draft.signed)
        // Answered anew, with another offset.
        try outbox.resolve([.stored(sequence: 2, offset: 99)], at: Timestamp(milliseconds: 9_000))
        #expect(try outbox.summary().depth == 6)
    }

    @Test("nothing after the sequence: nothing changes")
    func nothing() throws {
        let (_, outbox) = try filled()
        #expect(try outbox.reopen(after: 8) == Outbox.Reopened(count: 0, missing: []))
        #expect(try outbox.summary().depth == 4)
    }

    @Test("sequences that are no longer kept are named as ranges")
    func missing() throws {
        let (_, outbox) = try filled()
        try outbox.prune(answeredBefore: Timestamp(milliseconds: 6_000))
        #expect(try outbox.reopen(after: 2) == Outbox.Reopened(count: 4, missing: [3...4]))
        try outbox.resolve(
            (5...8).map { .stored(sequence: $0, offset: $0) }, at: Timestamp(milliseconds: 7_000))
        try outbox.prune(answeredBefore: Timestamp(milliseconds: 8_000))
        #expect(try outbox.reopen(after: 0) == Outbox.Reopened(count: 0, missing: [1...8]))
    }
}
