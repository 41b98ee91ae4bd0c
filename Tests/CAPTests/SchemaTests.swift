import Alerts
import CAP
import Foundation
import Testing

@Suite("The schema of CAP 1.2, and what it says in words")
struct SchemaTests {
    @Test(
        "times that the schema takes are taken",
        arguments: [
            "2026-11-24T06:30:00+07:00", "2026-11-24T06:30:00-00:00", "2026-11-24T06:30:00+00:00",
            "2026-11-24T06:30:00+14:00", "2026-11-23T24:00:00+07:00", "  2026-11-24T06:30:00+07:00\n ",
        ])
    func times(time: String) { #expect(Written(sent: time).problems.isEmpty) }

    @Test(
        "times that it refuses are refused by their path",
        arguments: [
            "2026-11-24T06:30:00Z", "2026-11-24T06:30:00.000+07:00", "2026-11-24T06:30:00",
            "2026-11-24T06:30+07:00",
            "2026-11-24T06:30:00+0700", "2026-11-24T06:30:00+14:01", "2026-11-24T06:30:60+07:00",
            "2026-11-24 06:30:00+07:00", "២០២៦-11-24T06:30:00+07:00", "2026-11-24T06:30:00,07:00",
            "2026-02-30T06:30:00+07:00", "",
        ])
    func wrongTimes(time: String) {
        #expect(
            Written(sent: time).problems == ["alert.sent: not a time such as 2026-11-24T06:30:00+07:00"],
            "\(time)")
    }

    static let taken: [(String, @Sendable (inout Written) -> Void)] = [
        ("no info", { $0.info = nil }),
        ("an info without area", { $0.info = Written.info(area: "") }),
        ("a draft", { $0.head = "<status>Draft</status><msgType>Alert</msgType>" }),
        (
            "responseType None",
            {
                $0.info = Written.info(
                    middle:
                        "<responseType>None</responseType><urgency>Past</urgency><severity>Minor</severity><certainty>Unknown</certainty>"
                )
            }
        ),
        (
            "a signature last",
            {
                $0.end =
                    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:x/></ds:Signature>"
            }
        ),
        (
            "where the schema is",
            {
                $0.namespace +=
                    "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:x cap.xsd"
            }
        ),
        ("Khmer", { $0.info = Written.info(texts: "<headline>ឡានពីរ</headline>") }),
    ]

    @Test("what the schema takes is taken", arguments: taken.indices)
    func takes(index: Int) {
        let (what, change) = SchemaTests.taken[index]
        #expect(Written().with(change).problems.isEmpty, "\(what)")
    }

