import AlertStore
import Alerts
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

@Suite("Alerts that nobody looks at are escalated")
struct EscalationTests {
    private static let minute: Int64 = 60_000
    private func subject(
        _ offset: UInt64, urgency: Urgency = .immediate, author: String = "koh-kong", onDuty: Bool = true,
        replaces: [UInt64] = []
    ) -> Escalation.Subject {
        Escalation.Subject(
            offset: offset, alert: id(offset), author: author, urgency: urgency,
            stored: Timestamp(milliseconds: 0), topics: [1],
            expires: Timestamp(milliseconds: 1_000 * EscalationTests.minute),
            isOnDuty: onDuty, replaces: replaces.map(id))
    }

    private func id(_ number: UInt64) -> AlertID {
        guard let id = AlertID(sampleID(number)) else { preconditionFailure("\(number) makes no id") }
        return id
    }

    /// What is told at a minute, after it was recorded.
    private func told(_ escalation: inout Escalation, at minute: Double) -> [String] {
        let now = Timestamp(milliseconds: Int64(minute * Double(EscalationTests.minute)))
        escalation.look(at: now, clock: now, certain: now)
        var batch = Batch()
        escalation.close(into: &batch)
        return escalation.committed().map { "\($0.number) \($0.offset) \($0.reason.rawValue)" }
    }

    @Test(
        "an alert that nobody has seen is told after five minutes, and once more unacknowledged after fifteen"
    )
    func unseen() {
        var escalation = Escalation()
        escalation.stored(subject(7), since: Timestamp(milliseconds: 0))
        #expect(told(&escalation, at: 4.9).isEmpty)
        #expect(told(&escalation, at: 5) == ["1 7 unseen"])
        #expect(told(&escalation, at: 6).isEmpty)
        #expect(told(&escalation, at: 15) == ["2 7 unacknowledged"])
        #expect(escalation.open.map(\.number) == [1, 2])
        escalation.seen(7)
        #expect(escalation.open.map(\.number) == [2], "it is still not acknowledged")
        escalation.acknowledged(7)
        #expect(escalation.open.isEmpty && escalation.watchedCount == 0)
    }

    @Test("seen in time only the acknowledgement is missing, and acknowledged in time nothing is")
    func inTime() {
        var escalation = Escalation()
        for offset in UInt64(1)...2 { escalation.stored(subject(offset), since: Timestamp(milliseconds: 0)) }
        escalation.seen(1)
        escalation.acknowledged(2)
        #expect(told(&escalation, at: 14).isEmpty)
        #expect(told(&escalation, at: 15) == ["1 1 unacknowledged"])
    }

    @Test("nothing is told before it is recorded, and a commit that failed is made up for")
    func recordedFirst() {
        var escalation = Escalation()
        escalation.stored(subject(7), since: Timestamp(milliseconds: 0))
        let now = Timestamp(milliseconds: 5 * EscalationTests.minute)
        escalation.look(at: now, clock: now, certain: now)
        #expect(escalation.open.isEmpty && escalation.isDue)
        var batch = Batch()
        escalation.close(into: &batch)
        #expect(batch.escalations == [EscalationRow(number: 1, offset: 7, reason: "unseen", at: now)])
        escalation.rolledBack()
        var again = Batch()
        escalation.close(into: &again)
        #expect(again.escalations == batch.escalations)
        #expect(escalation.committed().map(\.number) == [1] && escalation.open.map(\.number) == [1])
    }

    @Test("where nobody is on duty it is told at once; of other urgencies, and once it is over, never")
    func unattended() {
        var escalation = Escalation()
        escalation.stored(subject(1, onDuty: false), since: Timestamp(milliseconds: 0))
        escalation.stored(subject(2, urgency: .unknown), since: Timestamp(milliseconds: 0))
        escalation.stored(subject(3), since: Timestamp(milliseconds: 0))
        escalation.settle(id(3))
        #expect(told(&escalation, at: 0) == ["1 1 unattended"])
        escalation.acknowledged(1)
        #expect(told(&escalation, at: 600).isEmpty)
    }

    @Test("an expired alert is not told any more, unless the time is not certain")
    func expired() {
        var escalation = Escalation()
        escalation.stored(
            subject(1, urgency: .expected), since: Timestamp(milliseconds: 999 * EscalationTests.minute))
        let now = Timestamp(milliseconds: 2_000 * EscalationTests.minute)
        escalation.look(at: now, clock: now, certain: Timestamp(milliseconds: 0))
        #expect(escalation.isDue)
        escalation.look(at: now, clock: now, certain: now)
        var batch = Batch()
        escalation.close(into: &batch)
        #expect(escalation.committed().isEmpty && escalation.watchedCount == 0)
    }

