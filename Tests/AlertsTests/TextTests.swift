import Alerts
import Foundation
import Testing

@Suite("Free texts")
struct TextTests {
    static let number =
        "a number in it that looks like a telephone or document number; only suspect.documents takes one"
    static let fields = [
        "headline.en", "description.en", "crossing", "movement.from", "movement.towards",
        "movement.lastSeen.place",
        "movement.vehicle.colour", "movement.vehicle.make",
    ]

    @Test("no free text takes a number that looks like a telephone's or a document's", arguments: fields)
    func everywhere(path: String) throws {
        #expect(try problems(.movement.with(path, "call 012 345 678")) == ["\(path): \(Self.number)"])
        #expect(try problems(.movement.with(path, "call\u{1B}[2J")) == ["\(path): a control character in it"])
        #expect(
            try problems(.movement.with(path, "call\u{202E}"))
                == ["\(path): a character in it that turns the writing direction"])
    }

    @Test("what no text takes is found wherever it stands", arguments: 0..<20)
    func everyPlace(place: Int) throws {
        for (character, rule) in [
            ("@", "an @ in it, as in an address, which no field takes"),
            ("\u{7F}", "a control character in it"),
            ("\u{1B}", "a control character in it"), ("\n", "a control character in it"),
            ("1234567", Self.number),
        ] {
            let text =
                String(repeating: "a", count: place) + character + String(repeating: "b", count: 19 - place)
            #expect(try problems(.movement.with("crossing", text)) == ["crossing: \(rule)"])
        }
        for character in ["~", "!", "/", ":", "`", "[", "{", " ", "1"] {
            let text =
                String(repeating: "Z", count: place) + character + String(repeating: "z", count: 19 - place)
            #expect(try problems(.movement.with("crossing", text)) == [])
        }
        #expect(
            try problems(.movement.with("crossing", String(repeating: " ", count: place + 1))) == [
                "crossing: empty"
            ])
        #expect(
            try problems(.movement.with("headline.en", String(repeating: "-", count: place + 1)))
                == ["headline.en: no Latin letter in it"])
    }

    @Test("neither does a description of marks or an alias")
    func suspectTexts() throws {
        #expect(
            try problems(.suspect.with("suspect.marks", "tattoo 0123456789")) == [
                "suspect.marks: \(Self.number)"
            ])
        #expect(
            try problems(.suspect.with("suspect.aliases", ["Ta Mao", "Mao 012345678"]))
                == ["suspect.aliases[1]: \(Self.number)"])
        for (alias, rule) in [
            ("Mao (boss)", "not letters, spaces, - . and ' alone; other facts have fields of their own"),
            ("Sok Dara (victim)", Self.name), ("ជនរងគ្រោះ", Self.victim), ("the victim", Self.victim),
        ] {
            #expect(
                try problems(.suspect.with("suspect.aliases", [alias])) == ["suspect.aliases[0]: \(rule)"])
        }
        #expect(
            try problems(.suspect.with("suspect.aliases", ["តាម៉ៅ", "Ta Mao", "Nguyễn Văn A.", "O'Brien-Sok"]))
                == [])
    }

    @Test(
        "numbers that look like a telephone's or a document's",
        arguments: [
            "012345678", "call 012 345 678 now", "+855 12 345 678", "(012) 345-678", "012.345.678",
            "012/345/678",
            "012 - 345 - 678", "passport N1234567", "ID 1234567", "០១២ ៣៤៥ ៦៧៨", "លេខ០១២៣៤៥៦៧៨ ហៅ",
            "081-234-5678",
            "๐๘๑ ๒๓๔ ๕๖๗๘", "01\u{200B}2345678", "０１２３４５６７８", "1 2 3 4 5 6 7 8", "12 345 678",
            "0123-4567-89 10:00", "2026-11-24-06", "12:345678901", "20261124",
            "012,345,678", "012:345:678", "0123/45/67", "٠١٢٣٤٥٦٧٨", "⁰¹²³⁴⁵⁶⁷⁸", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "①②③④⑤⑥⑦⑧",
            "१२३४५६७८",
            "012|345|678", "012*345*678", "012 ~ 345 ~ 678", "012；345；678", "012\u{20E3} 345 678",
            "០១២,៣៤៥,៦៧៨",
            "01:23:45:67:89", "01:23 45 67 89", "012\u{301}345\u{301}678", "一二三四五六七八",
            "0 1 2 • 3 4 5 • 6 7 8",
            "11.5564, 104.9282",
        ])
    func refused(text: String) throws {
        #expect(
            try problems(.movement.with("description", ["en": "text \(text)"])) == [
                "description.en: \(Self.number)"
            ])
    }

    @Test(
        "numbers that are a plate's, a road's, a date's, a time's or a count's",
        arguments: [
            "plate 2AB-1234", "plate 70A-123.45", "National Road 48, km 123", "seen 06:30",
            "2026-11-24 06:30",
            "24/11/2026", "24.11.2026 at 18:00", "9 people, 2 minors, 1 driver", "លេខ ២AB-១២៣៤",
            "ថ្ងៃទី២៤ ខែ១១ ឆ្នាំ២០២៦",
            "5,000,000 riel", "between 06:30 and 07:45", "06:30-07:45", "12 345", "10:00:00 11:00:00",
            "123456",
            "ម៉ោង ០៦:៣០ ថ្ងៃ 2026-11-24", "2026-11-24 06:30-07:45", "24/11/2569, 06:30", "1/2 of 12",
            "Road 48; 06:30",
        ])
    func taken(text: String) throws {
        #expect(try problems(.movement.with("description", ["en": "text \(text)"])) == [])
    }

    @Test(
        "a letter outside of ASCII behind a text changes nothing of what is found in it",
        arguments: [
            "a", "7", ":", "012 345 678", "call 012345678", "2AB-1234", "2026-11-24", "2026-11-24-06",
            "06:30",
            "12:345678901", "a1b2c3d4e5f6g7h8", "1 2 3 4 5 6 7 8", "12 - - 345678", "12  -  345678",
            "12,345,678",
            "012\n345\n678", "01234567\n", "\u{1B}[2J", "\t012", "a\u{7F}b", "0123456", "01234567", "@[`{",
            "_0123_4567_",
            String(repeating: "a", count: Alert.Limits.crossing - 3),
            String(repeating: "a", count: Alert.Limits.crossing - 2),
        ])
    func beyondASCII(text: String) throws {
        for path in ["crossing", "description.en"] {
            let plain = try problems(.movement.with(path, "x \(text)a"))
            #expect(try problems(.movement.with(path, "x \(text)é")) == plain)
        }
    }

    @Test("Khmer with invisible characters is taken as it is")
    func invisible() throws {
        let text = "រថយន្ត\u{200B}ពណ៌ស"
        #expect(try decoded(.movement.with("headline", ["km": text])).headline?.km == text)
    }

    static let victim = "a word for a victim in it; a victim is not a suspect, count them in atRisk"
    static let name =
        "perhaps a name beside a word for a victim; persons at risk are counted in atRisk and never named. "
        + "Of a place say at, in or from before it; write other words without a capital"

    @Test(
        "a name beside a word for a victim is refused, as far as a program can tell",
        arguments: [
            "Victim Sok Dara, girl of 14 from Prek Leap, rescued", "house of Sok Dara, victim",
            "The victim is called Sok Dara",
            "girl Dara found", "SOK DARA, A GIRL", "seen with a girl, Keo Sreymom",
            "victims: Dara and Sophea", "Child: Dara",
            "ជនរងគ្រោះឈ្មោះ សុខ ដារ៉ា", "ជនរងគ្រោះ សុខ ដារ៉ា អាយុ ១៤ឆ្នាំ", "ឈ្មោះដារ៉ា ជាជនរងគ្រោះ", "ក្មេងស្រី កែវ ស្រីមុំ នៅផ្ទះ",
            "victim Nguyễn Thị Lan", "Dara’s boy, Sok Vanna",
        ])
    func victimNames(text: String) throws {
        let path = text.unicodeScalars.contains { (0x1780...0x17B3).contains($0.value) } ? "km" : "en"
        #expect(
            try problems(.movement.with("description", [path: text])) == ["description.\(path): \(Self.name)"]
        )
    }

    @Test(
        "what is said of persons at risk without a name is taken",
        arguments: [
            "Two victims were rescued at Poipet", "Night patrol found clothes of children at Trapeang Roung",
            "A girl of about 14 from Prek Leap", "Girls in a white Toyota", "Victims speak Vietnamese",
            "Three children, Koh Kong province", "Rescued near Cham Yeam on Monday",
            "Grey van. Victims inside.",
            "Minors from Tay Ninh and Long An", "Sok Dara drives the van", "boys and girls of Phnom Penh",
            "ជនរងគ្រោះពីរនាក់នៅប៉ោយប៉ែត", "ជនរងគ្រោះ ពីរ នាក់", "ក្មេង ២ នាក់ត្រូវបានសង្គ្រោះ",
        ])
    func victimsUnnamed(text: String) throws {
        let path = text.unicodeScalars.contains { (0x1780...0x17B3).contains($0.value) } ? "km" : "en"
        #expect(try problems(.movement.with("description", [path: text])) == [])
    }

    @Test("no text takes an @", arguments: ["dara@example.org", "write to ＠dara", "dara﹫example"])
    func at(text: String) throws {
        #expect(
            try problems(.movement.with("crossing", text)) == [
                "crossing: an @ in it, as in an address, which no field takes"
            ])
    }

    @Test("a reader is shown what was let in, whatever screening would say to it today")
    func readers() throws {
        var person = Sample.personAtRisk
        person["reference"] = "R-7K2M"
        let sample = Sample.movement.with("description", ["en": "Victim Sok Dara, 012 345 678"]).with(
            "atRisk", [person]
        )
        .with("movement.vehicle.plate", "SOK DARA")
        let payload = try sample.bytes
        let provinces = try Reference.provinces()
        #expect(throws: InvalidAlert.self) { try Alert.decode(payload, provinces: provinces) }
        #expect(try Alert.decode(payload, provinces: provinces, screened: false).atRisk.count == 1)
    }

    @Test("no reason quotes anything of an alert, wherever it stands in it")
    func quotesNothing() throws {
        let secret = "SokDara14"
        var person = Sample.personAtRisk
        for field in Array(person.keys) { person[field] = secret }
        person[secret] = secret
        for sample in [Sample.movement, Sample.suspect] {
            for path in [
                "id", "sender", "sent", "status", "msgType", "references", "kind", "urgency", "severity",
                "certainty",
                "expires", "handling", "provinces", "crossing", "headline", "description", "suspect",
                "movement",
                "suspect.role", "suspect.sex", "suspect.nationality", "suspect.marks", "suspect.vehicle.type",
                "movement.mode", "movement.direction", "movement.people", "movement.vehicle.type",
                "movement.vehicle.plate", "movement.lastSeen.time", secret, "movement.\(secret)",
            ] {
                for value: Any in [secret, [secret], [secret: secret], "+85512345678", "TLP:\(secret)"] {
                    let found = try problems(sample.with(path, value)).joined()
                    #expect(!found.contains("Sok") && !found.contains("855"), "\(path): \(found)")
                }
            }
            #expect(try !problems(sample.with("atRisk", [person])).joined().contains("Sok"))
        }
    }
}