    static let refused: [(String, @Sendable (inout Written) -> Void)] = [
        ("alert.scope: missing", { $0.scope = "" }),
        (
            "alert.source: line 3: stands behind an element that it must precede",
            { $0.scope += "<source>x</source>" }
        ),
        ("alert.scope: line 3: stands behind", { $0.head += "<note>x</note>" }),
        ("alert.source: given twice", { $0.head += "<source>x</source><source>y</source>" }),
        (
            "alert.references: line 3: stands behind",
            { $0.end = "<references>a,b,2026-11-24T06:00:00+07:00</references>" }
        ),
        (
            "alert: line 3: an element in it that CAP 1.2 does not have there",
            { $0.end = "<x:more xmlns:x=\"urn:x\"/>" }
        ),
        ("alert: an attribute, of which CAP has none", { $0.namespace += "\" lang=\"km" }),
        ("alert: the document is no alert of", { $0.namespace = "urn:oasis:names:tc:emergency:cap:1.1" }),
        ("alert.status: not one of", { $0.head = "<status>actual</status><msgType>Alert</msgType>" }),
        ("alert.status: not one of", { $0.head = "<status> Actual</status><msgType>Alert</msgType>" }),
        ("alert.msgType: not one of", { $0.head = "<status>Actual</status><msgType>Notice</msgType>" }),
        ("alert: line 3: not well-formed XML", { $0.end = "<note>&#1;</note>" }),
        ("alert.info[0].category: missing", { $0.info = Written.info(category: "") }),
        (
            "alert.info[0].language: not a language's code",
            { $0.info = Written.info(language: "<language>km_KH</language>") }
        ),
        (
            "alert.info[0].language: not a language's code",
            { $0.info = Written.info(language: "<language>cambodian</language>") }
        ),
        (
            "alert.info[0].urgency: line 3: stands behind",
            {
                $0.info = Written.info(
                    middle:
                        "<expires>2026-11-30T06:30:00+07:00</expires><urgency>Past</urgency><severity>Minor</severity><certainty>Unknown</certainty>",
                    expires: "")
            }
        ),
        (
            "alert.info[0].certainty: not one of",
            {
                $0.info = Written.info(
                    middle:
                        "<urgency>Past</urgency><severity>Minor</severity><certainty>Very Likely</certainty>")
            }
        ),
        (
            "alert.info[0].contact: line 3: stands behind",
            { $0.info = Written.info(area: "<contact>x</contact>") }
        ),
        (
            "alert.info[0].resource[0]: line 3: stands behind",
            {
                $0.info = Written.info(
                    area:
                        "<area><areaDesc>x</areaDesc></area><resource><resourceDesc>x</resourceDesc><mimeType>x</mimeType></resource>"
                )
            }
        ),
        (
            "alert.info[0].resource[0].mimeType: missing",
            { $0.info = Written.info(area: "<resource><resourceDesc>x</resourceDesc></resource>") }
        ),
        (
            "alert.info[0].resource[0].size: not a whole number",
            {
                $0.info = Written.info(
                    area:
                        "<resource><resourceDesc>x</resourceDesc><mimeType>x</mimeType><size>1.5</size></resource>"
                )
            }
        ),
        ("alert.info[0].area[0].areaDesc: missing", { $0.info = Written.info(area: "<area/>") }),
        (
            "alert.info[0].area[0].polygon[0]: line 3: stands behind",
            {
                $0.info = Written.info(
                    area:
                        "<area><areaDesc>x</areaDesc><geocode><valueName>x</valueName><value>y</value></geocode><polygon>1,1 1,2 2,2 1,1</polygon></area>"
                )
            }
        ),
        (
            "alert.info[0].parameter[0].valueName: line 3: stands behind",
            {
                $0.info = Written.info(
                    parameters: "<parameter><value>x</value><valueName>y</valueName></parameter>")
            }
        ),
        ("alert.info[0]: a text between its elements", { $0.info = Written.info(area: "x") }),
    ]

    @Test("what the schema refuses is refused, by its path and rule", arguments: refused.indices)
    func refuses(index: Int) {
        let (problem, change) = SchemaTests.refused[index]
        let problems = Written().with(change).problems
        #expect(problems.contains { $0.hasPrefix(problem) }, "\(problem), not \(problems)")
    }

    private static let earlier = "2026-11-23T06:30:00+07:00"

