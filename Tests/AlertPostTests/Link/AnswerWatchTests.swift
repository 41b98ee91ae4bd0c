import Alerts
import Testing
import Wire

@testable import AlertPost

@Suite("What comes of a post's alerts")
struct AnswerWatchTests {
    /// The hub's answer about an alert that some have seen before it was asked.
    private func answer(seenBy readers: [String]) throws -> AlertAnswer {
        let alert = AlertID(
            time: Timestamp(milliseconds: 1_795_476_600_000), random: [UInt8](repeating: 1, count: 10))
        var watch = AnswerWatch()
        var number: UInt64 = 0
        watch.add(alert)
        _ = watch.questions(&number)
        var seen = Reply.Seen(request: number, alert: alert.description, offset: 1, received: 1)
        seen.seen = 2
        seen.names = Reply.Seen.Names(seen: readers, unseen: [], others: [], corrections: [])
        return try #require(watch.take(seen).first)
    }

    @Test("asked late, it names who has seen an alert where that is one, and nobody where it may be either")
    func late() throws {
        #expect(try answer(seenBy: ["watch"]).by == "watch")
        #expect(try answer(seenBy: ["analyst", "watch"]).by == nil)
    }
}
