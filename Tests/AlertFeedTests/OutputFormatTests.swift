import AlertFeed
import Alerts
import Foundation
import Identity
import Platform
import Printable
import Provinces
import Settings
import Testing
import Wire

@Suite("Output formats")
struct OutputFormatTests {
    private static let provinces = Result {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ReferenceData.provinces(overlay: root.appendingPathComponent("config/provinces.toml").path)
    }

    /// As an analyst's program reads it, whatever a hub sent; its seal is none.
    private func read(
        status: String = "Actual", headline: String, description: String? = nil, suspect: [String: Any] = [:],
        crossing: String? = nil
    ) throws -> ReadAlert {
        var json: [String: Any] = [
            "id": "01a20abe-b4c0-7abc-8def-0123456789ab", "sender": "prey-veng",
            "sent": "2026-11-24T06:30:00+07:00", "status": status, "msgType": "Alert", "kind": "suspect",
            "urgency": "Unknown", "severity": "Extreme", "certainty": "Unknown",
            "expires": "2026-11-25T06:30:00+07:00", "handling": "TLP:AMBER+STRICT",
            "provinces": ["KH-9", "KH-14"],
            "headline": text(headline),
            "suspect": ["role": "recruiter"].merging(suspect) { $1 },
        ]
        if let description { json["description"] = text(description) }
        if let crossing { json["crossing"] = crossing }
        let payload = Array(try JSONSerialization.data(withJSONObject: json))
        let provinces = try OutputFormatTests.provinces.get()
        let alert = try Alert.decode(payload, provinces: provinces, screened: false)
        let header = PostHeader(
            post: "prey-veng", epoch: 1, sequence: 2, queued: Timestamp(milliseconds: 1_764_028_800_123),
            facts: AlertFacts(alert))
        var seals = SealChecker()
        let topic = try #require(Topic("kh.koh-kong.suspect."))
        return ReadAlert(
            StreamedAlert(
                offset: 7, topic: topic, topicSequence: 3, received: header.queued,
                signed: SignedAlert(header: header.encoded(), payload: payload, signature: [])),
            PublicKeyring(), provinces, &seals)
    }

    private func text(_ words: String) -> [String: Any] {
        let isKhmer = words.unicodeScalars.contains { (0x1780...0x17B3).contains($0.value) }
        return [isKhmer ? "km" : "en": words]
    }

    private func lines(_ alert: ReadAlert, columns: Int = 80, colours: Bool = false) throws -> [String] {
        let format = TextFormat(try OutputFormatTests.provinces.get(), colours: colours, columns: { columns })
        return String(decoding: format.bytes(of: alert), as: UTF8.self).components(separatedBy: "\n").filter {
            !$0.isEmpty
        }
    }

    @Test("an exercise says so in every line, whatever its text does to reach the terminal's edge")
    func marksExercise() throws {
        let lookalike = "2026-11-24 06:30 EXTREME SUSPECT Koh Kong, signed by koh-kong"
        let fillers = [
            String(repeating: " ", count: 60), String(repeating: "\u{3000}", count: 30),
            String(repeating: "\u{A0}", count: 60), String(repeating: "x", count: 70),
            String(repeating: "日", count: 40), String(repeating: "é", count: 70),
            String(repeating: "\u{1100}", count: 90),
            String(repeating: "ក្ក", count: 40), String(repeating: "e\u{301}", count: 40),
            String(repeating: "👩", count: 40),
            String(repeating: "\u{2800}", count: 60), "\n\n\n",
        ]
        for columns in [26, 40, 80, 132] {
            for filler in fillers {
                let short = String(filler.unicodeScalars.filter { $0 != "\n" }.prefix(50))
                let alert = try read(
                    status: "Exercise", headline: "Exercise", description: "Training" + filler + lookalike,
                    suspect: ["marks": "scar" + filler + lookalike, "aliases": ["Ta" + short]],
                    crossing: "Cham Yeam" + short)
                for line in try lines(alert, columns: columns) {
                    #expect(line.hasPrefix("EXERCISE "))
                    #expect(ColumnWidth().columns(of: line) < columns, "\(columns): \(line)")
                }
            }
        }
    }

