public import Alerts
public import Wire

/// Tells an alert whose time was over from one whose content was erased too early. A value: records in offset order in,
/// findings out at the end, since what explains an early erasure comes after it in the log.
///
/// An erasure before an alert's own end is explained by a notice of the hub in the log itself, which everybody sees who may read
/// the alert; or by its author's own Cancel that says that whoever it sought is safe, and names it. Such a Cancel also explains
/// what answers an alert that it names. Somebody else's explains nothing.
public struct ErasureCheck: Sendable {
    private struct Erased: Sendable {
        var offset: UInt64
        var expires: Timestamp
        var post: String
        var references: [[UInt8]]
    }

    private let hubs: Set<String>
    /// By id.
    private var erased: [[UInt8]: Erased] = [:]
    private var explained: Set<[UInt8]> = []
    /// What Cancels of the kind name, by id: each with its author, and the offset of the last one.
    private var safe: [[UInt8]: [String: UInt64]] = [:]

    /// - hubs: the names of those that share the log, under which they sign notices.
    public init(hubs: [String]) {
        self.hubs = Set(hubs)
    }

    /// - isSealed: whether the record's seal verifies; a notice without one explains nothing. isForged: whether it does not, with
    ///   the key at hand; then a Cancel explains nothing.
    public mutating func take(
        offset: UInt64, _ header: PostHeader, isErased: Bool, isSealed: Bool, isForged: Bool
    ) {
        let facts = header.facts
        if hubs.contains(header.post), facts.messageType == NoticeCode.erasure, isSealed {
            explained.formUnion(facts.references)
        }
        if facts.isSafe, !isForged {
            for target in facts.references { safe[target, default: [:]][header.post] = offset }
        }
        if isErased {
            erased[facts.id] = Erased(
                offset: offset, expires: facts.expires, post: header.post, references: facts.references)
        }
    }

    /// - now: when the log was as it is, by a clock that is trusted.
    /// - Returns: offsets whose content was erased before its end, without anything that says so; ascending.
    public func findings(at now: Timestamp) -> [UInt64] {
        erased.filter { id, record in
            record.expires > now && !explained.contains(id) && !isSafe(id, record)
        }.map(\.value.offset).sorted()
    }

    private func isSafe(_ id: [UInt8], _ record: Erased) -> Bool {
        if let cancelled = safe[id]?[record.post], cancelled > record.offset { return true }
        return record.references.contains { answered in
            (safe[answered] ?? [:]).contains { author, cancelled in
                cancelled > record.offset && erased[answered]?.post ?? author == author
            }
        }
    }
}
