import Alerts
import Testing
import Wire

@testable import AlertPost

@Suite("Stored alerts of an outbox")
struct StoredTests {
    @Test("another offset, another alert, a refusal and silence are differences; what waits is none")
    func altered() throws {
        let fixture = try OutboxFixture()
        let outbox = try Outbox.open(path: fixture.path)
        #expect(try outbox.stored(through: 9) == nil)
        try outbox.append(9, at: OutboxFixture.start) { OutboxFixture.draft($0, $1) }
        let told = (2...7).map { Outbox.Answer.stored(sequence: $0, offset: $0 + 10) }
        try outbox.resolve(
            told + [.rejected(sequence: 8, code: "schema", reason: "invented")], at: OutboxFixture.start)
        #expect(try outbox.stored(through: 9) == 2...7)
        #expect(try outbox.stored(through: 5) == 2...5)
        #expect(try outbox.stored(through: 1) == nil)

        func check(_ sequence: UInt64, _ named: UInt64) -> Outbox.Check {
            Outbox.Check(
                sequences: sequence...sequence,
                sum: AlertSum(CollectionOfOne(OutboxFixture.draft(0, named).id)))
        }
        #expect(try outbox.altered(in: 1...9, told, (2...7).map { check($0, $0) }) == [])
        let now: [Outbox.Answer] = [
            .stored(sequence: 2, offset: 12), .stored(sequence: 3, offset: 14),
            .stored(sequence: 4, offset: 14),
            .rejected(sequence: 5, code: "forgotten", reason: "invented"),
            .stored(sequence: 7, offset: 17),
        ]
        #expect(try outbox.altered(in: 1...9, now, [check(2, 2), check(4, 9), check(7, 7)]) == [3, 4, 5, 6])
        #expect(try outbox.altered(in: 6...7, now, []) == [6])
    }
}
