import Alerts
import Testing

extension Sample {
    static let answered = "01a20abe-b000-7abc-8def-0123456789ab"

    /// An invented acknowledgement of a movement alert.
    static var ack: Sample {
        var sample = movement.with("msgType", "Ack").with("references", [answered])
        for member in ["headline", "movement", "crossing"] { sample[member] = nil }
        return sample.with("note", ["en": "Patrol is on its way"])
    }

    /// An invented sighting of a van.
    static var sighting: Sample {
        var sample = movement.with("kind", "sighting").with("handling", "TLP:AMBER+STRICT")
        for member in ["headline", "movement"] { sample[member] = nil }
        return sample.with(
            "sighting",
            [
                "of": answered, "outcome": "stopped", "identifiers": ["plate", "appearance"],
                "time": "2026-11-24T06:20:00+07:00", "place": "the bridge at Andoung Tuek", "mode": "road",
                "direction": "out", "towards": "Hat Lek",
                "vehicle": ["type": "van", "plate": "2AB-1234"] as [String: Any], "people": 9, "minors": 2,
                "action": "locate",
            ] as [String: Any])
    }
}

@Suite("An acknowledgement")
struct AckTests {
    @Test("is of one alert, has its kind, and says nothing but a note")
    func complete() throws {
        let ack = try decoded(.ack)
        #expect(ack.messageType == .ack && ack.kind == .movement && ack.headline == nil)
        #expect(ack.note?.en == "Patrol is on its way")
        #expect(ack.subjects.map(\.description) == [Sample.answered])
        #expect(!ack.mayConcernMinor)
        #expect(try problems(.ack.with("note", nil)) == [])
    }

    @Test("of none, of two, or with what an alert says, is refused by the member's name")
    func refused() throws {
        #expect(try problems(.ack.with("references", nil)) == ["references: empty, but msgType is Ack"])
        let two = [Sample.answered, "01a20abe-b001-7abc-8def-0123456789ab"]
        #expect(
            try problems(.ack.with("references", two)) == [
                "references: 2 entries, but an Ack is of one alert"
            ])
        for member in ["headline", "description", "crossing", "atRisk", "movement"] {
            #expect(
                try problems(.ack.with(member, Sample.movement[member] ?? ["en": "Invented"])).contains(
                    "\(member): not where msgType is Ack, which takes a note"))
        }
        #expect(
            try problems(.movement.with("note", ["en": "Invented"])) == ["note: only where msgType is Ack"])
    }

    @Test("its note is screened like every text")
    func screened() throws {
        #expect(try problems(.ack.with("note", ["en": "call 012 345 678"])).count == 1)
        let long = String(repeating: "a ", count: 201)
        #expect(try problems(.ack.with("note", ["en": long])) == ["note.en: 402 characters, at most 400"])
    }

    @Test("of a draft it is completed without a headline, and reads back as it was written")
    func draft() throws {
        let draft = Sample(json: [
            "msgType": "Ack", "kind": "suspect", "references": [Sample.answered], "provinces": ["Koh Kong"],
            "note": "ទទួលបានហើយ",
        ])
        let made = try AlertDraft(try draft.bytes).completed(
            sender: "koh-kong", now: Timestamp(milliseconds: 1_795_476_600_000),
            id: { AlertID(time: Timestamp(milliseconds: 1_795_476_600_000), random: []) },
            provinces: try Reference.provinces())
        #expect(made.alert.note?.km == "ទទួលបានហើយ")
        #expect(try Alert.decode(made.payload, provinces: try Reference.provinces()) == made.alert)
    }
}

@Suite("A sighting")
struct SightingTests {
    @Test("says what became of which alert, by what it was recognised, and counts people")
    func complete() throws {
        let read = try decoded(.sighting)
        let sighting = try #require(read.sighting)
        #expect(sighting.of.description == Sample.answered && sighting.outcome == .stopped)
        #expect(sighting.identifiers == [.plate, .appearance] && sighting.minors == 2)
        #expect(read.subjects == [sighting.of] && read.headline == nil)
        #expect(try Alert.decode(read.encoded(), provinces: try Reference.provinces()) == read)
    }

    @Test("a name alone is no hit, nor is nothing; where nothing was met neither is asked")
    func recognition() throws {
        #expect(
            try problems(.sighting.with("sighting.identifiers", ["name"])) == [
                "sighting.identifiers: a name alone, which many people share; something else must agree with it"
            ])
        #expect(
            try problems(.sighting.with("sighting.identifiers", nil)) == [
                "sighting.identifiers: empty; say by what it was recognised"
            ])
        #expect(try problems(.sighting.with("sighting.identifiers", ["name", "document"])) == [])
        for outcome in ["not-seen", "mistaken"] {
            let sample = Sample.sighting.with("sighting.identifiers", nil).with("sighting.outcome", outcome)
            #expect(try problems(sample) == [])
        }
    }

    @Test("whoever may be a minor with it needs restricted handling, and so does who was not counted")
    func minors() throws {
        let wide = Sample.sighting.with("handling", "TLP:AMBER")
        #expect(try problems(wide).count == 1)
        #expect(try problems(wide.with("sighting.minors", nil)).count == 1)
        #expect(try problems(wide.with("sighting.minors", 0)) == [])
    }

    @Test("each member keeps its rule, and takes no name of a person")
    func members() throws {
        #expect(try problems(.sighting.with("sighting.of", nil)) == ["sighting.of: missing"])
        #expect(
            try problems(.sighting.with("sighting.outcome", "stoped")).first?.hasSuffix(
                "did you mean stopped?")
                == true)
        #expect(
            try problems(.sighting.with("sighting.identifiers", ["plate", "plate"])) == [
                "sighting.identifiers[1]: given twice"
            ])
        #expect(
            try problems(.sighting.with("sighting.time", "2026-11-24T06:30:01+07:00")) == [
                "sighting.time: later than sent"
            ])
        #expect(try problems(.sighting.with("sighting.minors", 10)) == ["sighting.minors: more than people"])
        #expect(try problems(.sighting.with("sighting.name", "Invented")).count == 1)
        #expect(try problems(.sighting.with("sighting", nil)) == ["sighting: missing"])
        #expect(
            try problems(.sighting.with("movement", Sample.movement["movement"])) == [
                "movement: only where kind is movement"
            ])
    }

    @Test("it updates and cancels like an alert, beside the one that it answers")
    func changes() throws {
        let own = "01a20abe-b001-7abc-8def-0123456789ab"
        let update = Sample.sighting.with("msgType", "Update").with("references", [own])
        #expect(try decoded(update).subjects.map(\.description) == [own, Sample.answered])
        let cancel = update.with("msgType", "Cancel")
        #expect(try problems(cancel) == ["sighting: not where msgType is Cancel"])
        #expect(try decoded(cancel.with("sighting", nil)).subjects.map(\.description) == [own])
        let full = (0..<32).map { "01a20abe-b0\($0 < 10 ? "0" : "")\($0)-7abc-8def-0123456789ac" }
        #expect(
            try problems(update.with("references", full)) == [
                "references: at most 31 beside the alert that it answers"
            ])
    }
}
