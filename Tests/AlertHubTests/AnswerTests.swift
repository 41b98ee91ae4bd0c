import Alerts
import AlertStore
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

/// Acknowledgements, sightings and changes, and where the hub delivers them.
@Suite("Answers to an alert")
struct AnswerTests {
    let koh = Actor("koh-kong", publish: Reference.grant("koh-kong"), read: Reference.grant("koh-kong"))
    let prey = {
        var prey = Actor(
            "prey-veng", publish: Reference.grant("prey-veng"), read: Reference.grant("prey-veng"))
        prey.duty = Reference.grant("koh-kong", "prey-veng")
        return prey
    }()
    /// Publishes nothing, and may acknowledge.
    let analyst = {
        var analyst = Actor("analyst", read: Reference.grant("koh-kong", "prey-veng"))
        (analyst.duty, analyst.may) = (Reference.grant("koh-kong"), [.ack])
        return analyst
    }()

    /// An invented answer as its post sends it.
    /// - number: of its id. type: its msgType. subject: what it refers to, by its id's number. section: what follows in JSON.
    private func answer(
        _ sequence: UInt64, from actor: Actor, province: String, _ kind: Kind, type: String = "Alert",
        status: String = "Test", refers subject: UInt64? = nil, _ section: String = ""
    ) -> PostedAlert {
        let references = subject.map { "\"references\":[\"\(sampleID($0))\"]," } ?? ""
        let payload = """
            {"id":"\(sampleID(9_000 + sequence))","sender":"\(actor.name)","sent":"2026-11-24T06:30:00+07:00",\
            "status":"\(status)","msgType":"\(type)",\(references)"kind":"\(kind.rawValue)","urgency":"Unknown",\
            "severity":"Unknown","certainty":"Unknown","expires":"2026-11-25T06:30:00+07:00",\
            "handling":"TLP:RED","provinces":["\(province)"]\(section)}
            """
        return actor.sign(Array(payload.utf8), sequence, epoch: 7, topic: Reference.topic(province, kind))
    }

    private func sighting(of subject: UInt64, _ sequence: UInt64, more: String = "") -> PostedAlert {
        answer(
            sequence, from: prey, province: "KH-14", .sighting,
            """
            ,"sighting":{"of":"\(sampleID(subject))","outcome":"stopped","identifiers":["plate"],\
            "time":"2026-11-24T06:20:00+07:00"\(more)}
            """)
    }

    private func topics(_ record: Record, _ hub: Hub) -> [String] {
        record.deliveries.map { hub.core.end.topics[Int($0.topic) - 1].name }
    }

