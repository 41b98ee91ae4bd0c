/// A log that several hubs share: the one that holds the lease writes, the others follow what it writes.
public protocol SharedLog: LogBackend {
    /// Opens a hub's session with the store. Throws `.locked` where another hub of this name is alive.
    /// - hub: its name, from 1 to 64 bytes.
    func lease(of hub: String) throws(StoreError) -> any LogLease
    /// Opens the writer of a term that this hub has taken: it is used from another thread than the session. Throws `.leaseLost`
    /// where another hub has taken the lease since.
    func writer(of term: UInt64) throws(StoreError) -> any AlertWriter
    /// Opens what reads on from an offset as others write.
    func follower() throws(StoreError) -> any LogFollower
    /// Opens the versions of the registry, which hubs that share a log share too.
    func registry() throws(StoreError) -> any RegistryLog
    /// Opens what says for which escalations somebody was woken already.
    func pages() throws(StoreError) -> any PageLog
}

/// For which escalations the operator's program has run, on whatever machine. Used from one thread at a time.
public protocol PageLog: AnyObject {
    /// - Returns: false while another has it. Until ``close()`` nobody else does.
    func lock() throws(StoreError) -> Bool
    /// The numbers from this one on for which it has run.
    func paged(from number: UInt64) throws(StoreError) -> Set<UInt64>
    func add(_ number: UInt64) throws(StoreError)
    func close()
}

/// Who may write a shared log, as the store said at one moment.
public struct LeaseView: Sendable, Equatable {
    /// The number of the holder's turn: it grows by one with each take, also by the same hub.
    public var term: UInt64
    /// Empty where the last holder has resigned.
    public var holder: String
    /// The last committed offset.
    public var head: UInt64
    /// The last record's hash; 32 zero bytes while the log is empty.
    public var hash: [UInt8]
    /// Counts up while the holder lives; says nothing where there is none.
    public var holderSeen: UInt64
    /// Whether the holder's session with the store is over, which is known sooner than that it counts no more.
    public var isFree: Bool
    /// The number of the newest version of the registry; 0: there is none.
    public var registry: UInt64

    public init(
        term: UInt64, holder: String, head: UInt64, hash: [UInt8], holderSeen: UInt64, isFree: Bool,
        registry: UInt64 = 0
    ) {
        self.registry = registry
        self.term = term
        self.holder = holder
        self.head = head
        self.hash = hash
        self.holderSeen = holderSeen
        self.isFree = isFree
    }
}

/// A hub's session with a shared log: what it says of itself and learns of the lease. Used from one thread at a time.
public protocol LogLease: AnyObject {
    /// Counts this hub as alive, durably, and tells who holds the lease. The head is read after the call: what was committed
    /// before it is in the view. Each view is of a server that has all that the one before had; `.behind` is thrown where the
    /// only server that answers has not. Returns or throws within a few seconds whatever the server does.
    /// - registry: the version of the registry that this hub has in force, for those who ask; 0: none.
    func observe(registry: UInt64) throws(StoreError) -> LeaseView
    /// The newest version of the registry; nil: there is none.
    func registry() throws(StoreError) -> RegistryVersion?
    /// Takes the lease over from the term that was seen, so that the next one is this hub's.
    /// - Returns: false where another hub was first.
    func take(after term: UInt64) throws(StoreError) -> Bool
    /// Leaves what readers have shown their users for the hub that writes. Durable when it returns.
    func handOver(_ receipts: [Receipt]) throws(StoreError)
    /// What was left after a number, the oldest first.
    func handedOver(after number: UInt64, limit: Int) throws(StoreError) -> [HandedReceipt]
    /// What was left up to a number is in the log, and goes.
    func removeHandedOver(through number: UInt64) throws(StoreError)
    /// Gives the lease back where this hub holds it, so that another takes it at once.
    func resign() throws(StoreError)
    func close()
}

extension LogLease {
    public func observe() throws(StoreError) -> LeaseView { try observe(registry: 0) }
}

/// What a hub that follows has left for the one that writes. The same may be left twice.
public struct HandedReceipt: Sendable, Equatable {
    /// Grows from each one to the next, also where some were removed.
    public var number: UInt64
    /// Its ranges are those that were shown, and not all that ever were.
    public var receipt: Receipt

    public init(number: UInt64, receipt: Receipt) {
        self.number = number
        self.receipt = receipt
    }
}

/// Reads a shared log as others write it. Used from one thread at a time.
public protocol LogFollower: AnyObject {
    /// The log as it is at one moment: what a hub that has not read it begins to follow from.
    func state() throws(StoreError) -> LogState
    /// The records after an offset, at most `limit`, with the topics that they need and the reader may not know.
    func records(after offset: UInt64, limit: Int) throws(StoreError) -> FollowedRecords
    /// Waits until something may have been committed, at most so long: a hint, which may come without reason.
    func wait(_ longest: Duration) throws(StoreError)
    func close()
}

/// What a follower reads at once.
public struct FollowedRecords: Sendable, Equatable {
    /// In offset order, without a hole.
    public var records: [Record]
    /// Topics whose first delivery is among the records.
    public var newTopics: [TopicHead]
    /// Positions that were moved by the records or beyond them, of each post and epoch the last.
    public var positions: [Position]

    public init(records: [Record], newTopics: [TopicHead], positions: [Position]) {
        self.records = records
        self.newTopics = newTopics
        self.positions = positions
    }
}