    @Test("an update does not put off what nobody has seen")
    func updated() {
        var escalation = Escalation()
        escalation.stored(subject(1), since: Timestamp(milliseconds: 0))
        escalation.stored(
            subject(2, replaces: [1]), since: Timestamp(milliseconds: 4 * EscalationTests.minute))
        #expect(told(&escalation, at: 5) == ["1 2 unseen"])
        escalation.seen(2)
        escalation.stored(
            subject(3, replaces: [2]), since: Timestamp(milliseconds: 60 * EscalationTests.minute))
        #expect(told(&escalation, at: 64).isEmpty, "what was seen is a new time")
        #expect(told(&escalation, at: 65) == ["2 3 unseen"])
    }

    @Test("one author does not use up the room of the others")
    func room() {
        var escalation = Escalation()
        for offset in 1...UInt64(Escalation.mostOfAuthor) {
            escalation.stored(subject(offset), since: Timestamp(milliseconds: 0))
        }
        #expect(escalation.watchedCount == Escalation.mostOfAuthor)
        let hasRoom = escalation.stored(subject(50_000), since: Timestamp(milliseconds: 0))
        #expect(!hasRoom && escalation.unwatched == 1)
        let othersHave = escalation.stored(
            subject(50_001, author: "kandal"), since: Timestamp(milliseconds: 0))
        #expect(othersHave)
    }

    @Test(
        "who has thousands to escalate is told within its budget, after the others, and nothing of it is lost"
    )
    func fair() {
        var escalation = Escalation()
        for offset in UInt64(1)...1_000 {
            escalation.stored(subject(offset, author: "insider"), since: Timestamp(milliseconds: 0))
        }
        escalation.stored(subject(2_000, author: "kandal"), since: Timestamp(milliseconds: 0))
        escalation.stored(subject(2_001, author: "pursat"), since: Timestamp(milliseconds: 0))
        var budgets = Budgets(HubLimits())
        var asked = 0
        func told(at minute: Int64) -> [Escalation.Raised] {
            let now = Timestamp(milliseconds: minute * EscalationTests.minute)
            escalation.look(at: now, clock: now, certain: now) { author in
                asked += 1
                return budgets.take(of: .escalations, for: author, at: now)
            }
            var batch = Batch()
            escalation.close(into: &batch)
            return escalation.committed()
        }
        let first = told(at: 5)
        #expect(first.map(\.author).prefix(3) == ["insider", "kandal", "pursat"])
        #expect(first.count == 62 && first.filter { $0.author == "insider" }.count == 60)
        #expect(first.map(\.number) == Array(1...62) && escalation.held == ["insider"])
        #expect(asked == 63, "an author that may have no more is not asked about again")
        // What waits is told as the budget comes back, in its order.
        #expect(told(at: 6).map(\.offset) == [61])
        #expect(told(at: 8).map(\.offset) == [62, 63])
        for minute in Int64(9)...14 { _ = told(at: minute) }
        #expect(escalation.held == ["insider"])
        for offset in UInt64(1)...1_000 { escalation.acknowledged(offset) }
        _ = told(at: 15)
        #expect(escalation.held.isEmpty)
    }

