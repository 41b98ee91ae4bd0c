import Alerts
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test(
        "case, spaces, hyphens, accents, wide letters and the script of digits don't count",
        arguments: [
            "2AB-0012", "2ab 0012", "2AB0012", "២AB-០០១២", " 2A.B/00 12 ", "２ＡＢ‐００１２", "2ÁB\u{200B}0012",
            "๒AB-๐๐๑๒",
        ])
    func spelling(_ text: String) {
        #expect(Identifier(plate: text, of: .van)?.value == "2ab0012")
    }

    @Test("Khmer letters count, whichever way they were typed")
    func khmer() {
        let plate = Identifier(plate: "ភ្នំពេញ ១២៣៤", of: .car)
        #expect(plate != nil)
        #expect(plate == Identifier(plate: "ភ្នំពេញ-1234", of: .van))
        #expect(plate != Identifier(plate: "កំពត 1234", of: .car))
    }

    @Test("what is too short to tell one from another is none", arguments: ["12", "2-B", "ABCD", "", "----"])
    func short(_ text: String) {
        #expect(Identifier(plate: text, of: .van) == nil)
        #expect(Identifier(document: text, of: "TH") == nil)
    }

    @Test("a plate is no vessel, and a document's number is its country's")
    func schemes() {
        #expect(Identifier(plate: "KP 1234", of: .boat)?.scheme == .vessel)
        #expect(Identifier(plate: "KP 1234", of: .boat) != Identifier(plate: "KP 1234", of: .van))
        let thai = Identifier(document: "AA0000000", of: "TH")
        #expect(thai == Identifier(document: "aa 000-0000", of: "TH"))
        #expect(thai != Identifier(document: "AA0000000", of: "KH"))
    }
}

extension IdentifierTests {
    @Test("a payload that was checked says the same as the alert that it is")
    func payload() throws {
        let samples: [Sample] = [
            .movement, .suspect, .sighting, .ack,
            .suspect.with("suspect.vehicle", ["type": "boat", "plate": "KP-0099"]),
            .movement.with("movement.vehicle.plate", "២AB-១២៣៤"),
            .movement.with("msgType", "Update").with("references", [Sample.answered]),
            .movement.with("msgType", "Cancel").with("references", [Sample.answered]),
        ]
        for sample in samples {
            let payload = try sample.bytes
            let alert = try Alert.decode(payload, provinces: try Reference.provinces())
            #expect(Identifier.all(in: payload) == alert.identifiers, "\(alert.kind) \(alert.messageType)")
        }
        #expect(try decoded(.suspect).identifiers.map(\.scheme) == [.document])
        #expect(try decoded(.sighting).identifiers.map(\.value) == ["2ab1234"])
        #expect(Identifier.all(in: []).isEmpty)
        #expect(Identifier.all(in: Array("{".utf8)).isEmpty)
    }
}