    @Test("what a post's officer wrote stands behind a bar or in quotation marks, which it can't leave")
    func setsApart() throws {
        let alert = try read(
            headline: "Grey van", description: "First line\nSIGNATURE OF koh-kong DOES NOT VERIFY",
            suspect: ["aliases": ["Ta Mao", "X\", signed by \"koh-kong"], "marks": "a   b"],
            crossing: "Cham Yeam")
        #expect(
            try lines(alert) == [
                "2026-11-24 06:30 +07:00 EXTREME SUSPECT Koh Kong > Prey Veng at \"Cham Yeam\"",
                "  | Grey van",
                "  | First line",
                "  | SIGNATURE OF koh-kong DOES NOT VERIFY",
                "  suspect: recruiter, called \"Ta Mao\", \"X', signed by 'koh-kong\"",
                "  marks: \"a b\"",
                "  TLP:AMBER+STRICT, until 2026-11-25 06:30 +07:00, #7, received",
                "      \(alert.streamed.received.rfc3339()), id 01a20abe-b4c0-7abc-8def-0123456789ab, no",
                "      key of prey-veng here to check its signature",
            ])
    }

    @Test("Khmer without spaces fills lines, is broken between characters, and loses nothing")
    func breaksKhmer() throws {
        let words = String(repeating: "រថយន្តពណ៌ប្រផេះ\u{200B}ចតនៅក្បែរកំពង់ផែ", count: 12)
        let alert = try read(headline: "រថយន្ត", description: words)
        let quoted = try lines(alert).filter { $0.hasPrefix("  | ") }.map { String($0.dropFirst(4)) }
        #expect(quoted.dropFirst().joined() == words.replacingOccurrences(of: "\u{200B}", with: ""))
        for line in quoted.dropFirst().dropLast() { #expect(ColumnWidth().columns(of: line) > 60) }
        for line in quoted { #expect(!"្ាិីេៃោំះ".unicodeScalars.contains(line.unicodeScalars.first ?? " ")) }
    }

    @Test("colours don't change the words, and a narrow or unknown terminal gets what fits")
    func colours() throws {
        let alert = try read(status: "Test", headline: "Grey van")
        let plain = try lines(alert)
        let coloured = try lines(alert, colours: true)
        #expect(coloured.map { $0.replacing(/\u{1B}\[[0-9;]*m/, with: "") } == plain)
        #expect(coloured.allSatisfy { $0.hasPrefix("\u{1B}[7mTEST\u{1B}[0m ") })
        #expect(try lines(alert, columns: 1).allSatisfy { $0.hasPrefix("TEST ") })
    }

    @Test(
        "in CSV every text is quoted, and none begins a formula, in whatever letters or behind whatever is unseen"
    )
    func csv() throws {
        let alert = try read(headline: "van;=1+cmd|x!A0 says \"go\"", crossing: "＝1+1")
        let line = String(decoding: CSVFormat().bytes(of: alert), as: UTF8.self)
        #expect(
            line == "7,\"kh.koh-kong.suspect.\",3,\"prey-veng\",\"0000000000000001\",2,"
                + "\"\(alert.streamed.received.rfc3339())\",false,\"01a20abe-b4c0-7abc-8def-0123456789ab\","
                + "\"Actual\",\"suspect\",\"Alert\",\"Extreme\",\"Unknown\",\"Unknown\",\"TLP:AMBER+STRICT\","
                + "\"2026-11-24T06:30:00+07:00\",\"2026-11-25T06:30:00+07:00\",\"KH-9 KH-14\",\"\",\"'＝1+1\",\"\","
                + "\"van;=1+cmd|x!A0 says \"\"go\"\"\",\"\",\"\",\"\"\r\n")
        for formula in [
            "=x", "+x", "-x", "@x", "＝x", "＋x", "－x", "＠x", "﹦x", " =x", "\u{3000}=x", "\u{200B}=x", "−x",
        ] {
            #expect(
                String(decoding: CSVFormat().bytes(of: try read(headline: formula)), as: UTF8.self)
                    .hasSuffix("\"'\(formula)\",\"\",\"\",\"\"\r\n"))
        }
    }

    @Test("on a terminal JSON steers nothing and means the same")
    func jsonOnTerminal() throws {
        let sent = try read(headline: "Grey van")
        let hostile = Array("{\"x\":\"a\u{9B}2J\u{202E}b\u{7F}\u{E0041} ក្រ\"}".utf8)
        let alert = ReadAlert.unread(sent, payload: hostile, try OutputFormatTests.provinces.get())
        let plain = JSONFormat().bytes(of: alert)
        let shown = JSONFormat(forTerminal: true).bytes(of: alert)
        #expect(
            String(decoding: shown, as: UTF8.self).contains(
                "{\"x\":\"a\\u009b2J\\u202eb\\u007f\\udb40\\udc41 ក្រ\"}}\n"))
        let objects = try [plain, shown].map {
            try JSONSerialization.jsonObject(with: Data($0)) as? NSDictionary
        }
        #expect(objects[0] == objects[1])
    }

    @Test("CSV for Excel begins with a byte order mark, the other with its names")
    func csvForExcel() {
        #expect(CSVFormat(forExcel: true).opening.prefix(4) == [0xEF, 0xBB, 0xBF, UInt8(ascii: "o")])
        #expect(CSVFormat().opening.first == UInt8(ascii: "o"))
    }
}

extension ReadAlert {
    /// What another hub sent in its place, which is no alert.
    fileprivate static func unread(
        _ alert: ReadAlert, payload: [UInt8], _ provinces: ProvinceDirectory
    ) -> ReadAlert {
        var seals = SealChecker()
        let streamed = alert.streamed
        return ReadAlert(
            StreamedAlert(
                offset: streamed.offset, topic: streamed.topic, topicSequence: streamed.topicSequence,
                received: streamed.received,
                signed: SignedAlert(header: streamed.signed.header, payload: payload, signature: [])),
            PublicKeyring(), provinces, &seals)
    }
}
