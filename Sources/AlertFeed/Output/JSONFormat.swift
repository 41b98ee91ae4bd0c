internal import Alerts
internal import FoundationEssentials
internal import Identity
internal import LogProof
internal import Notation
internal import Printable
internal import Wire

/// One JSON object a line, with the alert's very bytes as published, and what else its signature covers.
public struct JSONFormat: AlertFormat {
    private let forTerminal: Bool

    /// - forTerminal: characters that would steer it, or that nobody sees, are written by their numbers: the same text to a
    ///   program, but not the same bytes.
    public init(forTerminal: Bool = false) {
        self.forTerminal = forTerminal
    }

    public var opening: [UInt8] { [] }

    public func bytes(of read: ReadAlert) -> [UInt8] {
        let alert = read.streamed
        let epoch = HexNumber(read.epoch).description
        // Written by hand around the published bytes, which must not be encoded anew. The names are plain ASCII.
        var line = Array(
            """
            {"offset":\(alert.offset),"topic":"\(alert.topic.name)","topic_sequence":\(alert.topicSequence),\
            "post":"\(read.post)","epoch":"\(epoch)","sequence":\(read.sequence),\
            "received":"\(alert.received.rfc3339())","header":"\(alert.signed.header.hex)",\
            "seal":"\(alert.signed.signature.hex)","verified":\(read.check == .valid),\(byAuthor(read))\(standing(read))\(notice(read))\(seen(read))"alert":
            """.utf8)
        line.append(contentsOf: content(read))
        line.append(contentsOf: Array("}\n".utf8))
        return forTerminal ? JSONFormat.escaped(line) : line
    }

    /// The operator's word; null where somebody else has signed it.
    private func notice(_ read: ReadAlert) -> String {
        guard let action = read.action else { return "" }
        let targets = read.references.map { "\"\($0)\"" }.joined(separator: ",")
        return read.check == .valid
            ? "\"notice\":\"\(action.rawValue)\",\"refers_to\":[\(targets)]," : "\"notice\":null,"
    }

    private func seen(_ read: ReadAlert) -> String { read.seen.map { "\"seen\":\($0)," } ?? "" }

    private func standing(_ read: ReadAlert) -> String {
        guard let standing = read.standing else { return "" }
        let replacement = standing.replacedBy.map { "\"replaced_by\":\"\($0)\"," } ?? ""
        let names = standing.disputedBy.map { "\"\($0)\"" }.joined(separator: ",")
        return "\"state\":\"\(standing.state.rawValue)\",\(replacement)"
            + (names.isEmpty ? "" : "\"disputed_by\":[\(names)],")
    }

    private func byAuthor(_ read: ReadAlert) -> String {
        switch read.authorship {
        case .original: ""
        case .author: "\"by_author\":true,"
        case .other: "\"by_author\":false,"
        case .unseen: "\"by_author\":null,"
        }
    }

    /// Outside of its strings JSON has only ASCII, and within them no control character of ASCII but the last one.
    private static func escaped(_ line: [UInt8]) -> [UInt8] {
        guard !line.allSatisfy({ $0 < 0x7F }) else { return line }
        var text = ""
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            guard scalar.value >= 0x7F, !isVisible(scalar) else {
                text.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return Array(text.utf8)
    }

    /// A payload that is no JSON would be taken for fields of ours: `1,"verified":true`. It is given in hexadecimal, and so
    /// is one of several lines: on one it would not be what was signed.
    private func content(_ read: ReadAlert) -> [UInt8] {
        let payload = read.streamed.signed.payload
        if read.isErased { return Array("null,\"erased\":true".utf8) }
        let isLine = !payload.contains { $0 == 0x0A || $0 == 0x0D }
        guard isLine, read.alert != nil || Alert.isJSON(payload) else {
            return Array("null,\"unreadable\":\"\(payload.hex)\"".utf8)
        }
        return payload
    }
}
