import Alerts
import Foundation
import Testing

@Suite("Drafts")
struct DraftTests {
    static let now = Timestamp(milliseconds: 1_795_476_600_999)
    static let id = AlertID(time: now, random: [UInt8](repeating: 7, count: 10))

    private func complete(_ draft: [String: Any]) throws -> (alert: Alert, payload: [UInt8]) {
        try AlertDraft(Array(try JSONSerialization.data(withJSONObject: draft))).completed(
            sender: "koh-kong", now: Self.now, id: { Self.id }, provinces: try Reference.provinces())
    }

    private func draftProblems(_ draft: [String: Any]) throws -> [String] {
        do {
            _ = try complete(draft)
            return []
        } catch let error as InvalidAlert {
            return error.problems.map(\.description)
        }
    }

    static var least: [String: Any] {
        [
            "kind": "movement", "provinces": ["Koh Kong"], "headline": "Van",
            "movement": ["mode": "road", "direction": "out"],
        ]
    }

    @Test("the least draft becomes a complete alert")
    func defaults() throws {
        let (alert, payload) = try complete(Self.least)
        #expect(alert.id == Self.id)
        #expect(alert.sender == "koh-kong")
        #expect(alert.sent == Timestamp(milliseconds: 1_795_476_600_000))
        #expect(alert.expires == Timestamp(milliseconds: 1_795_476_600_000 + 86_400_000))
        #expect((alert.status, alert.messageType, alert.handling) == (.actual, .alert, .amberStrict))
        #expect((alert.urgency, alert.severity, alert.certainty) == (.unknown, .unknown, .unknown))
        #expect(alert.provinces == ["KH-9"])
        #expect(alert.headline?.en == "Van")
        #expect(try Alert.decode(payload, provinces: try Reference.provinces()) == alert)
    }

    @Test(
        "a crossing is one of the alert's provinces', by any of its names",
        arguments: ["Cham Yeam", "cham-yeam", "ចាំយាម", "Hat Lek", "Thma Da"])
    func crossing(_ name: String) throws {
        var draft = Self.least
        draft["provinces"] = ["Koh Kong", "Pursat"]
        draft["crossing"] = name
        #expect(try complete(draft).alert.crossing == name)
    }

