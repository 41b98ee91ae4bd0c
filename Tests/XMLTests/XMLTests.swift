import Testing
import XML

@Suite("XML of others")
struct XMLTests {
    private let bounds = XMLBounds(bytes: 100_000, depth: 8, elements: 100, attributes: 10)

    private func read(_ text: String) throws -> XMLElement {
        try XMLElement.read(Array(text.utf8), within: bounds)
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        do throws(XMLError) {
            _ = try XMLElement.read(bytes, within: bounds)
            return nil
        } catch { return error.reason }
    }

    private func refusal(_ text: String) -> String? { refusal(Array(text.utf8)) }

    @Test("names, namespaces, attributes and texts are read, whatever the prefix")
    func plain() throws {
        let root = try read(
            """
            <?xml version="1.0" encoding="utf-8"?><?pi x?>
            <a:b xmlns:a="urn:x" c="1 &amp; 2"><!-- no --><a:d>ខ្មែរ &lt;&#x41;<![CDATA[<e>]]></a:d></a:b>
            """)
        #expect(root.name == "b" && root.namespace == "urn:x")
        #expect(root.attributes.map(\.name) == ["c"])
        #expect(root.children.map(\.text) == ["ខ្មែរ <A<e>"])
    }

    @Test("no document type is read: neither a billion laughs nor a file of this machine")
    func doctypes() {
        let laughs =
            "<!DOCTYPE l [<!ENTITY a \"ha\">"
            + (1...9).map {
                "<!ENTITY \(Character(UnicodeScalar(97 + UInt8($0)))) \""
                    + String(repeating: "&\(Character(UnicodeScalar(96 + UInt8($0))));", count: 10) + "\">"
            }.joined() + "]><l>&j;</l>"
        for text in [
            laughs, "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>",
            "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><x>&f;</x>",
            "<!DOCTYPE x [<!ENTITY % p SYSTEM \"http://192.0.2.1/p\"> %p;]><x/>", "<!DOCTYPE x><x/>",
            "<!DOCTYPE x [<!ATTLIST x a CDATA \"given\">]><x/>",
        ] {
            #expect(refusal(text) == "a document type declaration in it, which is never read")
        }
        #expect(refusal("<x>&undeclared;</x>")?.contains("not well-formed") == true)
    }

    @Test("what is deep, large or has too much in it is refused by its bound")
    func bounded() {
        let deep =
            String(repeating: "<a>", count: 100_000 / 7) + String(repeating: "</a>", count: 100_000 / 7)
        #expect(refusal(deep) == "line 1: elements more than 8 deep")
        #expect(refusal("<a>" + String(repeating: "<b/>", count: 100) + "</a>") == "more than 100 elements")
        let attributes = (0..<11).map { " a\($0)=\"1\"" }.joined()
        #expect(refusal("<a\(attributes)/>") == "more than 10 attributes")
        #expect(
            refusal("<a b=\"\(String(repeating: "x", count: 100_000))\"/>")?.hasSuffix("at most 100000")
                == true)
        #expect(refusal("<a b=\"\(String(repeating: "x", count: 99_000))\"/>") == nil)
        #expect(refusal("") == "empty")
    }

    @Test("another encoding than UTF-8 is refused, declared or not")
    func encodings() {
        #expect(
            refusal([0xFF, 0xFE] + "<a/>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == "not UTF-8"
        )
        #expect(refusal("<a/>".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) == "not UTF-8")
        #expect(refusal(Array("<a>".utf8) + [0xE9] + Array("</a>".utf8)) == "not UTF-8")
        #expect(refusal(Array("<a>".utf8) + [0xC0, 0xBC] + Array("</a>".utf8)) == "not UTF-8")
        for name in ["ISO-8859-1", "windows-874", "UTF-16", "UTF-7", "EBCDIC-CP-US"] {
            let reason = refusal("<?xml version=\"1.0\" encoding=\"\(name)\"?><a/>")
            #expect(reason != nil, "\(name)")
        }
        #expect(refusal("<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a/>") == nil)
    }

    @Test("what is not well-formed is refused with its line, and nothing of it is quoted")
    func malformed() {
        for text in [
            "<a>\n<Sok></a>", "<a>\n<b>&#1;</b></a>", "<a/>\n<Sok/>", "<a\n b='1' b='Sok'/>", "Sok",
            "<a>\nSok",
            "<x:a\n/>", "<a>\n]]></a>",
        ] {
            let reason = refusal(text) ?? "taken"
            #expect(reason.contains("line") && !reason.contains("Sok"), "\(text): \(reason)")
        }
    }

    @Test("what is written is read again, with every character that XML has")
    func written() throws {
        var writer = XMLWriter()
        let text = "a < b & \"c\" ]]> 'd'\n\tខ្មែរ\u{1F600}\r"
        writer.element("x", namespace: "urn:x") { x in
            x.put("y", text)
            x.put("nothing", nil)
            x.put("z", "a\u{1}\u{8}b\u{FFFE}c\u{0}")
            x.element("empty") { _ in }
        }
        let root = try XMLElement.read(try writer.finish(), within: bounds)
        #expect(root.children.map(\.name) == ["y", "z", "empty"])
        #expect(root.children.map(\.text).prefix(2) == [text, "abc"])
        #expect(root.namespace == "urn:x" && root.children[0].namespace == "urn:x")
    }
}
