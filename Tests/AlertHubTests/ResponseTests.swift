import Alerts
import AlertStore
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

@Suite("What comes of alerts")
struct ResponseTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong", "prey-veng"))
    let answering: Actor = {
        var actor = Actor(
            "prey-veng", publish: Reference.grant("prey-veng"), read: Reference.grant("koh-kong", "prey-veng")
        )
        actor.duty = Reference.grant("koh-kong")
        return actor
    }()
    let watch: Actor = {
        var actor = Actor("watch", read: Reference.grant("koh-kong"))
        actor.duty = Reference.grant("koh-kong/suspect")
        return actor
    }()
    let desk: Actor = {
        var actor = Actor("desk", read: Reference.grant("all"))
        actor.may = [.receipts]
        return actor
    }()
    let stranger = Actor("stranger", read: Reference.grant("pursat"))
    let reader = Actor("reader", read: Reference.grant("koh-kong"))

    var everybody: [Actor] { [post, answering, watch, desk, stranger, reader] }

    private func shown(_ ranges: [[UInt64]], topic: UInt32 = 1, log: UInt64 = 1) -> Request {
        .shown(
            Request.Shown(
                request: 4, log: HexNumber(log),
                topics: [Request.Shown.Ranges(number: topic, ranges: ranges)]))
    }

    /// Says it, and has it committed.
    @discardableResult
    func show(
        _ ranges: [[UInt64]], topic: UInt32 = 1, log: UInt64 = 1, as actor: Actor, _ hub: inout Hub
    ) throws -> [Reply] {
        let asked = hub.ask(shown(ranges, topic: topic, log: log), as: actor)
        return replies(asked) + replies(try hub.commit())
    }

    private func seen(_ number: UInt64, as actor: Actor, _ hub: inout Hub) throws -> Reply? {
        defer { hub.finishReadings(of: actor, count: 1) }
        return try hub.reply(
            hub.ask(.seen(Request.Seen(request: 5, alert: sampleID(number))), as: actor))
    }

    func report(_ number: UInt64, as actor: Actor, _ hub: inout Hub) throws -> Reply.Seen {
        guard case .seen(let seen) = try seen(number, as: actor, &hub) else {
            throw Malformed("not told who has seen it")
        }
        return seen
    }

    private func code(_ reply: Reply?) -> ReasonCode? {
        if case .refused(let refused) = reply { refused.code } else { nil }
    }

    /// A hub with so many suspects of Koh Kong, of which the numbers are their ids'.
    private func hub(_ count: UInt64) throws -> Hub {
        var hub = try Hub(everybody)
        for sequence in 1...count { hub.ingest(post.alert(sequence, number: sequence), from: post) }
        _ = try hub.commit()
        return hub
    }

    @Test("n are those on duty when it was stored, but for its author; k of them have shown it")
    func counts() throws {
        var hub = try hub(2)
        try show([[1, 1]], as: watch, &hub)
        try show([[1, 2]], as: reader, &hub)
        let first = try report(1, as: post, &hub)
        #expect(first.onDuty == 2 && first.seenBy == 1)
        #expect(first.names?.seen == ["watch"] && first.names?.unseen == ["prey-veng"])
        #expect(first.names?.others == ["reader"])
        #expect(first.seen == hub.core.clock(hub.now).milliseconds)
        let second = try report(2, as: post, &hub)
        #expect(second.onDuty == 2 && second.seenBy == 0)
        #expect(second.names?.others == ["reader"])
    }

    @Test("who goes on duty later is on duty for what comes later")
    func roster() throws {
        var hub = try hub(1)
        var late = reader
        late.duty = Reference.grant("koh-kong")
        hub.core.follow(Registry([post, late, desk].map(\.registered)))
        hub.ingest(post.alert(2, number: 2), from: post)
        _ = try hub.commit()
        #expect(try report(1, as: desk, &hub).names?.unseen == ["prey-veng", "watch"])
        #expect(try report(2, as: desk, &hub).names?.unseen == ["reader"])
    }

    @Test("after a restart all of it is as it was")
    func restart() throws {
        var hub = try hub(3)
        try show([[2, 3]], as: watch, &hub)
        let before = try report(2, as: post, &hub)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 5_000)
        var again = try Hub(everybody, log: hub.log)
        again.now = hub.now
        #expect(try report(2, as: post, &again) == before)
        #expect(try report(1, as: post, &again).seenBy == 0)
        // Known already: its first time stays.
        try show([[2, 2]], as: answering, &again)
        #expect(try report(2, as: post, &again).seen == before.seen)
    }

    @Test("who may not know the names doesn't: not of its answer, nor of the answer's size")
    func names() throws {
        var sizes: Set<Int> = []
        for showing in [watch, answering] {
            var hub = try hub(1)
            try show([[1, 1]], as: showing, &hub)
            let told = try report(1, as: reader, &hub)
            #expect(told.names == nil && told.seenBy == 1 && told.onDuty == 2)
            sizes.insert(Reply.seen(told).frames().reduce(0) { $0 + $1.count })
            #expect(try report(1, as: desk, &hub).names != nil)
            #expect(try report(1, as: watch, &hub).names == nil)
        }
        #expect(sizes.count == 1)
    }

    @Test("of an alert that one may not read nothing is told, not even that it is there")
    func hidden() throws {
        var hub = try hub(1)
        let hidden = try seen(1, as: stranger, &hub)
        #expect(code(hidden) == .reference)
        #expect(try seen(99, as: stranger, &hub) == hidden)
    }

    @Test("the operator may ask, and is told the names")
    func operatorAsks() throws {
        var hub = try hub(1)
        try show([[1, 1]], as: watch, &hub)
        hub.core.controlled(
            Request.seen(Request.Seen(request: 5, alert: sampleID(1))).frames(), from: [1], user: "operator",
            at: hub.now)
        guard case .seen(let seen) = try hub.reply(hub.core.takeActions()) else {
            Issue.record("not told")
            return
        }
        #expect(seen.names?.seen == ["watch"])
    }

    struct Claim: Sendable {
        var ranges: [[UInt64]]
        var topic: UInt32 = 1
        var log: UInt64 = 1
        var refusal: ReasonCode?
        /// The last of two alerts that counts as seen.
        var seen: UInt64 = 0
    }

    @Test(
        "only what exists, of the log that there is, and may be read counts",
        arguments: [
            Claim(ranges: [[1, 9_000]], seen: 2), Claim(ranges: [[3, 9]]),
            Claim(ranges: [[1, 2]], log: 2, refusal: .ahead),
            Claim(ranges: [[1, 2]], topic: 7, refusal: .grant),
        ])
    func bounds(claim: Claim) throws {
        var hub = try hub(2)
        let told = try show(claim.ranges, topic: claim.topic, log: claim.log, as: watch, &hub)
        #expect(code(told.first) == claim.refusal)
        #expect(claim.refusal != nil || told == [.shown(Reply.Shown(request: 4))])
        hub.ingest(post.alert(3, number: 3), from: post)
        _ = try hub.commit()
        for number in UInt64(1)...3 {
            #expect(try report(number, as: post, &hub).seenBy == (number <= claim.seen ? 1 : 0))
        }
    }

    @Test("a topic that is not granted takes the whole report with it")
    func granted() throws {
        var hub = try hub(1)
        hub.ingest(post.alert(2, provinces: ["KH-14"], number: 2), from: post)
        _ = try hub.commit()
        let both = Request.shown(
            Request.Shown(
                request: 4, log: HexNumber(1),
                topics: [
                    Request.Shown.Ranges(number: 1, ranges: [[1, 1]]),
                    Request.Shown.Ranges(number: 2, ranges: [[1, 1]]),
                ]))
        #expect(code(replies(hub.ask(both, as: watch)).first) == .grant)
        #expect(try report(1, as: post, &hub).seenBy == 0)
    }

    @Test("a report is confirmed once it is on disk, also without an alert, and not where the disk is full")
    func confirmed() throws {
        var hub = try hub(1)
        #expect(replies(hub.ask(shown([[1, 1]]), as: watch)).isEmpty)
        let early = hub.core.closeBatch(at: hub.now)
        #expect(early == nil, "reports wait for each other")
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + Responses.patience)
        let due = hub.core.closeBatch(at: hub.now)
        let batch = try #require(due)
        #expect(batch.records.isEmpty && batch.receipts.count == 1 && batch.progress.count == 1)
        hub.core.rolledBack(at: hub.now)
        #expect(replies(hub.core.takeActions()).isEmpty)
        #expect(replies(try hub.commit()) == [.shown(Reply.Shown(request: 4))])
        #expect(try hub.reader.receipts().map(\.identity) == ["watch"])
    }

    @Test("one report a second in the long run; of more the hub is busy, and nothing of them counts")
    func rate() throws {
        var hub = try Hub(everybody)
        for sequence in UInt64(1)...20 { hub.ingest(post.alert(sequence, number: sequence), from: post) }
        _ = try hub.commit()
        var codes: [ReasonCode?] = []
        for number in UInt64(1)...10 {
            codes.append(code(try show([[number, number]], as: watch, &hub).first))
        }
        #expect(codes == Array(repeating: nil, count: 8) + [.busy, .busy])
        #expect(try report(9, as: post, &hub).seenBy == 0)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 1_000)
        #expect(code(try show([[9, 9]], as: watch, &hub).first) == nil)
        #expect(code(try show([[10, 10]], as: watch, &hub).first) == .busy)
    }

    @Test("at the limit of ranges the oldest is forgotten: less is claimed, never more")
    func forgetting() throws {
        let most = UInt64(Receipts.mostRanges)
        var hub = try hub(2 * most + 3)
        let odd = (0...most).map { [2 * $0 + 1, 2 * $0 + 1] }
        let asked = hub.ask(shown(odd), as: watch)
        #expect(notices(asked).map(\.event) == [.budgetReached])
        _ = try hub.commit()
        #expect(try report(1, as: post, &hub).seenBy == 0)
        #expect(try report(3, as: post, &hub).seenBy == 1)
        #expect(try report(2, as: post, &hub).seenBy == 0)
    }

    @Test(
        "the author is told what first comes of its alerts, if its hello has asked for that; by whom and when"
    )
    func told() throws {
        var hub = try hub(2)
        try show([[1, 1]], as: watch, &hub)
        let hello = Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 10)
        var asking = hello
        asking.answers = true
        _ = hub.ask(.hello(asking), as: post, from: [9])
        _ = hub.ask(shown([[1, 2]]), as: answering)
        let told = replies(try hub.commit()).compactMap {
            if case .answered(let answered) = $0 { answered.alerts } else { nil }
        }
        #expect(
            told == [
                [
                    Reply.Answered.Answer(
                        alert: sampleID(2), offset: 2, what: .seen, by: "prey-veng",
                        time: hub.core.clock(hub.now).milliseconds)
                ]
            ])
        // Not once more, and not to who no longer asks.
        _ = hub.ask(.hello(hello), as: post, from: [9])
        hub.ingest(post.alert(3, number: 3), from: post)
        _ = try hub.commit()
        let later = try show([[1, 3]], as: watch, &hub)
        #expect(later == [.shown(Reply.Shown(request: 4))])
    }

    @Test(
        "an answer that comes before its alert counts once that is there, and who gave it has seen the alert",
        arguments: [false, true])
    func unresolved(inOneBatch: Bool) throws {
        var hub = try Hub(everybody)
        let payload = Array(
            String(
                decoding: samplePayload(70, sender: "prey-veng", provinces: ["KH-14"], kind: .sighting),
                as: UTF8.self
            )
            .utf8)
        let sighting = answering.sign(payload, 1, epoch: 7, topic: Reference.topic("KH-14", .sighting))
        hub.ingest(sighting, from: answering)
        if !inOneBatch { _ = try hub.commit() }
        hub.ingest(post.alert(1, number: 1), from: post)
        _ = try hub.commit()
        _ = try hub.commit()
        let seen = try report(1, as: post, &hub)
        #expect(seen.sighted != nil && seen.acknowledged == nil)
        #expect(seen.seenBy == 1 && seen.names?.seen == ["prey-veng"])
        #expect(try hub.reader.progress(after: 0, limit: 9).map(\.offset) == [2])
    }

    @Test(
        "the time of an answer that came before its alert outlives a hub that is killed before the alert, or right after it",
        arguments: [false, true])
    func early(alertIsStored: Bool) throws {
        let log = MemoryLog(log: 1)
        var hub = try Hub(everybody, log: log)
        let payload = samplePayload(70, sender: "prey-veng", provinces: ["KH-14"], kind: .sighting)
        hub.ingest(
            answering.sign(payload, 1, epoch: 7, topic: Reference.topic("KH-14", .sighting)), from: answering)
        _ = try hub.commit()
        let sighted = hub.core.clock(hub.now)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 60_000)
        if alertIsStored {
            hub.ingest(post.alert(1, number: 1), from: post)
            _ = try hub.commit()
            #expect(try hub.reader.progress(after: 0, limit: 9).isEmpty, "that is what the next batch has")
        }
        var later = try Hub(everybody, log: log, started: hub.now)
        if !alertIsStored { later.ingest(post.alert(1, number: 1), from: post) }
        _ = try later.commit()
        _ = try later.commit()
        let progress = try later.reader.progress(after: 0, limit: 9)
        #expect(progress.map(\.offset) == [2] && progress.first?.sighted == sighted)
        // Once is enough: the next start adds nothing.
        var last = try Hub(everybody, log: log, started: hub.now)
        #expect(last.core.closeBatch() == nil)
    }

    @Test("who is enrolled no longer is forgotten after the audit's time, and who comes back in time is not")
    func gone() throws {
        let day = Duration.seconds(86_400)
        var hub = try hub(1)
        try show([[1, 1]], as: watch, &hub)
        try show([[1, 1]], as: reader, &hub)
        let left = [post, answering, desk, stranger].map(\.registered)
        hub.core.follow(Registry(left))
        _ = try hub.commit()
        func rows() throws -> [String] {
            Set(try hub.reader.receipts().map(\.identity) + hub.reader.duty().map(\.identity)).sorted()
        }
        func forget(atDay days: Int64, storing number: UInt64) throws {
            hub.now = Timestamp(milliseconds: 1_800_000_000_000 + days * 86_400_000)
            hub.ingest(post.alert(number, number: number), from: post)
            _ = try hub.commit()
            try hub.core.forgetGone(after: day * 365, certain: hub.now, log: hub.reader)
            _ = try hub.commit()
        }
        try forget(atDay: 1, storing: 2)
        try forget(atDay: 300, storing: 3)
        #expect(try rows() == ["prey-veng", "reader", "watch"])
        #expect(try report(1, as: desk, &hub).names?.others == ["reader"])
        // Back for a day: from then on it counts anew.
        hub.core.follow(Registry(left + [reader.registered]))
        _ = try hub.commit()
        hub.core.follow(Registry(left))
        _ = try hub.commit()
        try forget(atDay: 400, storing: 4)
        #expect(try rows() == ["prey-veng", "reader"])
        let again = try Hub(everybody, log: hub.log, started: hub.now)
        #expect(again.core.responses.receipts.identities == ["reader"])
        try forget(atDay: 800, storing: 5)
        #expect(try rows() == ["prey-veng"])
    }

    @Test("what an author shows itself tells it nothing")
    func own() throws {
        var author = post
        author.read = Reference.grant("koh-kong")
        author.duty = Reference.grant("koh-kong")
        var hub = try Hub([author, watch])
        hub.ingest(author.alert(1, number: 1), from: author)
        _ = try hub.commit()
        try show([[1, 1]], as: author, &hub)
        let seen = try report(1, as: author, &hub)
        #expect(seen.onDuty == 1 && seen.seenBy == 0 && seen.seen == nil)
        #expect(seen.names?.others == [])
    }

    @Test("after a cancellation the author sees who has the alert and not yet its cancellation")
    func corrections() throws {
        var hub = try hub(1)
        try show([[1, 1]], as: watch, &hub)
        try show([[1, 1]], as: reader, &hub)
        hub.ingest(post.alert(2, number: 2, references: [1]), from: post)
        _ = try hub.commit()
        try show([[2, 2]], as: reader, &hub)
        let seen = try report(1, as: post, &hub)
        #expect(
            seen.names?.corrections == [
                Reply.Seen.Correction(alert: sampleID(2), offset: 2, change: .cancel, unseen: ["watch"])
            ])
        try show([[2, 2]], as: watch, &hub)
        #expect(try report(1, as: post, &hub).names?.corrections.map(\.unseen) == [[]])
    }
}
