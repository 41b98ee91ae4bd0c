import Alerts
import AlertStore
import MemoryStore
import Testing
import Wire

@testable import AlertHub

@Suite("Epochs, and commits that fail")
struct EpochTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))

    private func hello(_ epoch: UInt64, last: UInt64) -> Request {
        .hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(epoch), last: last))
    }

    @Test("a new epoch begins at sequence 1, and the old one can't come back")
    func superseded() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1, epoch: 7), from: post)
        hub.ingest(post.alert(2, epoch: 7), from: post)
        _ = try hub.commit()
        hub.ingest(post.alert(1, epoch: 8, number: 11), from: post)
        #expect(notices(try hub.commit()).map(\.reason) == ["new-epoch"])
        hub.ingest(post.alert(3, epoch: 7), from: post)
        #expect(try replies(hub.commit()).isEmpty)
        #expect(hub.core.drops.counts == ["epoch": 1])
        #expect(try hub.records().map(\.epoch) == [7, 7, 8])
    }

    @Test(
        "a superseded epoch stays so after a restart, also one of which nothing was taken but its beginning")
    func afterRestart() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1, epoch: 7, sender: "x"), from: post)
        hub.ingest(post.alert(1, epoch: 8), from: post)
        hub.ingest(post.alert(1, epoch: 9), from: post)
        _ = try hub.commit()
        var again = try Hub([post], log: hub.log)
        for epoch in [UInt64(7), 8] {
            again.ingest(post.alert(2, epoch: epoch), from: post)
            let refused = again.ask(hello(epoch, last: 5), as: post)
            #expect(
                replies(refused).contains {
                    if case .refused(let body) = $0 { body.code == .epoch } else { false }
                })
        }
        #expect(again.core.drops.counts == ["epoch": 2])
        #expect(again.core.end.positions["koh-kong"]?.epoch == 9)
    }

    @Test("two epochs in one batch: both are stored, and the answer is the new one's")
    func twoInOneBatch() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(7, last: 9), as: post)
        hub.ingest(post.alert(1, epoch: 7), from: post)
        hub.ingest(post.alert(2, epoch: 7), from: post)
        hub.ingest(post.alert(1, epoch: 8, number: 11), from: post)
        let actions = try hub.commit()
        #expect(
            replies(actions) == [
                .acknowledged(
                    Reply.Acknowledged(
                        epoch: HexNumber(8), through: 1, stored: [[1, 3, 1]], sums: [sampleSum(11...11)]))
            ])
        #expect(try hub.records().map(\.sequence) == [1, 2, 1])
    }

    @Test("a resend in the batch that begins an epoch is not answered with the old epoch's position")
    func duplicateInNewEpoch() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(7, last: 9), as: post)
        for sequence in UInt64(1)...9 { hub.ingest(post.alert(sequence, epoch: 7), from: post) }
        _ = try hub.commit()
        hub.ingest(post.alert(1, epoch: 8, number: 11), from: post)
        hub.ingest(post.alert(1, epoch: 8, number: 11), from: post)
        let read = hub.answers()
        _ = try hub.commit()
        guard case .acknowledged(let answer) = try hub.reply(read) else {
            Issue.record("\(read)")
            return
        }
        #expect(answer.epoch == HexNumber(8))
        #expect(answer.through <= 1)
    }

    @Test("an outbox older than what the hub has is refused, one that is level or ahead is welcome")
    func outboxBehind() throws {
        var hub = try Hub([post])
        for sequence in UInt64(1)...3 { hub.ingest(post.alert(sequence), from: post) }
        _ = try hub.commit()
        guard case .refused(let refused) = replies(hub.ask(hello(7, last: 2), as: post)).first else {
            Issue.record("not refused")
            return
        }
        #expect(refused.code == .outboxBehind)
        for last in [UInt64(3), 4] {
            guard case .welcome(let welcome) = replies(hub.ask(hello(7, last: last), as: post)).first else {
                Issue.record("not welcomed at \(last)")
                return
            }
            #expect(welcome.through == 3)
        }
    }

    @Test("a commit that fails is forgotten whole: the same alerts get the same numbers when they come again")
    func rollback() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(7, last: 9), as: post)
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        let end = hub.core.end
        hub.ingest(post.alert(2, provinces: ["KH-9", "TH-23"]), from: post)
        hub.ingest(post.alert(3, sender: "x"), from: post)
        _ = hub.core.closeBatch()
        hub.core.rolledBack(at: hub.now)
        #expect(hub.core.end == end)
        let actions = hub.core.takeActions()
        let resume = Reply.Resume(epoch: HexNumber(7), from: 2, wait: HubCore.waitAfterFailure)
        #expect(replies(actions) == [.resume(resume)])
        #expect(hub.core.closeBatch() == nil)
        hub.ingest(post.alert(2, provinces: ["KH-9", "TH-23"]), from: post)
        _ = try hub.commit()
        #expect(try hub.records().map(\.offset) == [1, 2])
        #expect(hub.core.end.heads.map(\.sequence) == [2, 1])
    }

    @Test("while a batch is under way the next one is gathered behind it, and acknowledged after it")
    func underWay() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(7, last: 9), as: post)
        hub.ingest(post.alert(1), from: post)
        let closed = hub.core.closeBatch()
        let first = try #require(closed)
        hub.ingest(post.alert(2), from: post)
        #expect(hub.core.closeBatch() == nil, "one at a time")
        #expect(hub.answers().isEmpty, "nothing is said before it is on disk")
        try hub.store.commit(first)
        hub.core.committed(at: hub.now)
        #expect(hub.core.end.offset == 1)
        guard case .acknowledged(let answer)? = replies(hub.answers()).first else {
            Issue.record("no acknowledgement")
            return
        }
        #expect(answer.through == 1)
        _ = try hub.commit()
        #expect(try hub.records().map(\.sequence) == [1, 2])
    }

    @Test(
        "a commit that fails takes what was gathered behind it along: both come again, with the same numbers")
    func rollbackOfBoth() throws {
        let other = Actor("prey-veng", publish: Reference.grant("prey-veng"))
        var hub = try Hub([post, other])
        _ = hub.ask(hello(7, last: 9), as: post)
        _ = hub.ask(hello(7, last: 9), as: other, from: [2])
        hub.ingest(post.alert(1), from: post)
        _ = hub.core.closeBatch()
        hub.ingest(post.alert(2), from: post)
        hub.ingest(other.alert(1, provinces: ["KH-14"]), from: other)
        hub.core.rolledBack(at: hub.now)
        let resume = Reply.Resume(epoch: HexNumber(7), from: 1, wait: HubCore.waitAfterFailure)
        #expect(replies(hub.answers()) == [.resume(resume), .resume(resume)])
        #expect(hub.core.closeBatch() == nil)
        for sequence in UInt64(1)...2 { hub.ingest(post.alert(sequence), from: post) }
        hub.ingest(other.alert(1, provinces: ["KH-14"]), from: other)
        _ = try hub.commit()
        #expect(try hub.records().map(\.offset) == [1, 2, 3])
    }

    @Test("after a failed commit what is still on the way does not undo the wait")
    func rollbackThenGap() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(7, last: 9), as: post)
        hub.ingest(post.alert(1), from: post)
        _ = hub.core.closeBatch()
        hub.core.rolledBack(at: hub.now)
        _ = hub.core.takeActions()
        hub.ingest(post.alert(2), from: post)
        hub.ingest(post.alert(3), from: post)
        #expect(hub.answers().isEmpty)
    }

    @Test("a commit that fails in a new epoch asks for it from its beginning")
    func rollbackOfEpoch() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1, epoch: 7), from: post)
        _ = try hub.commit()
        _ = hub.ask(hello(8, last: 9), as: post)
        hub.ingest(post.alert(1, epoch: 8, number: 11), from: post)
        _ = hub.core.closeBatch()
        hub.core.rolledBack(at: hub.now)
        let resume = Reply.Resume(epoch: HexNumber(8), from: 1, wait: HubCore.waitAfterFailure)
        #expect(replies(hub.core.takeActions()) == [.resume(resume)])
        hub.ingest(post.alert(2, epoch: 7), from: post)
        _ = try hub.commit()
        #expect(try hub.records().map(\.epoch) == [7, 7], "the old epoch is still the current one")
    }

    @Test("a consumed sequence whose refusal is no longer kept is told as refused, not left open")
    func forgotten() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(7, last: 9), as: post)
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        // As if 2 had been refused long ago: consumed, and nothing kept of it.
        var batch = Batch()
        batch.positions = [Position(post: "koh-kong", epoch: 7, through: 2)]
        try hub.store.commit(batch)
        var again = try Hub([post], log: hub.log)
        let asked = again.ask(
            .outcomes(Request.Outcomes(request: 5, epoch: HexNumber(7), from: 1, through: 4)), as: post)
        guard case .acknowledged(let answer) = try again.reply(asked) else {
            Issue.record("\(asked)")
            return
        }
        #expect(answer.stored == [[1, 1, 1]])
        #expect(answer.refused.map(\.sequence) == [2], "and 3 and 4 are not consumed")
        #expect(answer.refused.map(\.code) == [.forgotten])
    }
}
