/// What has become of an alert that was queued here, for programs that show it.
public struct DraftNews: Sendable, Equatable, Codable {
    /// How far it has come. Each after the one before it, but that a rejected alert goes no further.
    public enum State: String, Sendable, Codable, CaseIterable {
        case queued, stored, rejected, seen, acknowledged
    }

    /// The alert's id.
    public var id: String
    public var sequence: UInt64
    public var state: State
    /// In the national log, once it is stored.
    public var offset: UInt64?
    /// Why it was rejected: a short word for programs (PROTOCOL.md, "Codes"), and a sentence in English.
    public var code: String?
    public var reason: String?
    /// Of the identities that were on duty for it, how many have seen it; nil: not known.
    public var seen: Int?
    public var duty: Int?

    public init(id: String, sequence: UInt64, state: State, offset: UInt64? = nil, reason: String? = nil) {
        (self.id, self.sequence, self.state, self.offset, self.reason) = (id, sequence, state, offset, reason)
    }
}
