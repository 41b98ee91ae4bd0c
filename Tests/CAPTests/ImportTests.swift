import Alerts
import CAP
import Foundation
import Testing

@Suite("Documents of others")
struct ImportTests {
    private func made(_ written: Written, post: String = "koh-kong") throws -> CAPImport {
        try CAPImport(Array(written.text.utf8), post: post, provinces: try Reference.provinces())
    }

    private func problems(_ written: Written) throws -> [String] {
        let provinces = try Reference.provinces()
        do throws(InvalidAlert) {
            _ = try CAPImport(Array(written.text.utf8), post: "koh-kong", provinces: provinces)
            return []
        } catch { return error.problems.map(\.description) }
    }

    @Test("one that says enough is an alert, with where it comes from")
    func taken() throws {
        let made = try made(Written())
        #expect(made.leftOut.map(\.path) == ["alert.restriction"])
        let alert = try complete(made.draft)
        #expect(alert.kind == .movement && alert.provinces == ["KH-9"] && alert.headline?.en == "Two vans")
        #expect(alert.handling == .green && alert.source?.sender == "police.example.th")
        #expect(alert.sent == Timestamp(rfc3339: "2026-11-24T06:30:00+07:00") && alert.id.time == alert.sent)
    }

    @Test("an Update of it refers to the alert that was made of it, and leaves the source")
    func update() throws {
        let first = try complete(try made(Written()).draft)
        let second = try complete(
            try made(
                Written().with {
                    $0.identifier = "a-2"
                    $0.head = "<status>Actual</status><msgType>Update</msgType>"
                    $0.codes +=
                        "<references>desk@police.example.th,a-1,2026-11-23T23:30:00-00:00</references>"
                }
            ).draft)
        #expect(second.references == [first.id] && second.source != first.source)
    }

