internal import AlertFeed
internal import Alerts
internal import Identity
internal import Wire

/// What a terminal, a spreadsheet or another program gets of an alert. The payload is whatever the hub sent: an analyst
/// does not have to trust the hub, so a payload must not look like more than it is.
extension FuzzedDecoder {
    func printed(_ bytes: [UInt8]) -> String? {
        guard let topic = Topic("kh.koh-kong.suspect.") else { return "the topic is none" }
        let header = PostHeader(
            post: "koh-kong", epoch: 1, sequence: 2, queued: Timestamp(milliseconds: 1_764_028_800_123))
        let streamed = StreamedAlert(
            offset: 7, topic: topic, topicSequence: 3, received: header.queued, header: header.encoded(),
            payload: bytes, signature: [])
        var seals = SealChecker()
        let read = ReadAlert(streamed, PublicKeyring(), Sample.provinces, &seals)
        return FuzzedDecoder.complaint(json: JSONFormat().bytes(of: read))
            ?? FuzzedDecoder.complaint(csv: CSVFormat().bytes(of: read))
            ?? FuzzedDecoder.complaint(text: TextFormat(Sample.provinces, colours: false).bytes(of: read))
    }

    private static let fields: Set<String> = [
        "offset", "topic", "topic_sequence", "post", "epoch", "sequence", "received", "verified", "alert",
        "erased", "unreadable",
    ]

    private static func complaint(json line: [UInt8]) -> String? {
        guard line.last == 0x0A, line.filter({ $0 == 0x0A }).count == 1 else { return "not one line of JSON" }
        guard case .object(let fields)? = PlainJSON(line)?.value else { return "no JSON object" }
        guard FuzzedDecoder.fields.isSuperset(of: fields.keys),
            case .truth(false)? = fields["verified"]?.value
        else {
            return "a JSON field is not Borderwire's own"
        }
        return nil
    }

    private static func complaint(csv line: [UInt8]) -> String? {
        // RFC 4180, by bytes, as other programs read it.
        var cells: [[UInt8]] = [[]]
        var isQuoted = false
        for (place, byte) in line.enumerated() {
            switch byte {
            case 0x22: isQuoted.toggle()
            case 0x2C where !isQuoted: cells.append([])
            case 0x0A where !isQuoted && place < line.count - 1: return "several lines of CSV"
            default: cells[cells.count - 1].append(byte)
            }
        }
        guard !isQuoted, cells.count == 22 else { return "not the columns of CSV" }
        let formula = cells.contains { cell in cell.first.map { "=+-@\t".utf8.contains($0) } ?? false }
        return formula ? "a cell is a formula" : nil
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
