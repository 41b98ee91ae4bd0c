import Alerts
import AlertStore
import MemoryStore
import Testing
import Wire

@testable import AlertHub

/// What the hub says of alerts with the same plate, and to whom.
@Suite("Possible matches")
struct RelatedTests {
    let koh = Actor("koh-kong", publish: Reference.grant("koh-kong"), read: Reference.grant("koh-kong"))
    let prey = Actor("prey-veng", publish: Reference.grant("prey-veng"))
    let all = Actor("national", read: Reference.grant("all"))

    /// An invented alert with a plate.
    /// - life: milliseconds from the hub's now. refers: numbers of the alerts that it changes.
    private func alert(
        _ number: UInt64, _ sequence: UInt64, from actor: Actor, province: String, plate: String,
        type: String = "Alert", status: String = "Actual", refers: [UInt64] = [], life: Int64 = 86_400_000
    ) -> PostedAlert {
        let now: Int64 = 1_800_000_000_000
        let id = AlertID(
            time: Timestamp(milliseconds: now), random: [0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(number)])
        let references = refers.map { "\"\(self.id($0))\"" }.joined(separator: ",")
        let payload = """
            {"id":"\(id)","sender":"\(actor.name)","sent":"\(Timestamp(milliseconds: now).rfc3339())",\
            "status":"\(status)","msgType":"\(type)"\
            \(refers.isEmpty ? "" : ",\"references\":[\(references)]"),"kind":"movement","urgency":"Unknown",\
            "severity":"Unknown","certainty":"Unknown",\
            "expires":"\(Timestamp(milliseconds: now + life).rfc3339())","handling":"TLP:RED",\
            "provinces":["\(province)"],"headline":{"en":"Invented"},"movement":{"mode":"road",\
            "direction":"out","vehicle":{"type":"van","plate":"\(plate)"}}}
            """
        return actor.sign(
            Array(payload.utf8), sequence, epoch: 7, topic: Reference.topic(province, .movement))
    }

    private func id(_ number: UInt64) -> String {
        AlertID(
            time: Timestamp(milliseconds: 1_800_000_000_000),
            random: [0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(number)]
        ).description
    }

