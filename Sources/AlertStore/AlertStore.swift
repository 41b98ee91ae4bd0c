public import Alerts

/// All that one tick of the hub makes durable: committed whole or not at all.
public struct Batch: Sendable {
    /// In offset order, continuing the log without a hole.
    public var records: [Record] = []
    public var refusals: [Refusal] = []
    /// Topics that get their first delivery in this batch; `sequence` is ignored here.
    public var newTopics: [TopicHead] = []
    /// The new position of every post that this batch consumed something of (and of posts that began an epoch), in the
    /// order in which they became so: of several epochs of one post, the last is its current one.
    public var positions: [Position] = []

    public init() {}

    public var isEmpty: Bool { records.isEmpty && refusals.isEmpty && newTopics.isEmpty && positions.isEmpty }
}

/// What the hub needs to know of its log to go on with it.
public struct LogState: Sendable, Equatable {
    /// Random, made with the log: another log never has it. From 1 to 2^63 - 1.
    public var log: UInt64
    /// The last offset; 0 while the log is empty.
    public var offset: UInt64
    /// The last record's hash; 32 zero bytes while the log is empty.
    public var hash: [UInt8]
    /// When the last record was received; 0 while the log is empty.
    public var received: Timestamp
    /// By number.
    public var topics: [TopicHead]
    /// The current (latest) position of each post.
    public var positions: [Position]
    /// The positions that posts had in epochs that a later one has superseded: those must not come back.
    public var former: [Position]

    public init(
        log: UInt64, offset: UInt64, hash: [UInt8], received: Timestamp, topics: [TopicHead],
        positions: [Position], former: [Position]
    ) {
        self.log = log
        self.offset = offset
        self.hash = hash
        self.received = received
        self.topics = topics
        self.positions = positions
        self.former = former
    }
}

/// The writer: the one writer of a log. Used from one thread.
public protocol AlertStore: AnyObject {
    func load() throws(StoreError) -> LogState
    /// Returns only when the batch is on disk (for SQLite: WAL with synchronous=FULL), or throws and has changed nothing.
    ///
    /// After `.full` the same batch can be committed again once there is room. `.outOfOrder` is a batch that does not
    /// continue the log: in offset, time, a topic's sequence or a post's sequence. After any other cause the disk can't be
    /// trusted: stop, and let a new start read what is really there.
    func commit(_ batch: Batch) throws(StoreError)
    /// Does a little of what commits have left for later, if enough of it waits: about two milliseconds. For when nobody
    /// waits for a commit; nothing depends on it but how long the commit is that must do it all at once. A full disk and
    /// another's lock are no errors here; after any other the disk can't be trusted.
    func tidy() throws(StoreError)
    /// Whether commits have left enough work behind that ``StoreUpkeep`` should do it now.
    var needsUpkeep: Bool { get }
    func close() throws(StoreError)
}

/// What a store leaves for later, so that each commit is short. Used from one thread, which may be another than the writer's,
/// while the writer commits.
public protocol StoreUpkeep: AnyObject {
    /// Nothing depends on its success but time and room: it is tried again when the store next needs it.
    func run() throws(StoreError)
}

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
    /// The last sequence of each of the topics in records with offset <= `through`; 0 for a topic with none.
    func heads(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: UInt64]
    /// The same with each topic's chain there; a topic with none is left out.
    func marks(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: Mark]
    /// The last offset received before the moment; 0 if there is none. Replaying after it gives all since.
    func offset(before moment: Timestamp) throws(StoreError) -> UInt64
    func record(at offset: UInt64) throws(StoreError) -> Record?
    /// The alert of this id, and those that refer to it, directly or through another.
    func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread
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
    func close() throws(StoreError)
}

/// Where a topic stands: its last sequence, and its chain after that, 32 bytes.
public struct Mark: Sendable, Equatable {
    public var sequence: UInt64
    public var chain: [UInt8]

    public init(sequence: UInt64, chain: [UInt8]) {
        self.sequence = sequence
        self.chain = chain
    }
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
    /// Alerts that are looked at for one thread.
    public static let threadMembers = 65_536
}
