public import Alerts
public import Wire

/// Tells an alert whose time was over from one whose content was erased too early. A value: records in offset order in,
/// findings out at the end, since the notice that explains an early erasure comes after it in the log.
///
/// An erasure before an alert's own end is explained only by a notice of the hub in the log itself, which everybody sees who
/// may read the alert.
public struct ErasureCheck: Sendable {
    private let hub: String
    /// Erased, by id: the offset, and when the alert ends.
    private var erased: [[UInt8]: (offset: UInt64, expires: Timestamp)] = [:]
    private var explained: Set<[UInt8]> = []

    /// - hub: the hub's own name, under which it signs notices.
    public init(hub: String) {
        self.hub = hub
    }

    /// - isSealed: whether the record's seal verifies; a notice without one explains nothing.
    public mutating func take(offset: UInt64, _ header: PostHeader, isErased: Bool, isSealed: Bool) {
        if header.post == hub, header.facts.messageType == NoticeCode.erasure, isSealed {
            explained.formUnion(header.facts.references)
        }
        if isErased { erased[header.facts.id] = (offset, header.facts.expires) }
    }

    /// - now: when the log was as it is, by a clock that is trusted.
    /// - Returns: offsets whose content was erased before its end, without a notice that says so; ascending.
    public func findings(at now: Timestamp) -> [UInt64] {
        erased.filter { $0.value.expires > now && !explained.contains($0.key) }.map(\.value.offset).sorted()
    }
}