    @Test("a province is known by its code or, where there is none, by its name")
    func provinces() throws {
        let named = Written().with {
            $0.info = Written.info(area: "<area><areaDesc>Koh Kong province</areaDesc></area>")
        }
        #expect(try complete(try made(named).draft).provinces == ["KH-9"])
        #expect(
            try problems(
                Written().with { $0.info = Written.info(area: "<area><areaDesc>Atlantis</areaDesc></area>") })
                == [
                    "alert.info[0].area[0].geocode: none of ISO3166-2, and no province is called as areaDesc says"
                ])
        #expect(
            try problems(
                Written().with {
                    $0.info = Written.info(
                        area:
                            "<area><areaDesc>x</areaDesc><geocode><valueName>ISO3166-2</valueName><value>KH-99</value></geocode></area>"
                    )
                }) == ["alert.info[0].area[0].geocode: not the code of a province known here"])
    }

    static let refused: [(String, @Sendable (inout Written) -> Void)] = [
        (
            "alert.msgType: Error: no alert is one",
            {
                $0.head = "<status>Actual</status><msgType>Error</msgType>"
                $0.codes += "<references>x,y,2026-11-23T06:30:00+07:00</references>"
            }
        ),
        (
            "alert.status: not one of Actual, Exercise, Test",
            { $0.head = "<status>System</status><msgType>Alert</msgType>" }
        ),
        ("alert.info: missing", { $0.info = nil }),
        (
            "alert.info: missing in Khmer and in English",
            { $0.info = Written.info(language: "<language>th</language>") }
        ),
        (
            "alert.info[0].eventCode: one with valueName xb:kind is needed",
            { $0.info = Written.info(codes: "") }
        ),
        ("alert.info[0].area: missing", { $0.info = Written.info(area: "") }),
        ("alert.info[1]: a second one in en", { $0.info = Written.info() + Written.info() }),
        ("alert.code[1]: a second label", { $0.codes += "<code>TLP:RED</code>" }),
        ("alert.sender: its domain is no name", { $0.sender = "85512345678" }),
        (
            "alert.info[1].parameter: another than in alert.info[0]",
            {
                $0.info =
                    Written.info()
                    + Written.info(
                        language: "<language>km</language>", texts: "<headline>ឡាន</headline>", parameters: "")
            }
        ),
        (
            "alert.info[1].severity: another than",
            {
                $0.info =
                    Written.info()
                    + Written.info(
                        language: "<language>km-KH</language>",
                        middle:
                            "<urgency>Expected</urgency><severity>Minor</severity><certainty>Likely</certainty>",
                        texts: "<headline>ឡាន</headline>")
            }
        ),
        (
            "alert.info[0].parameter[0]: not a whole number",
            { $0.info = Written.info(parameters: Written.parameter("movement.people", "six")) }
        ),
        (
            "alert.info[0].parameter[1]: given twice",
            {
                $0.info = Written.info(
                    parameters: Written.parameter("movement.mode", "road")
                        + Written.parameter("movement.mode", "sea"))
            }
        ),
    ]

    @Test("what an alert needs and the document lacks is named by its path", arguments: refused.indices)
    func lacking(index: Int) throws {
        let (problem, change) = ImportTests.refused[index]
        let found = try problems(Written().with(change))
        #expect(found.contains { $0.hasPrefix(problem) }, "\(problem), not \(found)")
    }

    @Test("what the draft lacks is named as a draft's is: the parameter has that path as its name")
    func draft() throws {
        let made = try made(
            Written().with {
                $0.info = Written.info(parameters: Written.parameter("movement.direction", "in"))
            })
        let error = #expect(throws: InvalidAlert.self) { try complete(made.draft) }
        #expect(error?.problems.map(\.description) == ["movement.mode: missing"])
    }

    @Test("what an alert has no place for is named by its path, and the rest is taken")
    func leftOut() throws {
        let made = try made(
            Written().with {
                $0.codes =
                    "<code>TLP:GREEN</code><code>other</code><note>a note</note><incidents>x</incidents>"
                $0.info =
                    Written.info(
                        texts:
                            "<headline>Two vans</headline><instruction>Look</instruction><web>https://x.example/</web><contact>x</contact>",
                        parameters: Written.parameter("movement.mode", "road")
                            + Written.parameter("movement.direction", "in")
                            + Written.parameter("movement.minors", "0") + Written.parameter("later", "x")
                            + "<parameter><valueName>other</valueName><value>x</value></parameter>",
                        area:
                            "<resource><resourceDesc>x</resourceDesc><mimeType>x</mimeType></resource><area><areaDesc>x</areaDesc><circle>11.6,102.9 5</circle><geocode><valueName>ISO3166-2</valueName><value>KH-9</value></geocode></area>"
                    )
                    + "<info><language>th</language><category>Security</category><event>x</event><urgency>Past</urgency><severity>Minor</severity><certainty>Unknown</certainty></info>"
                $0.end = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>"
            })
        #expect(
            Set(made.leftOut.map(\.path)) == [
                "alert.Signature", "alert.code[1]", "alert.note", "alert.incidents", "alert.restriction",
                "alert.info[0].instruction", "alert.info[0].web", "alert.info[0].contact",
                "alert.info[0].resource",
                "alert.info[0].parameter[3]", "alert.info[0].parameter[4]", "alert.info[0].area[0].circle",
                "alert.info[1]",
            ])
        #expect(try complete(made.draft).headline?.en == "Two vans")
    }

    @Test("no document makes the reader trap, however it is cut or changed")
    func cut() throws {
        let bytes = Array(Written().text.utf8)
        let provinces = try Reference.provinces()
        for place in bytes.indices {
            _ = try? CAPImport(Array(bytes.prefix(place)), post: "koh-kong", provinces: provinces)
            var changed = bytes
            changed[place] ^= 0x1F
            _ = try? CAPImport(changed, post: "koh-kong", provinces: provinces)
        }
    }
}