    private func greet(_ hub: inout Hub, _ actor: Actor, peer: [UInt8]) {
        var hello = Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 1_000_000)
        hello.related = true
        hub.core.controlled(Request.hello(hello).frames(), from: peer, user: actor.user, at: hub.now)
        _ = hub.core.takeActions()
    }

    /// What the hub tells unasked.
    private func told(_ actions: [Action], _ hub: Hub) throws -> [Reply.Related] {
        try actions.compactMap { action in
            guard case .read(let query) = action, query.request == 0 else { return nil }
            guard case .related(let related) = try QueryRunner(log: hub.reader, query: query).reply() else {
                return nil
            }
            return related
        }
    }

    @Test("a post hears in its welcome whether the hub tells of possible matches: it waits for nothing else")
    func welcome() throws {
        var hub = try Hub([koh, prey])
        for isAsked in [true, false] {
            var hello = Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 0)
            if isAsked { hello.related = true }
            let reply = try hub.reply(hub.ask(.hello(hello), as: koh))
            guard case .welcome(let welcome) = reply else { throw Malformed("no welcome") }
            #expect(welcome.related == (isAsked ? true : nil))
        }
    }

    private func related(_ hub: inout Hub, _ number: UInt64, by actor: Actor) throws -> Reply? {
        let request = Request.Related(request: 5, alert: id(number))
        let reply = try hub.reply(hub.ask(.related(request), as: actor))
        hub.finishReadings(of: actor, count: 1)
        return reply
    }

    private func hub(_ actors: [Actor]) throws -> Hub {
        var hub = try Hub(actors)
        greet(&hub, koh, peer: [8])
        greet(&hub, prey, peer: [9])
        return hub
    }

    @Test("who may read it is told of it by name, others only that there is one, and nothing else")
    func named() throws {
        var hub = try hub([koh, prey, all])
        hub.send(alert(1, 1, from: koh, province: "KH-9", plate: "2AB-0012"), from: koh)
        #expect(try told(hub.commit(), hub).map(\.matches.count) == [0])
        hub.send(alert(2, 1, from: prey, province: "KH-14", plate: "២ab 0012"), from: prey)
        let beyond = try #require(try told(hub.commit(), hub).first)
        #expect(beyond.alert == id(2) && beyond.request == nil)
        #expect(beyond.matches.isEmpty && beyond.hidden == true)
        #expect(beyond.sentences() == ["possible match: one exists in a province that you may not read"])
        guard case .related(let seen)? = try related(&hub, 2, by: all) else {
            Issue.record("no answer")
            return
        }
        #expect(seen.matches.map(\.alert) == [id(1)] && seen.hidden == nil)
        #expect(seen.matches.first?.province == "koh-kong" && seen.matches.first?.identifiers == ["plate"])
        guard case .related(let unread)? = try related(&hub, 2, by: koh) else {
            Issue.record("no answer")
            return
        }
        #expect(unread.matches.isEmpty && unread.hidden == nil, "an alert that it may not read leads nowhere")
    }

    @Test("what is over, an exercise, and what is linked by reference already are no matches")
    func living() throws {
        var hub = try hub([koh, prey, all])
        let plate = "2AB-0012"
        hub.send(alert(1, 1, from: koh, province: "KH-9", plate: plate), from: koh)
        hub.send(
            alert(2, 2, from: koh, province: "KH-9", plate: plate, type: "Cancel", refers: [1]), from: koh)
        hub.send(alert(3, 3, from: koh, province: "KH-9", plate: plate, status: "Exercise"), from: koh)
        hub.send(alert(4, 4, from: koh, province: "KH-9", plate: plate, life: 1), from: koh)
        hub.send(alert(5, 1, from: prey, province: "KH-14", plate: plate), from: prey)
        hub.send(
            alert(6, 2, from: prey, province: "KH-14", plate: plate, type: "Update", refers: [5]), from: prey)
        _ = try hub.commit()
        hub.now.milliseconds += 10
        guard case .related(let first)? = try related(&hub, 6, by: all) else {
            Issue.record("no answer")
            return
        }
        #expect(first.matches.isEmpty && first.hidden == nil, "\(first.matches)")
        hub.send(alert(7, 5, from: koh, province: "KH-9", plate: plate), from: koh)
        _ = try hub.commit()
        guard case .related(let second)? = try related(&hub, 7, by: all) else {
            Issue.record("no answer")
            return
        }
        #expect(second.matches.map(\.alert) == [id(6)])
    }

    @Test(
        "a post that has not asked for it is told nothing, and one that publishes plate after plate is held back"
    )
    func limited() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(alert(1, 1, from: koh, province: "KH-9", plate: "2AB-0012"), from: koh)
        #expect(try told(hub.commit(), hub).isEmpty)
        var limits = HubLimits()
        limits.related = 3
        hub.core.follow(limits)
        greet(&hub, prey, peer: [9])
        var answers = 0
        for number in UInt64(1)...5 {
            hub.send(
                alert(10 + number, number, from: prey, province: "KH-14", plate: "1A-000\(number)"),
                from: prey)
            let actions = try hub.commit()
            answers += try told(actions, hub).count
            hub.finishReadings(of: prey, count: 1)
            if number == 4 { #expect(notices(actions).map(\.event) == [.budgetReached]) }
        }
        #expect(answers == 3)
        #expect(try hub.records().count == 6, "they are stored all the same")
        let request = Request.Related(request: 5, alert: id(11))
        let reply = try hub.reply(hub.ask(.related(request), as: koh))
        #expect(reply != nil)
    }

    @Test("the operator sees how often, and that somebody was told of what it may not read")
    func counted() throws {
        var hub = try hub([koh, prey])
        let asker = Asker(peer: [9], user: prey.user, account: prey.name, read: prey.read)
        hub.core.looked(
            LogAnswer(
                asker: asker, request: 0, frames: [],
                related: RelatedCount(alert: id(2), named: 0, isHidden: true)), at: hub.now)
        let notice = try #require(notices(hub.core.takeActions()).first)
        #expect(notice.event == .possibleMatch && notice.post == "prey-veng")
        #expect(notice.message.contains("in a province that it may not read"))
        let text = MetricsText.make(hub.core.report(at: hub.now), version: "test", .prometheus)
        #expect(text.contains("borderwire_related_total{readable=\"false\"} 1"))
        #expect(text.contains("borderwire_related_total{readable=\"true\"} 0"))
    }
}
