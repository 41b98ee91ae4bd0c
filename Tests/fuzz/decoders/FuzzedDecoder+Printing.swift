internal import AlertFeed
internal import Alerts
internal import FoundationEssentials
internal import Identity
internal import Wire

/// What a terminal, a spreadsheet or another program gets of an alert. The payload is whatever the hub sent: an analyst
/// does not have to trust the hub, so a payload must not look like more than it is.
extension FuzzedDecoder {
    func printed(_ bytes: [UInt8]) -> String? {
        guard let topic = Topic("kh.koh-kong.suspect.") else { return "the topic is none" }
        let header = PostHeader(
            post: "koh-kong", epoch: 1, sequence: 2, queued: Timestamp(milliseconds: 1_764_028_800_123),
            facts: Sample.facts)
        let streamed = StreamedAlert(
            offset: 7, topic: topic, topicSequence: 3, received: header.queued,
            signed: SignedAlert(header: header.encoded(), payload: bytes, signature: []))
        var seals = SealChecker()
        let read = ReadAlert(streamed, PublicKeyring(), Sample.provinces, &seals)
        return FuzzedDecoder.complaint(json: JSONFormat().bytes(of: read))
            ?? FuzzedDecoder.complaint(csv: CSVFormat().bytes(of: read))
            ?? FuzzedDecoder.complaint(text: TextFormat(Sample.provinces, colours: false).bytes(of: read))
    }

    /// What makes a spreadsheet calculate: `=+-@` and the tabulator.
    private static let formulas: [UInt8] = [0x3D, 0x2B, 0x2D, 0x40, 0x09]

    private static let fields: Set<String> = [
        "offset", "topic", "topic_sequence", "post", "epoch", "sequence", "received", "verified", "header",
        "seal", "alert", "erased", "unreadable",
    ]

    private struct Line: Decodable {
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        let names: [String]
        let isVerified: Bool

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Name.self)
            names = fields.allKeys.map(\.stringValue)
            isVerified = try fields.decode(Bool.self, forKey: Name(stringValue: "verified"))
        }
    }

    private static func complaint(json line: [UInt8]) -> String? {
        guard line.firstIndex(of: 0x0A) == line.count - 1 else { return "not one line of JSON" }
        // Only what stands outermost: all of an alert is read by the decoders json and alert.
        guard let read = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
            return "no JSON object"
        }
        guard FuzzedDecoder.fields.isSuperset(of: read.names), !read.isVerified else {
            return "a JSON field is not Borderwire's own"
        }
        return nil
    }

    private static func complaint(csv line: [UInt8]) -> String? {
        // RFC 4180, by bytes, as other programs read it.
        var cells = 1
        var isQuoted = false
        var isFirst = true  // in its cell, quotation marks aside
        for (place, byte) in line.enumerated() {
            switch byte {
            case 0x22: isQuoted.toggle()
            case 0x2C where !isQuoted:
                cells += 1
                isFirst = true
            case 0x0A where !isQuoted && place < line.count - 1: return "several lines of CSV"
            default:
                if isFirst, FuzzedDecoder.formulas.contains(byte) { return "a cell is a formula" }
                isFirst = false
            }
        }
        return isQuoted || cells != 26 ? "not the columns of CSV" : nil
    }

    private static func complaint(text: [UInt8]) -> String? {
        guard let text = String(validating: text, as: UTF8.self) else { return "not UTF-8" }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: continue
            case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069:
                return "a control character for the terminal"
            default: continue
            }
        }
        return nil
    }
}
