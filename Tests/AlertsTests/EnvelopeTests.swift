import Alerts
import Foundation
import Testing

@Suite("Envelope")
struct EnvelopeTests {
    @Test(
        "an id is made at most a day before its alert was sent, and a minute after it",
        arguments: [
            (-86_400_000, nil), (-86_400_001, "id: made more than a day before sent"), (60_000, nil),
            (60_001, "id: made more than a minute after sent"),
        ] as [(Int64, String?)])
    func dated(_ shift: Int64, _ problem: String?) throws {
        let made = Timestamp(milliseconds: 1_795_476_600_000 + shift)
        let id = AlertID(time: made, random: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(try problems(Sample.movement.with("id", id.description)) == (problem.map { [$0] } ?? []))
    }

    static let other = "01a20abe-b4c0-7abc-8def-0123456789ac"

    @Test("an update and a cancellation refer to others", arguments: ["Update", "Cancel"])
    func references(messageType: String) throws {
        let sample = Sample.movement.with("msgType", messageType)
        #expect(try problems(sample) == ["references: empty, but msgType is \(messageType)"])
        #expect(try problems(sample.with("references", [String]())).count == 1)
        #expect(
            try decoded(sample.with("references", [Self.other])).references.map(\.description) == [Self.other]
        )
        let own = try #require(Sample.movement["id"] as? String)
        #expect(try problems(sample.with("references", [own])) == ["references[0]: the alert's own id"])
        #expect(
            try problems(sample.with("references", [Self.other, Self.other])) == [
                "references[1]: given twice"
            ])
        #expect(
            try problems(sample.with("references", ["4711"]))
                == ["references[0]: not a UUID of version 7 in lower case"])
        let many = (10..<43).map { "01a20abe-b4c0-7abc-8def-0123456789\($0)" }
        #expect(try problems(sample.with("references", many)) == ["references: 33 entries, at most 32"])
    }

    @Test("a new alert refers to none")
    func noReferences() throws {
        #expect(
            try problems(.movement.with("references", [Self.other]))
                == ["references: only where msgType is Update, Cancel or Ack"])
        #expect(try problems(.movement.with("references", [String]())) == [])
    }

    @Test("a cancellation may be its envelope alone; an update may not")
    func cancelWithoutSection() throws {
        let bare = Sample.movement.with("movement", nil).with("references", [Self.other])
        #expect(try decoded(bare.with("msgType", "Cancel")).movement == nil)
        #expect(try problems(bare.with("msgType", "Update")) == ["movement: missing"])
    }

    @Test("the section is the kind's own")
    func sections() throws {
        let movement = Sample.movement["movement"]
        let suspect = Sample.suspect["suspect"]
        #expect(
            try problems(.suspect.with("movement", movement)) == ["movement: only where kind is movement"])
        #expect(try problems(.movement.with("suspect", suspect)) == ["suspect: only where kind is suspect"])
        #expect(
            try problems(
                .movement.with("msgType", "Cancel").with("references", [Self.other]).with("suspect", suspect))
                == ["suspect: only where kind is suspect"])
    }

    @Test("an alert ends after it is sent, within a year")
    func expires() throws {
        #expect(try problems(.movement.with("expires", "2026-11-24T06:30:01+07:00")) == [])
        #expect(
            try problems(.movement.with("expires", "2026-11-24T06:30:00+07:00")) == [
                "expires: not later than sent"
            ])
        #expect(try problems(.movement.with("expires", "2027-11-25T06:30:00+07:00")) == [])
        #expect(
            try problems(.movement.with("expires", "2027-11-25T06:30:01+07:00")) == [
                "expires: more than a year after sent"
            ])
        #expect(
            try problems(.movement.with("expires", "2026-11-25T06:30:00Z"))
                == ["expires: not a time such as 2026-11-24T06:30:00+07:00"])
    }

    @Test("TLP:CLEAR is refused with the reason", arguments: ["TLP:CLEAR", "TLP:WHITE"])
    func clear(label: String) throws {
        #expect(
            try problems(.movement.with("handling", label))
                == ["handling: \(label) would let anyone see it; an alert is never for everyone"])
    }

    @Test("the four restricted labels are taken", arguments: Handling.allCases)
    func labels(label: Handling) throws {
        #expect(try decoded(.movement.with("handling", label.rawValue)).handling == label)
    }

    @Test("1 to 12 provinces are concerned, each by code, none twice")
    func provinces() throws {
        let twelve = (1...12).map { "KH-\($0)" }
        #expect(try decoded(.movement.with("provinces", twelve)).provinces == twelve)
        #expect(
            try problems(.movement.with("provinces", twelve + ["KH-13"])) == [
                "provinces: 13 entries, at most 12"
            ])
        #expect(
            try problems(.movement.with("provinces", [String]())) == [
                "provinces: empty, at least the origin is needed"
            ])
        #expect(
            try problems(.movement.with("provinces", ["KH-9", "KH-9"])) == [
                "provinces[1]: KH-9 is given twice"
            ])
        #expect(
            try problems(.movement.with("provinces", ["KH-9", "KH-99"]))
                == ["provinces[1]: not the code of a province known here"])
        #expect(
            try problems(.movement.with("provinces", ["Koh Kong"]))
                == ["provinces[0]: not the code of a province known here"])
    }

    @Test("a code that only looks like a province's, to Unicode, is none")
    func lookalike() throws {
        #expect(
            try problems(.movement.with("provinces", ["\u{212A}H-9"])) == [
                "provinces[0]: not the code of a province known here"
            ])
    }

    @Test(
        "a sender is a post's name",
        arguments: ["Koh-Kong", "koh kong", "", "កោះកុង", String(repeating: "a", count: 41)])
    func sender(name: String) throws {
        #expect(try problems(.movement.with("sender", name)) == ["sender: not 1 to 40 of a-z, 0-9 and -"])
    }

    @Test("a headline is Khmer, English or both, each at most 160 characters")
    func headline() throws {
        let km = String(repeating: "ក", count: 160)
        let en = String(repeating: "a", count: 160)
        #expect(try decoded(.movement.with("headline", ["km": km, "en": en])).headline?.km == km)
        #expect(
            try problems(.movement.with("headline", ["km": km + "ក"])) == [
                "headline.km: 161 characters, at most 160"
            ])
        #expect(
            try problems(.movement.with("headline", ["en": en + "a"])) == [
                "headline.en: 161 characters, at most 160"
            ])
        #expect(
            try problems(.movement.with("headline", [String: String]())) == [
                "headline: neither km nor en in it"
            ])
        #expect(try problems(.movement.with("headline", ["en": " \u{200B}"])) == ["headline.en: empty"])
        #expect(
            try problems(.movement.with("headline", ["km": "Van"])) == ["headline.km: no Khmer letter in it"])
        #expect(
            try problems(.movement.with("headline", ["en": "រថយន្ត"])) == [
                "headline.en: no Latin letter in it"
            ])
        #expect(
            try problems(.movement.with("headline", ["en": "two\nlines"])) == [
                "headline.en: a control character in it"
            ])
    }

    @Test("a description has at most 4,000 characters, a crossing 80")
    func lengths() throws {
        let long = String(repeating: "a", count: 4_000)
        #expect(try problems(.movement.with("description", ["en": long])) == [])
        #expect(
            try problems(.movement.with("description", ["en": long + "a"]))
                == ["description.en: 4001 characters, at most 4000"])
        #expect(try problems(.movement.with("crossing", String(repeating: "ក", count: 80))) == [])
        #expect(
            try problems(.movement.with("crossing", String(repeating: "ក", count: 81)))
                == ["crossing: 81 characters, at most 80"])
    }
}
