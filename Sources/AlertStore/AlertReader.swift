public import Alerts

/// What became of one sequence of a post.
public enum Outcome: Sendable, Equatable {
    /// - alert: its id.
    case stored(sequence: UInt64, offset: UInt64, alert: [UInt8])
    case refused(sequence: UInt64, code: String, reason: String)
}

/// A page of the log: every record with `after < offset <= through` that is on one of the topics asked for.
public struct Page: Sendable, Equatable {
    public var records: [Record]
    /// The page speaks for everything up to this offset, also where no record matched.
    public var through: UInt64

    public init(records: [Record], through: UInt64) {
        self.records = records
        self.through = through
    }
}

/// Readers of a log: any number, each used from one thread, never blocking the writer. Sees only committed records.
public protocol AlertReader: AnyObject {
    /// Last committed offset; 0 while the log is empty.
    func head() throws(StoreError) -> UInt64
    /// The next page after an offset. With nothing after it, `through` is `after` itself.
    /// - topics: numbers of the topics wanted; a record on none of them is left out.
    /// - limit: most records in the page, at least 1. bytes: the page ends once header, payload and signature bytes
    ///   reach this, but has at least one record if there is one. `through` is the last offset looked at: a page
    ///   looks at ``StoreLimits/recordsScanned`` records at most, so it can be short, even empty, before the head.
    func page(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) throws(StoreError) -> Page
    /// The same page, given to a sink record by record.
    /// - Returns: what would be the page's `through`.
    func page(
        after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int, into sink: inout some PageSink
    ) throws(StoreError) -> UInt64
    /// Bytes of each post's alerts after the offset: headers, payloads as far as they are not erased, and seals. Reads all of
    /// them; whoever asks bounds how many they are.
    func bytes(after offset: UInt64) throws(StoreError) -> [String: Int64]
    /// The last sequence of each of the topics in records with offset <= `through`; 0 for a topic with none.
    func heads(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: UInt64]
    /// The same with each topic's chain there; a topic with none is left out.
    func marks(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: TopicMark]
    /// The last offset received before the moment; 0 if there is none. Replaying after it gives all since.
    func offset(before moment: Timestamp) throws(StoreError) -> UInt64
    func record(at offset: UInt64) throws(StoreError) -> Record?
    /// The alert of this id, and those that refer to it, directly or through another.
    func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread
    /// The first alerts that refer to this id themselves, at most `limit` of them.
    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member]
    /// The alerts whose content has one of these identifiers: the newest, at most `limit` of them.
    func alerts(with identifiers: [Identifier], limit: Int) throws(StoreError) -> IdentifierMatches
    /// The alert of this id, as far as ids are indexed: the ``StoreLimits/unindexedIDs`` last ones may not be found. Of
    /// several (only a log of an older hub has them) the first.
    func known(_ alert: [UInt8]) throws(StoreError) -> KnownAlert?
    /// For who goes on from here: keep these ids and those of every later commit, at least
    /// ``StoreLimits/unindexedIDs`` of them, and ``known(_:)`` finds the others.
    func unindexedIDs() throws(StoreError) -> UnindexedIDs
    /// What became of a post's sequences in a range, ascending. A sequence that was neither stored nor refused, or whose
    /// refusal is no longer among the ``StoreLimits/refusalsKept`` newest, is left out.
    func outcomes(post: String, epoch: UInt64, sequences: ClosedRange<UInt64>) throws(StoreError) -> [Outcome]
    /// The newest refusals first.
    func refusals(limit: Int) throws(StoreError) -> [Refusal]
    func counts() throws(StoreError) -> Counts
    /// All of them, in no order; and those of who is on duty, by offset and name.
    func receipts() throws(StoreError) -> [Receipt]
    func duty() throws(StoreError) -> [DutyChange]
    /// What came of the alerts after an offset, by offset; those of which nothing came are left out.
    func progress(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertProgress]
    /// The alerts after an offset without their content, by offset.
    func outlines(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertOutline]
    /// The newest ones, by number.
    func escalations(limit: Int) throws(StoreError) -> [EscalationRow]
    /// Those that ended after the moment, in the order of their ends.
    func outages(after moment: Timestamp) throws(StoreError) -> [Outage]
    func close() throws(StoreError)
}

public struct Counts: Sendable, Equatable {
    /// Since the log was made.
    public var stored: UInt64
    /// Since the log was made, also those no longer kept.
    public var refused: UInt64

    public init(stored: UInt64, refused: UInt64) {
        self.stored = stored
        self.refused = refused
    }
}

/// What every store keeps to.
public enum StoreLimits {
    /// Refusals kept; older ones are dropped, and only counted.
    public static let refusalsKept: UInt64 = 10_000
    /// Records that one page looks at, so that a page with few matches is still a short read.
    public static let recordsScanned = 65_536
    /// Alerts whose ids wait to be indexed, at most: what the late indexes gather, and one batch beyond it.
    public static let unindexedIDs = 8_192
    /// Events of the record of who reads that are forgotten in one transaction.
    public static let forgottenAtOnce = 5_000
    /// Alerts that are looked at for one thread.
    public static let threadMembers = 65_536
}
