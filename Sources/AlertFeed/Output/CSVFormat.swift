internal import Alerts
internal import Identity
internal import Wire

/// Comma-separated values (RFC 4180) with a first line of names.
public struct CSVFormat: AlertFormat {
    public init() {}

    static let columns = [
        "offset", "topic", "topic_sequence", "post", "epoch", "sequence", "received", "verified", "id",
        "status", "kind",
        "message_type", "severity", "urgency", "certainty", "handling", "sent", "expires", "provinces",
        "crossing",
        "headline_km", "headline_en",
    ]

    public var opening: [UInt8] { Array((CSVFormat.columns.joined(separator: ",") + "\r\n").utf8) }

    public func bytes(of read: ReadAlert) -> [UInt8] {
        let alert = read.streamed
        var fields = [
            "\(alert.offset)", alert.topic.name, "\(alert.topicSequence)", read.post,
            HexNumber(read.epoch).description, "\(read.sequence)", alert.received.rfc3339(),
            read.check == .valid ? "true" : "false",
        ]
        if let content = read.alert {
            fields += [
                content.id.description, content.status.rawValue, content.kind.rawValue,
                content.messageType.rawValue, content.severity.rawValue, content.urgency.rawValue,
                content.certainty.rawValue, content.handling.rawValue, content.sent.rfc3339(),
                content.expires.rfc3339(), content.provinces.joined(separator: " "), content.crossing ?? "",
                content.headline.km ?? "", content.headline.en ?? "",
            ]
        } else {
            fields += Array(repeating: "", count: CSVFormat.columns.count - fields.count)
        }
        return Array((fields.map(CSVFormat.cell).joined(separator: ",") + "\r\n").utf8)
    }

    /// A field that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection").
    ///
    /// Byte by byte, as other programs read it: to Swift a comma with an accent over it is no comma.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { text = "'" + text }
        let needsQuotes =
            text.contains(where: \.isNewline) || text.utf8.contains { ",\"\r\n".utf8.contains($0) }
        guard needsQuotes else { return text }
        let quote = UInt8(ascii: "\"")
        let inner = text.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
        return "\"" + String(decoding: inner, as: UTF8.self) + "\""
    }
}
