/// Why the hub does not take a request, an alert or a message: a short word for programs (PROTOCOL.md, "Codes").
public enum ReasonCode: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    // Of requests, and some of them of alerts too.
    case malformed, version, unsupported, size, grant, epoch, outboxBehind, inUse, epochs, busy, ahead,
        reference
    case schema, unavailable, signature, conflict, elsewhere
    // Of alerts alone.
    case sender, clock, topic, header, id, forgotten
    // Of messages that are dropped without an answer.
    case identity, quota, session, rate, revoked, stranger
    /// That this program doesn't know: the other side is newer.
    case other(String)

    private static let named: [ReasonCode] = [
        .malformed, .version, .unsupported, .size, .grant, .epoch, .outboxBehind, .inUse, .epochs, .busy,
        .ahead,
        .reference, .schema, .unavailable, .signature, .conflict, .elsewhere, .sender, .clock, .topic,
        .header, .id,
        .forgotten, .identity, .quota, .session, .rate, .revoked, .stranger,
    ]
    private static let byWord = Dictionary(uniqueKeysWithValues: named.map { ($0.rawValue, $0) })

    public init(rawValue: String) { self = ReasonCode.byWord[rawValue] ?? .other(rawValue) }

    public var rawValue: String {
        switch self {
        case .malformed: "malformed"
        case .version: "version"
        case .unsupported: "unknown"
        case .size: "size"
        case .grant: "grant"
        case .epoch: "epoch"
        case .outboxBehind: "outbox-behind"
        case .inUse: "in-use"
        case .epochs: "epochs"
        case .busy: "busy"
        case .ahead: "ahead"
        case .reference: "reference"
        case .schema: "schema"
        case .unavailable: "unavailable"
        case .signature: "signature"
        case .conflict: "conflict"
        case .elsewhere: "elsewhere"
        case .sender: "sender"
        case .clock: "clock"
        case .topic: "topic"
        case .header: "header"
        case .id: "id"
        case .forgotten: "forgotten"
        case .identity: "identity"
        case .quota: "quota"
        case .session: "session"
        case .rate: "rate"
        case .revoked: "revoked"
        case .stranger: "stranger"
        case .other(let word): word
        }
    }

    public var description: String { rawValue }
}