    @Test("the operator hears once that an author has more than is escalated, and whom it concerns")
    func held() throws {
        var insider = Actor("prey-veng", publish: .all)
        insider.duty = .none
        var hub = try Hub([post, insider, desk])
        var limits = HubLimits()
        limits.escalations = 2
        hub.core.follow(limits)
        for sequence in UInt64(1)...5 {
            let text = String(decoding: insider.alert(sequence).payload, as: UTF8.self)
                .replacing("\"Test\"", with: "\"Actual\"").replacing("\"Expected\"", with: "\"Immediate\"")
                .replacing("2026-11-25T", with: "2027-11-01T")
            hub.ingest(
                insider.sign(Array(text.utf8), sequence, epoch: 7, topic: Reference.topic("KH-9", .suspect)),
                from: insider)
        }
        hub.ingest(actual, from: post)
        _ = try hub.commit()
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 6 * EscalationTests.minute)
        hub.core.beat(at: hub.now)
        let actions = try hub.commit()
        #expect(escalated(actions).count == 3)
        func reached(_ actions: [Action]) -> [String] {
            notices(actions).filter { $0.event == .budgetReached }.compactMap { $0.reason }
        }
        #expect(reached(actions) == ["escalations"])
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + EscalationTests.minute / 2)
        hub.core.beat(at: hub.now)
        #expect(reached(try hub.commit()).isEmpty)
    }

    // MARK: In a hub

    private let post = Actor("koh-kong", publish: .all)
    private let desk: Actor = {
        var desk = Actor("desk", read: .all)
        desk.duty = Reference.grant("koh-kong")
        return desk
    }()
    private let idle = Actor("idle", read: .all)

    /// A real alert that wants to be looked at at once.
    private var actual: PostedAlert {
        let text = String(decoding: post.alert(1).payload, as: UTF8.self)
            .replacing("\"Test\"", with: "\"Actual\"").replacing("\"Expected\"", with: "\"Immediate\"")
            .replacing("2026-11-25T", with: "2027-11-01T")
        return post.sign(Array(text.utf8), 1, epoch: 7, topic: Reference.topic("KH-9", .suspect))
    }

    @Test("a hub that follows names the same open ones in its heartbeats, until what was missing is there")
    func following() throws {
        for ends in ["seen", "acknowledged", "cancelled", "expired", "nothing"] {
            var hub = try Hub([post, desk])
            hub.ingest(actual, from: post)
            _ = try hub.commit()
            hub.now = Timestamp(milliseconds: hub.now.milliseconds + 6 * EscalationTests.minute)
            hub.core.beat(at: hub.now)
            #expect(escalated(try hub.commit()) == ["unseen"])
            var follower = try Hub([post, desk], log: hub.log).core
            follower.share()
            follower.hear(true)
            var open = OpenEscalations()
            let first = try open.read(hub.reader, certain: hub.now)
            #expect(first == hub.core.escalation.open && first.count == 1)
            follower.escalation.follow(first)
            #expect(follower.escalations(.all, atMost: 9) == hub.core.escalations(.all, atMost: 9))
            var certain = hub.now
            switch ends {
            case "seen":
                let report = Request.Shown(
                    request: 5, log: HexNumber(1), topics: [.init(number: 1, ranges: [[1, 1]])])
                _ = hub.ask(.shown(report), as: desk)
            case "acknowledged":
                var batch = Batch()
                batch.progress = [AlertProgress(offset: 1, acknowledged: hub.now)]
                try hub.store.commit(batch)
            case "cancelled":
                let cancel = String(decoding: post.alert(2, references: [1]).payload, as: UTF8.self)
                    .replacing("\"Test\"", with: "\"Actual\"").replacing("2026-11-25T", with: "2027-11-01T")
                hub.ingest(
                    post.sign(Array(cancel.utf8), 2, epoch: 7, topic: Reference.topic("KH-9", .suspect)),
                    from: post)
            case "expired": certain = Timestamp(milliseconds: 2_000_000_000_000)
            default: break
            }
            _ = try hub.commit()
            let left = try open.read(hub.reader, certain: certain)
            #expect(left.isEmpty == (ends != "nothing"), "\(ends)")
        }
    }

    @Test("a hub that was down counts no time of it, tells again what is open, and goes on with the numbers")
    func restart() throws {
        let log = MemoryLog(log: 1)
        var hub = try Hub([post, desk], log: log)
        hub.ingest(actual, from: post)
        _ = try hub.commit()
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 6 * EscalationTests.minute)
        hub.core.beat(at: hub.now)
        #expect(escalated(try hub.commit()) == ["unseen"])
        let last = hub.now
        var later = try Hub([post, desk], log: log)
        later.now = Timestamp(milliseconds: last.milliseconds + 1_000)
        let escalation = try Escalation(
            EscalationSettings(), later.reader, topics: later.core.end.topics,
            roster: later.core.responses.roster, started: later.now)
        later.core.restore(escalation)
        #expect(escalated(later.core.takeActions()) == ["unseen"], "said again")
        later.now = Timestamp(milliseconds: last.milliseconds + 8 * EscalationTests.minute)
        later.core.beat(at: later.now)
        #expect(escalated(try later.commit()).isEmpty)
        later.now = Timestamp(milliseconds: last.milliseconds + 9 * EscalationTests.minute)
        later.core.beat(at: later.now)
        #expect(escalated(try later.commit()) == ["unacknowledged"])
        #expect(try later.reader.escalations(limit: 9).map(\.number) == [1, 2])
    }

    @Test(
        "what is open stays open over a restart however long ago it was, and what has expired meanwhile is not said again"
    )
    func longAgo() throws {
        for (days, isOpen) in [(20, true), (400, false)] {
            let log = MemoryLog(log: 1)
            var hub = try Hub([post, desk], log: log)
            hub.ingest(actual, from: post)
            _ = try hub.commit()
            hub.now = Timestamp(milliseconds: hub.now.milliseconds + 6 * EscalationTests.minute)
            hub.core.beat(at: hub.now)
            #expect(escalated(try hub.commit()) == ["unseen"])
            let later = Timestamp(
                milliseconds: hub.now.milliseconds + Int64(days) * 1_440 * EscalationTests.minute)
            var again = try Hub([post, desk], log: log, started: later)
            again.core.restore(
                try Escalation(
                    EscalationSettings(), again.reader, topics: again.core.end.topics,
                    roster: again.core.responses.roster, started: later))
            #expect(escalated(again.core.takeActions()) == (isOpen ? ["unseen"] : []))
        }
    }

    @Test("a cancellation settles it also once nobody is on duty any more")
    func offDuty() throws {
        var hub = try Hub([post, desk])
        hub.ingest(actual, from: post)
        _ = try hub.commit()
        #expect(hub.core.escalation.watchedCount == 1)
        hub.core.follow(Registry([post.registered, idle.registered]))
        _ = try hub.commit()
        let text = String(decoding: actual.payload, as: UTF8.self)
        let id = try #require(text.firstMatch(of: /"id":"([^"]+)"/)?.1)
        let cancel = String(decoding: post.alert(2, references: [1]).payload, as: UTF8.self)
            .replacing("\"Test\"", with: "\"Actual\"").replacing(sampleID(1), with: String(id))
        hub.ingest(
            post.sign(Array(cancel.utf8), 2, epoch: 7, topic: Reference.topic("KH-9", .suspect)), from: post)
        _ = try hub.commit()
        #expect(hub.core.escalation.watchedCount == 0)
    }

    @Test("what came before anybody was on duty is not escalated after a restart either")
    func beforeDuty() throws {
        let log = MemoryLog(log: 1)
        var hub = try Hub([post, idle], log: log)
        hub.ingest(actual, from: post)
        _ = try hub.commit()
        var later = try Hub([post, desk], log: log)
        later.core.restore(
            try Escalation(
                EscalationSettings(), later.reader, topics: later.core.end.topics,
                roster: later.core.responses.roster, started: later.now))
        later.now = Timestamp(milliseconds: later.now.milliseconds + 60 * EscalationTests.minute)
        later.core.beat(at: later.now)
        #expect(escalated(try later.commit()).isEmpty)
    }

    @Test("a reader whose grant covers it hears of it in its welcome and in heartbeats, another doesn't")
    func readers() throws {
        let other = Actor("kandal-desk", read: Reference.grant("kandal"))
        var hub = try Hub(
            [post, desk, other], signing: SigningKey())
        hub.ingest(actual, from: post)
        _ = try hub.commit()
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 6 * EscalationTests.minute)
        hub.core.beat(at: hub.now)
        _ = try hub.commit()
        hub.core.beat(at: hub.now)
        let beats = hub.core.takeActions().compactMap { action -> Int? in
            guard case .publish(_, let frames) = action,
                case .heartbeat(let heartbeat)? = try? FeedMessage(frames: frames)
            else { return nil }
            return heartbeat.escalations?.open.count ?? 0
        }
        #expect(beats.sorted() == [0, 1])
        #expect(try welcome(&hub, desk).escalations?.open.map(\.reason) == ["unseen"])
        #expect(try welcome(&hub, other).escalations == nil)
    }

    @Test("exercises and tests are never escalated, nor anything while nobody is on duty at all")
    func never() throws {
        for (actors, alert) in [
            ([post, desk], post.alert(1)), ([post, idle], actual),
        ] {
            var hub = try Hub(actors)
            hub.ingest(alert, from: post)
            _ = try hub.commit()
            hub.now = Timestamp(milliseconds: hub.now.milliseconds + 900 * EscalationTests.minute)
            hub.core.beat(at: hub.now)
            #expect(escalated(try hub.commit()).isEmpty)
        }
    }

    private func escalated(_ actions: [Action]) -> [String] {
        actions.compactMap { action in
            guard case .log(let notice) = action, notice.event == .alertEscalated else { return nil }
            return notice.reason
        }
    }

    private func welcome(_ hub: inout Hub, _ actor: Actor) throws -> Reply.Welcome {
        _ = hub.core.takeActions()
        let hello = Request.Hello(request: 1, program: "test")
        hub.core.controlled(Request.hello(hello).frames(), from: [7], user: actor.user, at: hub.now)
        for case .reply(_, .welcome(let welcome)) in hub.core.takeActions() { return welcome }
        throw Missing()
    }

    private struct Missing: Error {}
}
