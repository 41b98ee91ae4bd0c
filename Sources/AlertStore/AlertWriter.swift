public import Alerts

/// All that one tick of the hub makes durable: committed whole or not at all.
public struct Batch: Sendable {
    /// In offset order, continuing the log without a hole.
    public var records: [Record] = []
    /// Of the records: what they say of plates, vessels and documents.
    public var identifiers: [IdentifierEntry] = []
    public var refusals: [Refusal] = []
    /// Topics that get their first delivery in this batch; `sequence` is ignored here.
    public var newTopics: [TopicHead] = []
    /// The new position of every post that this batch consumed something of (and of posts that began an epoch), in the
    /// order in which they became so: of several epochs of one post, the last is its current one.
    public var positions: [Position] = []
    /// Each takes the place of the one before of the same identity and topic.
    public var receipts: [Receipt] = []
    /// The last of an identity and offset counts.
    public var duty: [DutyChange] = []
    /// Added to what is there of the same offsets: what came first stays.
    public var progress: [AlertProgress] = []
    /// Each with a number above all before.
    public var escalations: [EscalationRow] = []
    public var outages: [Outage] = []
    /// Identities whose receipts and duty are removed, before what else the batch says of them is written.
    public var forgotten: [String] = []

    public init() {}

    public var isEmpty: Bool { rows == 0 && newTopics.isEmpty && positions.isEmpty }
    /// What makes a commit take long.
    public var rows: Int {
        records.count + refusals.count + receipts.count + duty.count + progress.count
            + escalations.count + outages.count + forgotten.count
    }
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

/// The one writer of a log. Used from one thread at a time.
public protocol AlertWriter: AnyObject {
    func load() throws(StoreError) -> LogState
    /// Returns only when the batch is on disk (for SQLite: WAL with synchronous=FULL), or throws and has changed nothing.
    ///
    /// After `.full` the same batch can be committed again once there is room. `.outOfOrder` is a batch that does not
    /// continue the log: in offset, time, a topic's sequence or a post's sequence. After `.leaseLost` another writes: this
    /// writer never does again. After any other cause the disk can't be trusted: stop, and let a new start read what is
    /// really there.
    func commit(_ batch: Batch) throws(StoreError)
    /// Does of what commits have left for later as much as the budget allows, or waits for as much of it as is being done; a
    /// store that leaves nothing returns at once. Nothing depends on it but how long later commits take. A full disk and
    /// another's lock are no errors here; after any other this writer is to be given up.
    func maintain(_ budget: Duration) throws(StoreError)
    func close() throws(StoreError)
}