    @Test("a crossing that none of the provinces has is refused with the nearest")
    func strangeCrossing() throws {
        var draft = Self.least
        draft["provinces"] = ["Oddar Meanchey", "Trat"]
        draft["crossing"] = "Chaom"
        #expect(
            try draftProblems(draft) == [
                "crossing: none of the alert's provinces has one called so; the nearest are Choam, O'Smach; "
                    + "another place belongs in the description"
            ])
    }

    @Test("a crossing is taken as it is where no province of the alert has one, and in a complete alert")
    func unknownCrossing() throws {
        var draft = Self.least
        draft["provinces"] = ["Trat"]
        draft["crossing"] = "Ban Nowhere"
        #expect(try complete(draft).alert.crossing == "Ban Nowhere")
        #expect(try problems(.movement.with("crossing", "Ban Nowhere")) == [])
    }

    @Test("the bytes are written with sorted keys, slashes as they are, and nothing that is absent")
    func bytes() throws {
        var draft = Self.least
        draft["headline"] = "Van / កោះកុង"
        let text = String(decoding: try complete(draft).payload, as: UTF8.self)
        #expect(
            text == """
                {"certainty":"Unknown","expires":"2026-11-25T06:30:00+07:00","handling":"TLP:AMBER+STRICT",\
                "headline":{"km":"Van / កោះកុង"},"id":"\(Self.id)","kind":"movement",\
                "movement":{"direction":"out","mode":"road"},"msgType":"Alert","provinces":["KH-9"],\
                "sender":"koh-kong","sent":"2026-11-24T06:30:00+07:00","severity":"Unknown","status":"Actual",\
                "urgency":"Unknown"}
                """)
    }

    @Test("completing a complete alert changes nothing that it says", arguments: [true, false])
    func everything(isSuspect: Bool) throws {
        var sample = isSuspect ? Sample.suspect : Sample.movement
        sample["atRisk"] = [Sample.personAtRisk.merging(["languageNeed": "vi"]) { $1 }]
        sample["description"] = ["km": "ពិពណ៌នា", "en": "Described"]
        if !isSuspect { sample["movement.vehicle.make"] = "Toyota" }
        let alert = try decoded(sample)
        #expect(try complete(sample.json).alert == alert)
    }

    @Test("ids, times and words that the draft has are kept")
    func kept() throws {
        var draft = Self.least
        draft["id"] = "01a20abe-b4c0-7abc-8def-0123456789ab"
        draft["sent"] = "2026-11-24T05:00:00+00:00"
        draft["status"] = "Exercise"
        draft["severity"] = "Minor"
        let alert = try complete(draft).alert
        #expect(alert.id.description == "01a20abe-b4c0-7abc-8def-0123456789ab")
        #expect(alert.sent.rfc3339(offset: 0) == "2026-11-24T05:00:00+00:00")
        #expect(alert.expires.milliseconds - alert.sent.milliseconds == AlertDraft.life)
        #expect((alert.status, alert.severity) == (.exercise, .minor))
    }

    @Test("the id that a draft gets is of the time that it says it was sent")
    func datedID() throws {
        var draft = Self.least
        draft["sent"] = "2026-11-23T06:30:01+07:00"
        let alert = try complete(draft).alert
        #expect(alert.id.time == alert.sent)
        #expect(alert.id.bytes.suffix(8) == Self.id.bytes.suffix(8))
        draft["id"] = Self.id.description
        #expect(try draftProblems(draft) == ["id: made more than a minute after sent"])
    }

    @Test("another post's name is refused")
    func sender() throws {
        var draft = Self.least
        draft["sender"] = "prey-veng"
        #expect(try draftProblems(draft) == ["sender: another than this post, which is koh-kong"])
    }

    @Test("provinces have any of their names, and the same one twice is seen")
    func provinces() throws {
        var draft = Self.least
        draft["provinces"] = ["កោះកុង", "trat", "Sihanoukville"]
        #expect(try complete(draft).alert.provinces == ["KH-9", "TH-23", "KH-18"])
        draft["provinces"] = ["Koh Kong", "កោះកុង"]
        #expect(try draftProblems(draft) == ["provinces[1]: KH-9 is given twice"])
    }

    @Test("a mistyped province gets the nearest three names")
    func mistyped() throws {
        var draft = Self.least
        draft["provinces"] = ["Koh Kogn\u{1B}[2J"]
        let found = try draftProblems(draft)
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("provinces[0]: no province is called so; the nearest are ")
                == true)
        draft["provinces"] = ["Prey Vegn"]
        let first = try #require(try draftProblems(draft).first)
        #expect(first.contains("the nearest are Prey Veng, "))
        #expect(first.split(separator: ",").count == 3)
    }

    @Test("a plain headline is Khmer where a Khmer letter is in it, else English, and keeps its rules")
    func plainTexts() throws {
        var draft = Self.least
        draft["headline"] = "រថយន្ត Toyota"
        draft["description"] = "A white van."
        let alert = try complete(draft).alert
        #expect((alert.headline?.km, alert.headline?.en) == ("រថយន្ត Toyota", nil))
        #expect((alert.description?.km, alert.description?.en) == (nil, "A white van."))
        draft["headline"] = "call 012 345 678"
        #expect(try draftProblems(draft) == ["headline: \(TextTests.number)"])
        draft["headline"] = String(repeating: "a", count: 161)
        #expect(try draftProblems(draft) == ["headline: 161 characters, at most 160"])
    }

    @Test("all of a draft's problems come at once, unknown fields too")
    func allAtOnce() throws {
        #expect(
            try draftProblems(["headline": "Van", "victim": "Invented", "sent": "now"]) == [
                "sent: not a time such as 2026-11-24T06:30:00+07:00", "kind: missing", "provinces: missing",
                "?: unknown field",
            ])
    }

    @Test("a draft that has already expired is refused")
    func expired() throws {
        var draft = Self.least
        draft["sent"] = "2026-11-23T06:30:00+07:00"
        #expect(try draftProblems(draft) == ["expires: already past"])
        draft["sent"] = "2026-11-23T06:30:01+07:00"
        #expect(try draftProblems(draft) == [])
    }

    @Test("a draft that may concern a minor can't widen its handling")
    func minor() throws {
        var draft = Self.least
        draft["handling"] = "TLP:GREEN"
        #expect(try draftProblems(draft).first?.hasPrefix("handling: TLP:GREEN, but") == true)
    }

    @Test("the clock's extremes are refused or written, never trapped on", arguments: [Int64.min, -1, .max])
    func clock(milliseconds: Int64) throws {
        let draft = Array(try JSONSerialization.data(withJSONObject: Self.least))
        _ = try? AlertDraft(draft).completed(
            sender: "koh-kong", now: Timestamp(milliseconds: milliseconds), id: { Self.id },
            provinces: try Reference.provinces())
    }
}

@Suite("Filter")
struct FilterTests {
    @Test("an empty filter takes everything")
    func everything() throws {
        #expect(Filter().matches(try decoded(.movement)))
        #expect(Filter().matches(try decoded(.suspect)))
    }

    @Test("the status narrows")
    func status() throws {
        let alert = try decoded(.movement.with("status", "Exercise"))
        #expect(Filter(statuses: [.exercise, .test]).matches(alert))
        #expect(!Filter(statuses: [.actual]).matches(alert))
    }

    @Test("severity counts from unknown to extreme")
    func severity() throws {
        let order: [Severity] = [.unknown, .minor, .moderate, .severe, .extreme]
        for (rank, severity) in order.enumerated() {
            let alert = try decoded(.movement.with("severity", severity.rawValue))
            for (minimum, least) in order.enumerated() {
                #expect(Filter(minimumSeverity: least).matches(alert) == (rank >= minimum))
            }
        }
    }
}
