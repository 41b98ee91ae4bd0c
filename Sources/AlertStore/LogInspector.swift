/// What a log says of itself, all of one moment: for whoever verifies it.
public struct LogOutline: Sendable, Equatable {
    public var log: UInt64
    /// The last offset; 0 for an empty log.
    public var head: UInt64
    /// Names by number.
    public var topics: [UInt32: String]
    /// Of every post and every epoch.
    public var positions: [Position]
    /// All refusals that there ever were, and those that are still kept.
    public var refused: UInt64
    public var refusalsKept: UInt64

    public init(
        log: UInt64, head: UInt64, topics: [UInt32: String], positions: [Position], refused: UInt64,
        refusalsKept: UInt64
    ) {
        self.log = log
        self.head = head
        self.topics = topics
        self.positions = positions
        self.refused = refused
        self.refusalsKept = refusalsKept
    }
}

/// Rows of the log as they are, up to the first one that can't be read.
public struct LogRows: Sendable, Equatable {
    public var records: [Record]
    /// The row after the last record, and what is wrong with it; nil when all could be read.
    public var broken: Broken?

    public struct Broken: Sendable, Equatable {
        public var offset: UInt64
        public var problem: String

        public init(offset: UInt64, problem: String) {
            self.offset = offset
            self.problem = problem
        }
    }

    public init(records: [Record], broken: Broken? = nil) {
        self.records = records
        self.broken = broken
    }
}

/// Reads that trust nothing, for verification. Each is short, so that a hub that writes meanwhile is not held back.
public protocol LogInspector: AnyObject {
    func outline() throws(StoreError) -> LogOutline
    /// The rows with `after < offset <= through`, at most `limit` of them, whatever holes there are between them.
    func rows(after: UInt64, through: UInt64, limit: Int) throws(StoreError) -> LogRows
    /// As of ``AlertReader``.
    func outcomes(post: String, epoch: UInt64, sequences: ClosedRange<UInt64>) throws(StoreError) -> [Outcome]
    /// - head: the log's last offset when its outline was read.
    func consistency(from: UInt64, through: UInt64, head: UInt64) throws(StoreError) -> any ConsistencyCheck
    func close() throws(StoreError)
}

/// A store's check of what it keeps beside the records of a range: its own structure, and whatever finds records in it. Each
/// result is a list of sentences, empty where all is sound.
public protocol ConsistencyCheck: AnyObject {
    /// What is done in ``structure(limit:)``, for people who wait for it.
    var title: String { get }
    /// One long check that says nothing meanwhile, of seconds per GiB.
    func structure(limit: Int) throws(StoreError) -> [String]
    /// Whether this record is found by whatever should find it; to be asked of each, in the order of offsets.
    func problems(of record: Record) throws(StoreError) -> [String]
    /// What only shows once all records of the range were asked for.
    func problems() throws(StoreError) -> [String]
}