@Suite("Bytes")
struct BytesTests {
    private func whole(_ bytes: [UInt8]) throws -> String {
        let found = try problems(bytes)
        #expect(found.count == 1)
        return found.first ?? ""
    }

    @Test("an alert of 65,536 bytes is not too large, one of 65,537 is")
    func size() throws {
        let bytes = try Sample.movement.bytes
        let padding = [UInt8](repeating: 0x20, count: Alert.Limits.payload - bytes.count)
        #expect(try whole(bytes + padding).contains("one line of JSON"))
        #expect(try whole(bytes + padding + [0x20]) == "alert: 65537 bytes, at most 65536")
    }

    @Test(
        "what isn't UTF-8 is refused",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE1, 0x9E]])
    func utf8(broken: [UInt8]) throws {
        var bytes = try Sample.movement.bytes
        let at = try #require(bytes.firstRange(of: Array("White".utf8))?.lowerBound)
        bytes.insert(contentsOf: broken, at: at)
        #expect(try whole(bytes) == "alert: not UTF-8")
    }

    @Test("an alert in UTF-16 is no alert, with or without a mark")
    func utf16() throws {
        let text = String(decoding: try Sample.movement.bytes, as: UTF8.self)
        for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian] {
            let bytes = Array(try #require(text.data(using: encoding)))
            #expect(try whole(bytes).hasPrefix("alert: not"))
        }
    }

    @Test(
        "what isn't an object is refused in a word",
        arguments: [
            ("", "empty"), ("[]", "not a JSON object"), ("5", "not a JSON object"),
            ("\"x\"", "not a JSON object"),
            ("null", "not a JSON object"), ("true", "not a JSON object"),
        ])
    func notObject(text: String, rule: String) throws {
        #expect(try whole(Array(text.utf8)) == "alert: \(rule)")
    }

    @Test(
        "broken JSON is refused, whatever is broken",
        arguments: [
            "{", "}", "{\"id\"}", "{\"id\":}", "{\"id\":1,}", "{'id':1}", "{\"id\":\"\\q\"}",
            "{\"id\":\"\\ud800\"}",
            "{\"a\":1}{\"b\":2}", "{\"id\":01}", "{\"id\":NaN}", "{\"id\":\"a\u{1}b\"}", "{\u{0}}",
            "\u{FEFF}{", "{\"id\":1e999999}",
            "{\"\\ud800\":1}", "//", "{\"id\":\"",
        ])
    func notJSON(text: String) throws {
        #expect(try !problems(Array(text.utf8)).isEmpty)
    }

    @Test("what stands where the JSON breaks isn't repeated")
    func silent() throws {
        #expect(try whole(Array("{\"id\": \"x\",\n  Invented}".utf8)) == "alert: not JSON")
    }

    @Test("depth without end is refused", arguments: ["[", "{\"a\":"])
    func depth(opening: String) throws {
        let bytes = Array(String(repeating: opening, count: Alert.Limits.payload / opening.utf8.count).utf8)
        #expect(try whole(bytes).hasPrefix("alert: not JSON"))
        let inside =
            "{\"id\":" + String(repeating: "[", count: 300) + String(repeating: "]", count: 300) + "}"
        #expect(try whole(Array(inside.utf8)) == "alert: not JSON")
        let shallow = "{\"id\":" + String(repeating: "[", count: 30) + String(repeating: "]", count: 30) + "}"
        #expect(try problems(Array(shallow.utf8)).contains("id: not a text"))
    }

    @Test(
        "a field given twice is refused, however it is spelt, at every depth",
        arguments: [
            ("\"kind\":\"movement\"", "\"kind\":\"movement\",\"kind\":\"movement\"", "kind"),
            ("\"kind\":\"movement\"", "\"kind\":\"movement\",\"k\\u0069nd\":\"movement\"", "kind"),
            ("\"people\":9", "\"people\":9,\"people\":9", "movement.people"),
            ("\"type\":\"van\"", "\"type\":\"van\",\"type\":\"van\"", "movement.vehicle.type"),
        ])
    func twice(once: String, twice: String, path: String) throws {
        let text = String(decoding: try Sample.movement.bytes, as: UTF8.self)
        let doubled = text.replacingOccurrences(of: once, with: twice)
        #expect(doubled != text)
        #expect(try problems(Array(doubled.utf8)) == ["\(path): given twice"])
    }

    @Test("escaped field names and texts are the same alert")
    func escapes() throws {
        let text = String(decoding: try Sample.movement.bytes, as: UTF8.self)
        let escaped = text.replacingOccurrences(
            of: "\"crossing\":\"Cham Yeam\"", with: "\"cr\\u006fssing\":\"Cham \\\"\\\\:\\\" Yeam\"")
        #expect(try problems(Array(escaped.utf8)) == [])
    }

    @Test("no single broken byte and no cut makes reading trap")
    func mutations() throws {
        let bytes = try Sample.suspect.with("atRisk", [Sample.personAtRisk]).bytes
        let provinces = try Reference.provinces()
        for position in bytes.indices {
            _ = try? Alert.decode(Array(bytes[..<position]), provinces: provinces)
            for byte: UInt8 in [0x00, 0x22, 0x2C, 0x30, 0x5C, 0x7B, 0x7D, 0xE1, 0xFF] {
                var broken = bytes
                broken[position] = byte
                _ = try? Alert.decode(broken, provinces: provinces)
            }
        }
    }
}