    @Test("an acknowledgement goes to its author's province and wherever the alert went")
    func ack() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        hub.ingest(answer(1, from: prey, province: "KH-14", .movement, type: "Ack", refers: 1), from: prey)
        let actions = try hub.commit()
        let record = try #require(try hub.records().last)
        #expect(record.post == "prey-veng")
        #expect(topics(record, hub) == ["kh.prey-veng.movement.", "kh.koh-kong.movement."])
        let kohs = try published(actions)[Feed.domain(of: koh.read)]?.offsets
        #expect(kohs?.flatMap { $0 } == [1, 2])
    }

    @Test(
        "an acknowledgement of another kind or status than the alert's, or of an acknowledgement, is refused")
    func unlike() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        hub.ingest(answer(1, from: prey, province: "KH-14", .suspect, type: "Ack", refers: 1), from: prey)
        hub.ingest(
            answer(2, from: prey, province: "KH-14", .movement, type: "Ack", status: "Actual", refers: 1),
            from: prey)
        hub.ingest(answer(3, from: prey, province: "KH-14", .movement, type: "Ack", refers: 1), from: prey)
        hub.ingest(
            answer(4, from: prey, province: "KH-14", .movement, type: "Ack", refers: 9_003), from: prey)
        _ = try hub.commit()
        let refusals = try MemoryReader(hub.log).refusals(limit: 9)
        #expect(refusals.map(\.sequence) == [4, 2, 1] && Set(refusals.map(\.code)) == ["reference"])
        #expect(
            refusals.map(\.reason) == [
                "references[0]: not an alert, and not answered",
                "references[0]: the alert is of another status",
                "references[0]: the alert is of another kind",
            ])
    }

    @Test(
        "a sighting goes to whoever reads sightings of the alert's provinces, and to its own only when shared"
    )
    func routedSighting() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        hub.ingest(sighting(of: 1, 1), from: prey)
        hub.ingest(sighting(of: 1, 2, more: ",\"share\":true"), from: prey)
        _ = try hub.commit()
        let records = try hub.records()
        #expect(topics(records[1], hub) == ["kh.koh-kong.sighting."])
        #expect(topics(records[2], hub) == ["kh.koh-kong.sighting.", "kh.prey-veng.sighting."])
    }

    @Test(
        "an answer to what the hub does not have is stored on its own province, and is in the thread once that comes"
    )
    func unresolved() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(sighting(of: 1, 1), from: prey)
        hub.ingest(answer(2, from: prey, province: "KH-14", .movement, type: "Ack", refers: 1), from: prey)
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        _ = try hub.commit()
        #expect(try topics(#require(try hub.records().first), hub) == ["kh.prey-veng.sighting."])
        let id = try #require(AlertID(sampleID(1)))
        let thread = try MemoryReader(hub.log).thread(of: id.bytes)
        #expect(thread.author == "koh-kong" && thread.members.map(\.offset) == [1, 2, 3])
    }

    @Test("an author reads the whole thread of its own alert, and nobody else more than is granted")
    func authorsThread() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        hub.ingest(koh.alert(2, kind: .suspect, number: 2), from: koh)
        hub.ingest(sighting(of: 1, 1), from: prey)
        hub.ingest(answer(2, from: prey, province: "KH-14", .movement, type: "Ack", refers: 1), from: prey)
        _ = try hub.commit()
        func found(_ number: UInt64, by actor: Actor) throws -> [UInt64] {
            let find = Request.Find(request: 5, alert: sampleID(number))
            let actions = hub.ask(.find(find), as: actor)
            hub.finishReadings(of: actor, count: 1)
            guard case .page(_, let bytes) = try hub.reply(actions) else { return [] }
            return try PageRecord.decode(bytes).map(\.offset)
        }
        // Koh Kong's grant has neither Prey Veng nor its sightings.
        #expect(try found(1, by: koh) == [1, 3, 4])
        // Prey Veng reads what went to its own topics.
        #expect(try found(1, by: prey) == [4])
        #expect(try found(2, by: prey) == [])
    }

    @Test("a cancellation reaches who read what it cancels, also where it drops the province")
    func correction() throws {
        let wide = Actor("koh-kong", publish: Reference.grant("koh-kong", "prey-veng"))
        var hub = try Hub([wide, prey])
        hub.ingest(wide.alert(1, provinces: ["KH-9", "KH-14"], kind: .movement, number: 1), from: wide)
        hub.ingest(
            wide.alert(2, provinces: ["KH-9"], kind: .movement, number: 2, references: [1]), from: wide)
        _ = try hub.commit()
        #expect(
            try topics(#require(try hub.records().last), hub) == [
                "kh.koh-kong.movement.", "kh.prey-veng.movement.",
            ])
    }

    @Test("a delivery on a topic that there is not, as a damaged file may have one, is passed over")
    func damaged() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        _ = try hub.commit()
        var record = try #require(try hub.records().first)
        record.deliveries += [.init(topic: 0, sequence: 1), .init(topic: .max, sequence: 1)]
        #expect(hub.core.end.topics(of: record).map(\.name) == ["kh.koh-kong.movement."])
    }

    @Test("only who is on duty for one of an alert's provinces acknowledges it, and is told the rule")
    func duty() throws {
        var (trat, careless) = (Actor("trat", publish: Reference.grant("trat")), prey)
        trat.duty = Reference.grant("trat", "koh-kong/suspect")
        careless.duty = .none
        var hub = try Hub([koh, trat, careless])
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        hub.ingest(answer(1, from: trat, province: "TH-23", .movement, type: "Ack", refers: 1), from: trat)
        // One that the hub does not have is looked at by the provinces of the answer itself.
        hub.ingest(answer(2, from: trat, province: "TH-23", .movement, type: "Ack", refers: 5), from: trat)
        hub.ingest(
            answer(1, from: careless, province: "KH-14", .movement, type: "Ack", refers: 5), from: careless)
        _ = try hub.commit()
        let refusals = try MemoryReader(hub.log).refusals(limit: 9)
        #expect(refusals.map(\.post) == ["prey-veng", "trat"])
        for refusal in refusals {
            #expect(
                refusal.code == "grant" && refusal.reason.contains("on duty for one of the alert's provinces")
            )
            #expect(refusal.reason.hasSuffix("borderwire-hub enroll --duty"))
        }
        #expect(try hub.records().map(\.post) == ["koh-kong", "trat"])
    }

    @Test("who may acknowledge and publish nothing comes in to ingest, and nothing else of it is stored")
    func analystsAck() throws {
        var idle = analyst
        idle.may = []
        var hub = try Hub([koh, analyst])
        #expect(hub.core.admit(domain: HubCore.Domain.ingest, key: analyst.keys.curve.publicKey).user != nil)
        let other = try Hub([koh, idle])
        #expect(other.core.admit(domain: HubCore.Domain.ingest, key: idle.keys.curve.publicKey).user == nil)
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        hub.ingest(
            answer(1, from: analyst, province: "KH-9", .movement, type: "Ack", refers: 1), from: analyst)
        hub.ingest(analyst.alert(2, provinces: ["KH-9"], kind: .movement, number: 2), from: analyst)
        hub.ingest(
            answer(3, from: analyst, province: "TH-23", .movement, type: "Ack", refers: 1), from: analyst)
        _ = try hub.commit()
        #expect(try hub.records().map(\.post) == ["koh-kong", "analyst"])
        let refusals = try MemoryReader(hub.log).refusals(limit: 9)
        #expect(refusals.map(\.sequence) == [3, 2] && Set(refusals.map(\.code)) == ["grant"])
    }

    @Test("whoever may not publish in its province answers nothing")
    func ungranted() throws {
        var hub = try Hub([koh, prey])
        hub.ingest(koh.alert(1, kind: .movement, number: 1), from: koh)
        hub.ingest(answer(1, from: prey, province: "KH-9", .movement, type: "Ack", refers: 1), from: prey)
        _ = try hub.commit()
        #expect(try MemoryReader(hub.log).refusals(limit: 9).map(\.code) == ["grant"])
    }
}
