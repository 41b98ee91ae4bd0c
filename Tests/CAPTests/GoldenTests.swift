import Alerts
import CAP
import Foundation
import Testing

/// Documents as receivers get them, byte for byte. `BORDERWIRE_WRITE_GOLDEN=1` writes them anew.
@Suite("Golden documents")
struct GoldenTests {
    private static let drafts: [(name: String, detail: Detail, draft: String)] = [
        (
            "movement", .minimal,
            """
            {"id": "01a20ab0-d520-7abc-8def-0123456789a1", "sent": "2026-11-24T06:30:00+07:00", "kind": "movement",
             "severity": "Severe", "urgency": "Immediate", "certainty": "Likely", "handling": "TLP:AMBER",
             "expires": "2026-11-30T06:30:00+07:00",
             "provinces": ["Koh Kong", "Trat"], "crossing": "Cham Yeam",
             "headline": {"en": "White van with nine people towards Cham Yeam", "km": "រថយន្តដឹកមនុស្សប្រាំបួននាក់ទៅចាំយាម"},
             "description": "Curtains drawn; two men & a driver.",
             "movement": {"mode": "road", "direction": "out", "from": "Sre Ambel", "people": 9, "minors": 0,
              "vehicle": {"type": "van", "plate": "2AB-0012", "colour": "white"},
              "lastSeen": {"time": "2026-11-24T06:17:40+07:00", "place": "Andoung Tuek"}}}
            """
        ),
        (
            "suspect-update", .full,
            """
            {"id": "01a20ab0-d520-7abc-8def-0123456789a2", "sent": "2026-11-24T06:31:00+07:00", "kind": "suspect",
             "status": "Exercise", "msgType": "Update", "references": ["01a20ab0-d520-7abc-8def-0123456789a1"],
             "handling": "TLP:AMBER", "provinces": ["KH-9"], "headline": "Broker at the bus stop",
             "expires": "2026-11-30T06:30:00+07:00",
             "suspect": {"role": "broker", "aliases": ["Ta Mao"], "sex": "male", "ageRange": {"min": 35, "max": 45},
              "nationality": "KH", "documents": [{"type": "passport", "country": "KH", "number": "N0000001"}]},
             "atRisk": [{"role": "possible-victim", "reference": "R-HRQ21SR9PD", "ageBand": "25-59", "sex": "female",
              "count": 2, "languageNeed": "vi"}]}
            """
        ),
        (
            "sighting", .minimal,
            """
            {"id": "01a20ab0-d520-7abc-8def-0123456789a3", "sent": "2026-11-24T06:32:00+07:00", "kind": "sighting",
             "handling": "TLP:GREEN", "provinces": ["KH-15"], "expires": "2026-11-30T06:30:00+07:00",
             "sighting": {"of": "01a20ab0-d520-7abc-8def-0123456789a1", "outcome": "stopped", "identifiers": ["plate"],
              "time": "2026-11-24T06:31:59+07:00", "people": 9, "minors": 0, "action": "discreet"}}
            """
        ),
        (
            "ack", .minimal,
            """
            {"id": "01a20ab0-d520-7abc-8def-0123456789a4", "sent": "2026-11-24T06:33:00+07:00", "kind": "movement",
             "msgType": "Ack", "references": ["01a20ab0-d520-7abc-8def-0123456789a1"], "handling": "TLP:AMBER",
             "expires": "2026-11-30T06:30:00+07:00", "provinces": ["KH-15"],
             "note": {"en": "Patrol is on its way", "km": "ល្បាតកំពុងទៅ"}}
            """
        ),
        (
            "safe-cancel", .minimal,
            """
            {"id": "01a20ab0-d520-7abc-8def-0123456789a5", "sent": "2026-11-24T06:34:00+07:00", "kind": "movement",
             "msgType": "Cancel", "references": ["01a20ab0-d520-7abc-8def-0123456789a1"], "resolution": "safe",
             "handling": "TLP:AMBER", "expires": "2026-11-30T06:30:00+07:00", "provinces": ["KH-9"],
             "headline": "All are safe"}
            """
        ),
    ]

    @Test("each is written as it always was")
    func same() throws {
        let morning = Timestamp(milliseconds: 1_795_563_000_000)
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "documents")
        for (name, detail, draft) in GoldenTests.drafts {
            let alert = try AlertDraft(Array(draft.utf8)).completed(
                sender: "koh-kong", now: morning, id: { AlertID(time: morning, random: []) },
                provinces: try Reference.provinces()
            ).alert
            let references = CAPDocument.referred(by: alert).map {
                CAPDocument.Reference(
                    sender: "koh-kong@xb.example.kh", identifier: CAPProfile.identifier(of: $0),
                    sent: morning.before(.seconds(86_400)))
            }
            let bytes = try CAPDocument(alert, references: references, try context(detail)).encoded()
            let file = source.appendingPathComponent("\(name).xml")
            if ProcessInfo.processInfo.environment["BORDERWIRE_WRITE_GOLDEN"] != nil {
                try Data(bytes).write(to: file)
            }
            #expect(
                String(decoding: bytes, as: UTF8.self) == (try? String(contentsOf: file, encoding: .utf8)),
                "\(name)")
        }
    }

    @Test("the one in the manual page is one of them")
    func manual() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let document = try String(
            contentsOf: here.appendingPathComponent("documents/sighting.xml"), encoding: .utf8)
        let page = try String(
            contentsOf: here.appendingPathComponent("../../man/borderwire.1").standardized, encoding: .utf8)
        #expect(page.contains(".Bd -literal\n\(document).Ed\n"))
    }
}
