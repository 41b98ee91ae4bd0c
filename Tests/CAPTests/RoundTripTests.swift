import Alerts
import CAP
import Foundation
import Testing

@Suite("An alert, its document, and the alert of that")
struct RoundTripTests {
    /// What is read back, as the post that reads it completes it.
    private func readBack(_ document: CAPDocument) throws -> Alert {
        let made = try CAPImport(
            try document.encoded(), post: "koh-kong", provinces: try Reference.provinces())
        #expect(made.leftOut.isEmpty, "\(made.leftOut)")
        return try complete(made.draft)
    }

    /// The alert's JSON without its id.
    private func withoutID(_ alert: Alert) -> String {
        String(decoding: alert.encoded(), as: UTF8.self).replacing(alert.id.description, with: "ID")
    }

    @Test(
        "under the full profile the same alert comes back but for its id, of 500 generated ones",
        arguments: 1...5)
    func full(seed: UInt64) throws {
        var maker = AlertMaker(seed: seed)
        for _ in 0..<100 {
            let alert = try maker.next()
            let document = CAPDocument(alert, references: references(of: alert), try context())
            #expect(document.problems.isEmpty, "\(document.problems)")
            let back = try readBack(document)
            #expect(withoutID(back) == withoutID(alert), "seed \(seed)")
            #expect(back.id != alert.id)
        }
    }

    @Test(
        "a document that was read is the one that was written, of either profile",
        arguments: [Detail.full, .minimal])
    func documents(detail: Detail) throws {
        var maker = AlertMaker(seed: 11)
        for _ in 0..<100 {
            let alert = try maker.next()
            let document = CAPDocument(alert, references: references(of: alert), try context(detail))
            #expect(try CAPDocument.read(try document.encoded()).document == document)
        }
    }

    @Test("the same document read twice is one alert, and of another post another one")
    func twice() throws {
        var maker = AlertMaker(seed: 3)
        let alert = try maker.next()
        let bytes = try CAPDocument(alert, references: references(of: alert), try context()).encoded()
        let provinces = try Reference.provinces()
        let first = try CAPImport(bytes, post: "koh-kong", provinces: provinces)
        #expect(try CAPImport(bytes, post: "koh-kong", provinces: provinces) == first)
        #expect(try CAPImport(bytes, post: "pursat", provinces: provinces).draft != first.draft)
    }

    @Test("both languages have the same codes, and each text only its own language")
    func languages() throws {
        var maker = AlertMaker(seed: 4)
        for _ in 0..<100 {
            let alert = try maker.next()
            let document = CAPDocument(alert, references: references(of: alert), try context())
            #expect(document.infos.map(\.language) == ["km", "en"])
            let (km, en) = (document.infos[0], document.infos[1])
            #expect(km.categories == en.categories && km.eventCodes == en.eventCodes)
            #expect(km.parameters == en.parameters && km.areas.map(\.geocodes) == en.areas.map(\.geocodes))
            #expect(km.headline == alert.headline?.km && en.headline == alert.headline?.en)
            #expect(km.expires == alert.expires && en.expires == alert.expires)
            #expect(km.event.unicodeScalars.contains { (0x1780...0x17B3).contains($0.value) })
        }
    }

    @Test("an exercise and a test stay so, an Ack is CAP's, and nothing is ever Public")
    func words() throws {
        var maker = AlertMaker(seed: 5)
        for _ in 0..<100 {
            let alert = try maker.next()
            let document = CAPDocument(alert, references: references(of: alert), try context())
            #expect(document.status == alert.status.rawValue)
            #expect(document.messageType == alert.messageType.rawValue)
            #expect(document.scope == "Restricted" && document.codes.contains(alert.handling.rawValue))
        }
    }

    @Test("a sighting is an Alert of its own, which refers to what it answers and replaces nothing")
    func sighting() throws {
        let of = AlertID(time: now.before(.seconds(60)), random: [9])
        let alert = try complete(
            Array(
                """
                {"kind": "sighting", "provinces": ["KH-9"], "sighting": {"of": "\(of)", "outcome": "not-seen",
                 "time": "\(now.rfc3339())"}}
                """.utf8))
        let document = CAPDocument(alert, references: references(of: alert), try context())
        #expect(document.messageType == "Alert")
        #expect(document.references.map(\.identifier) == [CAPProfile.identifier(of: of)])
        #expect(document.incidents == CAPProfile.identifier(of: of))
    }

    @Test("the minimal profile has the hour and the provinces, no place and no reference of a person")
    func minimal() throws {
        let alert = try complete(
            Array(
                """
                {"kind": "movement", "provinces": ["KH-9"], "crossing": "Cham Yeam", "headline": "A van",
                 "handling": "TLP:AMBER+STRICT",
                 "movement": {"mode": "road", "direction": "out", "from": "Sre Ambel", "towards": "Hat Lek",
                  "people": 3, "minors": 0,
                  "lastSeen": {"time": "2026-11-23T21:47:11+07:00", "place": "Andoung Tuek"}},
                 "atRisk": [{"role": "possible-victim", "ageBand": "25-59", "sex": "male", "count": 3}]}
                """.utf8))
        let reference = try #require(alert.atRisk.first?.reference)
        let text = String(
            decoding: try CAPDocument(alert, references: [], try context(.minimal)).encoded(), as: UTF8.self)
        for absent in ["Sre Ambel", "Hat Lek", "Andoung Tuek", ":47:", reference] {
            #expect(!text.contains(absent), "\(absent)")
        }
        #expect(text.contains("2026-11-23T21:00:00+07:00"))
        #expect(text.contains("Cham Yeam") && text.contains("KH-9"))
        #expect(text.contains("possible-victim::25-59:male:3:"))
        // Other messages refer to it by this.
        #expect(text.contains("<sent>\(alert.sent.rfc3339())</sent>"))
    }
}
