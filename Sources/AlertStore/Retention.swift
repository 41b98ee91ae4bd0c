public import Alerts

/// How long an alert is kept depends on what it is of.
public enum RetentionClass: Int64, Sendable, Hashable, CaseIterable {
    case movement = 0
    case suspect = 1
    /// Exercises and tests, of either kind.
    case practice = 2
}

/// An alert, and when it stops being of use.
public struct RetentionEntry: Sendable, Equatable {
    public var offset: UInt64
    public var retention: RetentionClass
    public var expires: Timestamp

    public init(offset: UInt64, retention: RetentionClass, expires: Timestamp) {
        self.offset = offset
        self.retention = retention
        self.expires = expires
    }
}

/// Erases content whose time is over, beside the writer and never in its way for more than some milliseconds: then `.locked` is
/// thrown, and the same is tried again. Used from one thread.
public protocol AlertEraser: AnyObject {
    // MARK: When what is due

    /// All alerts up to this offset have been looked at, and it is noted when they end.
    func judged() throws(StoreError) -> UInt64
    /// The next alerts after an offset, at most `limit`; an erased one among them is left out of `records`.
    func unjudged(after offset: UInt64, limit: Int) throws(StoreError) -> (records: [Record], through: UInt64)
    /// Notes when alerts end; all of them up to `through` have been looked at.
    func note(_ judgements: [RetentionEntry], through: UInt64) throws(StoreError)
    /// Alerts of a class that expired before a moment and are not erased: the ones that did so first, at most `limit`.
    func due(_ retention: RetentionClass, expiredBefore moment: Timestamp, limit: Int)
        throws(StoreError) -> [RetentionEntry]
    /// How many those are, and how many bytes their content has.
    func extent(_ retention: RetentionClass, expiredBefore moment: Timestamp)
        throws(StoreError) -> (alerts: UInt64, bytes: UInt64)
    func record(at offset: UInt64) throws(StoreError) -> Record?
    /// As of ``AlertReader``.
    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member]
    /// Offsets of the alerts of this id.
    func offsets(of alert: [UInt8]) throws(StoreError) -> [UInt64]

    // MARK: Erasing

    /// Erases the payloads of some alerts with what finds them by their identifiers, all of them or none. Header, seal, hash, numbers and ids stay. It may not last through
    /// a power cut before ``forget()``; then they are due again.
    /// - digests: of each payload, which chains and seals are made over (PROTOCOL.md, "Signature").
    func erase(_ alerts: [(entry: RetentionEntry, digest: [UInt8])]) throws(StoreError)
    /// Takes what was erased out of wherever else the store still has it.
    /// - Returns: false where a reader still needs that: to be tried again.
    func forget() throws(StoreError) -> Bool
    func close() throws(StoreError)
}