    static let semantic: [(String, @Sendable (inout Written) -> Void)] = [
        ("alert.identifier: empty, or a space", { $0.identifier = "a 1" }),
        ("alert.identifier: empty, or a space", { $0.identifier = "" }),
        ("alert.sender: empty, or a space, a comma", { $0.sender = "a,b" }),
        ("alert.restriction: needed", { $0.scope = "<scope>Restricted</scope>" }),
        ("alert.restriction: needed", { $0.scope = "<scope>Public</scope><restriction>x</restriction>" }),
        ("alert.addresses: needed", { $0.scope = "<scope>Private</scope>" }),
        (
            "alert.addresses: a quotation mark",
            { $0.scope = "<scope>Private</scope><addresses>\"a b</addresses>" }
        ),
        ("alert.references: missing", { $0.head = "<status>Actual</status><msgType>Cancel</msgType>" }),
        ("alert.references: the one with number 1", { $0.codes += "<references>a b</references>" }),
        (
            "alert.references: the message itself",
            {
                $0.codes += "<references>desk@police.example.th,a-1,\(earlier)</references>"
            }
        ),
        (
            "alert.references: a message that was sent later",
            {
                $0.codes += "<references>x,y,2026-12-24T06:30:00+07:00</references>"
            }
        ),
        (
            "alert.info[0].expires: earlier than sent",
            { $0.info = Written.info(expires: "<expires>\(earlier)</expires>") }
        ),
        (
            "alert.info[0].onset: earlier than sent",
            { $0.info = Written.info(expires: "<onset>\(earlier)</onset>") }
        ),
        (
            "alert.info[0].expires: earlier than effective",
            {
                $0.info = Written.info(
                    expires:
                        "<effective>2026-12-24T06:30:00+07:00</effective><expires>2026-11-25T06:30:00+07:00</expires>"
                )
            }
        ),
        (
            "alert.info[0].headline: 161 characters",
            {
                $0.info = Written.info(texts: "<headline>\(String(repeating: "x", count: 161))</headline>")
            }
        ),
        (
            "alert.info[0].headline: marks of HTML",
            { $0.info = Written.info(texts: "<headline>a &lt;b&gt;van&lt;/b&gt;</headline>") }
        ),
        (
            "alert.info[0].headline: marks of HTML",
            { $0.info = Written.info(texts: "<headline>a &amp;nbsp; van</headline>") }
        ),
        ("alert.info[0].web: not an absolute URI", { $0.info = Written.info(texts: "<web>page.html</web>") }),
        (
            "alert.info[1].headline: the same text",
            {
                $0.info = Written.info() + Written.info(language: "<language>km</language>")
            }
        ),
        (
            "alert.info[0].area[0].polygon[0]: needs four points",
            {
                $0.info = Written.info(
                    area: "<area><areaDesc>x</areaDesc><polygon>1,1 1,2 2,2</polygon></area>")
            }
        ),
        (
            "alert.info[0].area[0].polygon[0]: its sides cross",
            {
                $0.info = Written.info(
                    area: "<area><areaDesc>x</areaDesc><polygon>0,0 2,2 0,2 2,0 0,0</polygon></area>")
            }
        ),
        (
            "alert.info[0].area[0].polygon[0]: not pairs",
            {
                $0.info = Written.info(
                    area: "<area><areaDesc>x</areaDesc><polygon>0,0 91,2 0,2 0,0</polygon></area>")
            }
        ),
        (
            "alert.info[0].area[0].circle[0]: not latitude",
            { $0.info = Written.info(area: "<area><areaDesc>x</areaDesc><circle>1,1</circle></area>") }
        ),
        (
            "alert.info[0].area[0].ceiling: without altitude",
            { $0.info = Written.info(area: "<area><areaDesc>x</areaDesc><ceiling>10</ceiling></area>") }
        ),
        (
            "alert.info[0].resource[0].digest: not SHA-1",
            {
                $0.info = Written.info(
                    area:
                        "<resource><resourceDesc>x</resourceDesc><mimeType>x</mimeType><digest>00</digest></resource>"
                )
            }
        ),
        (
            "alert.info[0].resource[0].uri: not absolute",
            {
                $0.info = Written.info(
                    area:
                        "<resource><resourceDesc>x</resourceDesc><mimeType>x</mimeType><uri>a.png</uri></resource>"
                )
            }
        ),
    ]

    @Test(
        "what only the standard's words refuse is refused, by its path and rule", arguments: semantic.indices)
    func rules(index: Int) {
        let (problem, change) = SchemaTests.semantic[index]
        let problems = Written().with(change).problems
        #expect(problems.contains { $0.hasPrefix(problem) }, "\(problem), not \(problems)")
    }

    @Test(
        "a billion laughs, another encoding and a document without end are refused before anything of them is read"
    )
    func hostile() {
        func problems(_ text: String) -> [String] {
            do throws(InvalidAlert) {
                _ = try CAPDocument.read(Array(text.utf8))
                return []
            } catch { return error.problems.map(\.description) }
        }
        #expect(
            problems("<!DOCTYPE alert [<!ENTITY a \"x\">]>" + Written().text.dropFirst(38))
                == ["alert: a document type declaration in it, which is never read"])
        let latin = Written().text.replacing("UTF-8", with: "ISO-8859-1")
        #expect(problems(latin) == ["alert: declared in another encoding than UTF-8"])
        #expect(problems(String(repeating: "<alert>", count: 80_000)).first?.contains("at most") == true)
        #expect(problems(String(repeating: "<alert>", count: 70_000)).first?.contains("deep") == true)
    }
}
