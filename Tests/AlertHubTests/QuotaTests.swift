import Alerts
import AlertStore
import MemoryStore
import Platform
import Settings
import Testing
import Wire

@testable import AlertHub

@Suite("What a post may send")
struct QuotaTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))
    static let day: Int64 = 86_400_000

    private func hub(_ change: (inout HubLimits) -> Void, log: MemoryLog = MemoryLog(log: 1)) throws -> Hub {
        var limits = HubLimits()
        change(&limits)
        var hub = try Hub([post], log: log)
        hub.core.follow(limits)
        return hub
    }

    /// As large as an alert may be, by what it says.
    private func large(_ sequence: UInt64) -> PostedAlert {
        let text = String(repeating: "x", count: 1_500)
        let payload = String(decoding: post.alert(sequence).payload, as: UTF8.self)
            .replacing("Invented for a test", with: "Invented", maxReplacements: 1)
            .replacing(#","headline""#, with: #","description":{"en":"\#(text)"},"headline""#)
        return post.sign(
            Array(payload.utf8), sequence, epoch: 7, topic: Reference.topic("KH-9", .suspect))
    }

    private func resumes(_ actions: [Action]) -> [Reply.Resume] {
        replies(actions).compactMap { if case .resume(let resume) = $0 { resume } else { nil } }
    }

    @Test("more bytes a second than it may send wait for the next second, and none is lost or refused")
    func byteRate() throws {
        var hub = try hub { $0.byteRate = .kibibytes(64) }
        var sequence: UInt64 = 0
        var resume: Reply.Resume?
        while resume == nil, sequence < 100 {
            sequence += 1
            hub.ingest(large(sequence), from: post)
            resume = resumes(hub.answers()).first
        }
        let size = large(1).header.count + large(1).payload.count + large(1).signature.count
        #expect(Int(sequence) == 65_536 / size + 1)
        #expect(resume?.from == sequence && resume?.reason == nil)
        #expect(hub.core.drops.counts == ["rate": 1])
        hub.now.milliseconds += Int64(resume?.wait ?? 0)
        hub.ingest(large(sequence), from: post)
        _ = try hub.commit()
        #expect(try hub.records().count == Int(sequence))
    }

    @Test("a day's bytes: the post is told why it waits, the operator too, and other posts go on")
    func daily() throws {
        let other = Actor("prey-veng", publish: Reference.grant("prey-veng"))
        var limits = HubLimits()
        limits.daily = .kibibytes(100)
        var hub = try Hub([post, other])
        hub.core.follow(limits)
        var sequence: UInt64 = 0
        var actions: [Action] = []
        while resumes(actions).isEmpty, sequence < 100 {
            sequence += 1
            hub.ingest(large(sequence), from: post)
            actions = hub.answers()
        }
        #expect((40...60).contains(sequence))
        let resume = try #require(resumes(actions).first)
        #expect(resume.reason?.contains("102400 bytes of alerts within a day") == true)
        #expect(try #require(resume.wait) > 60_000)
        #expect(notices(actions).map(\.event) == [.budgetReached])
        hub.ingest(other.alert(1, provinces: ["KH-14"]), from: other)
        _ = try hub.commit()
        #expect(try hub.records().last?.post == "prey-veng")
        // Half a day later half of it is there again.
        hub.now.milliseconds += QuotaTests.day / 2
        hub.ingest(large(sequence), from: post)
        _ = try hub.commit()
        #expect(try hub.records().last?.sequence == sequence)
    }

    @Test("what was sent before the hub's start counts after it")
    func restored() throws {
        var hub = try hub { $0.daily = .mebibytes(1) }
        hub.core.restore(["koh-kong": 1_048_576], at: hub.now)
        hub.ingest(post.alert(1), from: post)
        #expect(hub.core.closeBatch() == nil)
        #expect(hub.core.drops.counts == ["quota": 1])
        #expect(
            hub.core.budgets.lines(of: "koh-kong", at: hub.now).contains {
                $0.resource == .dailyBytes && $0.used == 1_048_576
            })
    }

    @Test(
        "a post begins so many epochs within a day, the last goes on, and with new keys it may begin as many again"
    )
    func epochs() throws {
        var hub = try hub { $0.epochs = 5 }
        for epoch in UInt64(1)...5 {
            hub.ingest(post.alert(1, epoch: epoch, number: epoch), from: post)
            _ = try hub.commit()
            hub.now.milliseconds += 1_000
        }
        func hello(_ epoch: UInt64, as actor: Actor) -> [Action] {
            hub.ask(
                .hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(epoch), last: 9)),
                as: actor,
                from: [9])
        }
        let actions = hello(6, as: post)
        guard case .refused(let refused)? = replies(actions).first else {
            Issue.record("not refused")
            return
        }
        #expect(refused.code == .epochs)
        #expect(notices(actions).map(\.event) == [.budgetReached])
        hub.ingest(post.alert(2, epoch: 5, number: 12), from: post)
        _ = try hub.commit()
        #expect(try hub.records().count == 6)

        let again = Actor("koh-kong", publish: Reference.grant("koh-kong"))
        hub.core.follow(Registry([again.registered]))
        _ = hub.core.takeActions()
        hub.ingest(again.alert(1, epoch: 6, number: 21), from: again)
        _ = try hub.commit()
        #expect(try hub.records().last?.epoch == 6)

        // A day later the former keys would have had theirs again.
        hub.now.milliseconds += QuotaTests.day
        #expect(hub.core.budgets.isThere(5, of: .epochs, for: "koh-kong", at: hub.now))
    }
}
