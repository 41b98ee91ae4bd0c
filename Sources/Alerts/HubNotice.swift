internal import FoundationEssentials
internal import JSON

/// The word of the hub's operator on alerts of others, as a notice's payload has it (PROTOCOL.md, "Notices of the hub").
///
/// Whose word it is says its seal alone: one by anybody but the hub is without effect.
public struct HubNotice: Sendable, Equatable {
    public enum Action: String, Sendable, Hashable, CaseIterable {
        /// The alerts no longer stand.
        case withdrawal = "Withdrawal"
        /// Their content was erased before its time.
        case erasure = "Erasure"
    }

    public let id: AlertID
    /// The hub's own name.
    public let sender: String
    public let sent: Timestamp
    public let action: Action
    /// At most ``Alert/Limits/references``.
    public let references: [AlertID]
    /// Why, in the operator's words.
    public let reason: Text

    public init(
        id: AlertID, sender: String, sent: Timestamp, action: Action, references: [AlertID], reason: Text
    ) {
        self.id = id
        self.sender = sender
        self.sent = sent
        self.action = action
        self.references = references
        self.reason = reason
    }

    /// A reason as the operator typed it; Khmer when a Khmer letter is in it.
    /// - Throws: what is wrong with it, by the rules of any text of an alert. At most ``Alert/Limits/reason`` characters.
    public static func reason(
        _ text: String, provinces: ProvinceDirectory
    ) throws(InvalidAlert) -> Text {
        struct Typed: Encodable { var reason: String }
        let findings = Findings(screens: true, places: provinces)
        guard let bytes = try? JSONEncoder().encode(Typed(reason: text)),
            let document = try? JSONDocument(Array(bytes))
        else { throw .whole("not a text") }
        var section = Section(document.root, "", findings)
        let read = section.text("reason", atMost: Alert.Limits.reason, required: true, draft: true)
        guard let read, findings.problems.isEmpty else {
            throw InvalidAlert(findings.problems, count: findings.count)
        }
        return read
    }

    /// One line of JSON: keys sorted, slashes as they are.
    public func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let written = Written(
            id: id.description, sender: sender, sent: sent.rfc3339(), msgType: action.rawValue,
            references: references.map(\.description),
            reason: Written.Words(km: reason.km, en: reason.en))
        // Texts alone, which always encode.
        return Array((try? encoder.encode(written)) ?? Data())
    }

    /// nil for what is no notice. Members that this program doesn't know are ignored.
    public init?(decoding payload: [UInt8]) {
        guard payload.count <= Alert.Limits.payload, let root = try? JSONDocument(payload).root,
            let id = root["id"]?.string.flatMap({ AlertID($0) }), let sender = root["sender"]?.string,
            let sent = root["sent"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let action = root["msgType"]?.string.flatMap(Action.init),
            let targets = root["references"]?.elements,
            (1...Alert.Limits.references).contains(targets.count)
        else { return nil }
        let references = targets.compactMap { $0.string.flatMap { AlertID($0) } }
        let reason = Text(km: root["reason"]?["km"]?.string, en: root["reason"]?["en"]?.string)
        guard references.count == targets.count, reason.km != nil || reason.en != nil else { return nil }
        self.init(
            id: id, sender: sender, sent: sent, action: action, references: references, reason: reason)
    }
}

private struct Written: Encodable {
    struct Words: Encodable {
        var km: String?
        var en: String?
    }

    var id: String
    var sender: String
    var sent: String
    var msgType: String
    var references: [String]
    var reason: Words
}
