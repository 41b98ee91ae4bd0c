internal import Alerts
internal import Identity
internal import LogProof
internal import Wire

/// Comma-separated values (RFC 4180) with a first line of names. Every text is quoted, whatever separator a spreadsheet
/// expects; numbers and truth values are not.
public struct CSVFormat: AlertFormat {
    private let forExcel: Bool

    /// - forExcel: with a byte order mark, without which Excel shows Khmer as other letters.
    public init(forExcel: Bool = false) {
        self.forExcel = forExcel
    }

    static let columns = [
        "offset", "topic", "topic_sequence", "post", "epoch", "sequence", "received", "verified", "id",
        "status", "kind",
        "message_type", "severity", "urgency", "certainty", "handling", "sent", "expires", "provinces",
        "by_author", "crossing",
        "headline_km", "headline_en", "state", "replaced_by", "disputed_by",
    ]

    public var opening: [UInt8] {
        Array(((forExcel ? "\u{FEFF}" : "") + CSVFormat.columns.joined(separator: ",") + "\r\n").utf8)
    }

    public func bytes(of read: ReadAlert) -> [UInt8] {
        let alert = read.streamed
        var texts: [String] = []
        if let content = read.alert {
            texts = [
                content.id.description, content.status.rawValue, content.kind.rawValue,
                content.messageType.rawValue, content.severity.rawValue, content.urgency.rawValue,
                content.certainty.rawValue, content.handling.rawValue, content.sent.rfc3339(),
                content.expires.rfc3339(), content.provinces.joined(separator: " "),
                read.authorship.word, content.crossing ?? "",
                content.headline?.km ?? content.note?.km ?? "",
                content.headline?.en ?? content.note?.en ?? "",
            ]
        } else if let action = read.action, let facts = read.facts {
            texts = [
                AlertID(bytes: facts.id)?.description ?? "", facts.knownStatus?.rawValue ?? "",
                facts.knownKind?.rawValue ?? "", action.rawValue, "", "", "", "",
                read.notice?.sent.rfc3339() ?? "", facts.expires.rfc3339(), "", "", "",
                read.notice?.reason.km ?? "", read.notice?.reason.en ?? "",
            ]
        } else {
            texts = Array(repeating: "", count: CSVFormat.columnsInside)
        }
        let fields =
            [
                "\(alert.offset)", CSVFormat.cell(alert.topic.name), "\(alert.topicSequence)",
                CSVFormat.cell(read.post), CSVFormat.cell(HexNumber(read.epoch).description),
                "\(read.sequence)", CSVFormat.cell(alert.received.rfc3339()),
                read.check == .valid ? "true" : "false",
            ] + texts.map(CSVFormat.cell)
            + [
                read.standing?.state.rawValue ?? "", read.standing?.replacedBy?.description ?? "",
                read.standing?.disputedBy.joined(separator: " ") ?? "",
            ].map(CSVFormat.cell)
        return Array((fields.joined(separator: ",") + "\r\n").utf8)
    }

    /// Columns that say something of the alert's content: all but 8 before them and 3 behind.
    private static let columnsInside = columns.count - 11

    /// A text in quotation marks. One that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
    /// Injection"), also where white space or something unseen stands before it, or where it is written in wide letters.
    ///
    /// Byte by byte, as other programs read it: to Swift a quotation mark with an accent over it is none.
    static func cell(_ text: String) -> String {
        let quote = UInt8(ascii: "\"")
        let inner = text.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
        return "\"" + (isFormula(text) ? "'" : "") + String(decoding: inner, as: UTF8.self) + "\""
    }

    private static func isFormula(_ text: String) -> Bool {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            // = + - @ as they are, as small ones, as wide ones; the minus sign; tabulator and carriage return.
            case 0x3D, 0x2B, 0x2D, 0x40, 0xFE66, 0xFE62, 0xFE63, 0xFE6B, 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20,
                0x2212,
                0x09, 0x0D:
                return true
            default:
                let properties = scalar.properties
                guard properties.isWhitespace || properties.isDefaultIgnorableCodePoint else { return false }
            }
        }
        return false
    }
}
