public import Alerts
internal import HubLink
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Synchronization
internal import Wire

/// A reader of the hub's feed: verified alerts, each once and in offset order, across restarts of the hub and, with a cursor,
/// of the program. It prints nothing and takes no signals; its one thread ends with ``close(farewell:)``, or with the client.
///
/// What is given out of the stream is exact. That it is dealt with once is up to whoever takes it: the cursor advances with
/// ``advance(to:)``, and what was given out and not advanced over comes again to the next client with this cursor.
public final class FeedClient: Sendable {
    /// Alerts given out at once, at the most.
    public static let most = 256
    /// Told to stop, it waits so long for the hub to vouch for what was read.
    public static let farewell = Duration.seconds(1)
    /// Where the rest of a backlog does not come for so long, what is held until then is given out with what is known.
    static let standstill = Duration.seconds(1)

    /// What is read.
    public struct Query: Sendable {
        public var wanted = Wanted()
        public var filter = Filter()
        /// nil: all alerts.
        public var words: SearchWords?
        /// nil: the cursor's place, or from now on; without `follows`, from the beginning.
        public var start: Start?
        /// nil: to the log's end, and on if it follows.
        public var until: Until?
        public var follows = true
        /// Whether what is over (cancelled, updated, withdrawn, expired) is left out of what is there already.
        public var isActiveOnly = false
        /// Whether the posts that the hub does not hear of are asked for (``FeedNews/silent(_:)``).
        public var watchesSilence = false

        public init() {}
    }

    private let queue: FeedQueue
    private let reader: Mutex<AlertReader>
    private let cursor: Cursor?
    /// Whether the hub may be told what is shown: a stream that leaves out more than topics sends nothing.
    private let isWhole: Bool
    private let thread: Mutex<NamedThread?>
    /// The link has said that nothing of the backlog is left to come.
    private let isBacklogRead = Atomic<Bool>(false)

    /// Begins to read at once; the hub need not be there yet.
    /// - cursor: where the reading goes on, and what ``advance(to:)`` moves; nil: it begins as the query says.
    /// - tell: gets sentences for whoever runs the program, on any thread. news: the same for programs.
    public init(
        _ query: Query, _ settings: ReaderSettings, provinces: ProvinceDirectory, cursor: Cursor? = nil,
        tell: @escaping @Sendable (String) -> Void = { _ in },
        news: @escaping @Sendable (FeedNews) -> Void = { _ in }
    ) throws {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let hubs = try settings.hubs(for: keys.name)
        let hub = hubs.known
        let keyring = try settings.keyring(with: hub, keys.publicKeys, tell: tell)
        let checkpoints = cursor.map { CheckpointFile($0.checkpointPath) }
        let verifier = CheckpointVerifier(hub: hub.keys.map(\.signing), kept: try checkpoints?.read() ?? [])
        let place = cursor?.place
        let start = place.map { Start.after($0.offset, log: $0.log.value) } ?? query.start
        let plan = FeedLink.Plan(
            wanted: query.wanted, start: start ?? (query.follows ? .now : .after(0, log: nil)),
            follows: query.follows, directory: provinces, checkpointFile: checkpoints?.path,
            watchesSilence: query.watchesSilence)
        let queue = try FeedQueue()
        self.queue = queue
        self.cursor = cursor
        isWhole = query.filter == Filter() && query.words == nil && !query.isActiveOnly
        reader = Mutex(
            AlertReader(query, hub: hub, posts: keyring, provinces: provinces))
        let thread = try NamedThread("feed") {
            do {
                let loop = FeedLoop(
                    FeedLink(plan, verifier, at: steadyClock()),
                    sockets: try FeedSockets(hubs, keys, tell: tell), queue: queue, hub: hub,
                    checkpoints: checkpoints,
                    begun: { if place == nil { try cursor?.begin(at: $0.offset, log: $0.log) } }, tell: tell,
                    news: news)
                try loop.run()
                queue.complete(nil)
                loop.sayWhatWasShown()
            } catch {
                queue.complete(ReaderFailure(error))
            }
        }
        self.thread = Mutex(thread)
    }

    deinit {
        close(farewell: .zero)
    }

    /// The next alerts, waiting for some. From one thread at a time.
    /// - longest: how long to wait; nil: as long as it takes.
    /// - Returns: a batch, which is empty where nothing has come in time; nil at the end of what was asked for, and after
    ///   ``close(farewell:)`` once all that had come is taken.
    ///   What is there when the reading begins is held until all of it was read (``Lookahead``): how each alert stands is as of
    ///   then.
    public func next(atMost longest: Duration? = nil) throws(ReaderFailure) -> FeedBatch? {
        let end = longest.map { steadyClock() + $0 }
        while true {
            if let batch = release() { return batch }
            if reader.withLock({ $0.isDone }) { return nil }
            let stall = reader.withLock { $0.isHolding ? $0.took + FeedClient.standstill : nil }
            switch queue.take(atMost: FeedClient.most, until: [end, stall].compactMap { $0 }.min()) {
            case .alerts(let alerts, let head, let beginning, let isLast):
                let now = steadyClock()
                reader.withLock { reader in
                    reader.take(alerts, head: head, hubTime: beginning.hubTime, now)
                    if isLast || reader.isDone { reader.endBacklog() }
                }
                if isLast { isBacklogRead.store(true, ordering: .relaxed) }
                if let batch = release() { return batch }
                // So that who waits for the rest sees how far it is.
                return FeedBatch(first: nil, head: head, looked: alerts.last?.offset)
            case .caughtUp:
                isBacklogRead.store(true, ordering: .relaxed)
                reader.withLock { $0.endBacklog() }
            case .none:
                if let stall, steadyClock() >= stall {
                    reader.withLock { $0.endBacklog() }
                } else {
                    var batch = FeedBatch(first: nil, head: 0)
                    batch.isCaughtUp = isCaughtUp(reader.withLock { $0.isThrough })
                    return batch
                }
            case .end(let failure):
                if stall != nil {
                    reader.withLock { $0.endBacklog() }
                    continue
                }
                if let failure { throw failure }
                return nil
            }
        }
    }

    private func release() -> FeedBatch? {
        let now = hubTime
        return reader.withLock { reader in
            var batch = reader.release(at: now)
            batch?.isCaughtUp = isCaughtUp(reader.isThrough)
            return batch
        }
    }

    /// - isThrough: whether all that was read of the backlog was given out, which happens too where the rest is late.
    private func isCaughtUp(_ isThrough: Bool) -> Bool {
        isThrough && isBacklogRead.load(ordering: .relaxed)
    }

    /// By the hub's clock when it was greeted, and what has passed since then; the least that there is before that.
    public var hubTime: Timestamp {
        guard let beginning = queue.beginning else { return Timestamp(milliseconds: .min) }
        return beginning.hubTime.after(steadyClock() - beginning.greeted)
    }

    /// Everything up to the offset has been dealt with: the next client with this cursor begins after it. Without a cursor
    /// nothing happens.
    public func advance(to offset: UInt64) throws(ReaderFailure) {
        guard let cursor, let log else { return }
        do throws(FileError) { try cursor.advance(to: offset, log: log) } catch { throw ReaderFailure(error) }
    }

    /// These alerts are before a person's eyes now, and the hub is told so, at most once a second. Not for what goes to a
    /// program or a file. Nothing happens where a filter other than by topic leaves alerts out, and what is erased shows nothing.
    public func shown(_ alerts: some Sequence<ReadAlert>) {
        guard isWhole else { return }
        let places = alerts.lazy.filter { !$0.isErased }.flatMap(\.streamed.places)
        queue.putShown(Array(places))
    }

    /// The hub's log, known before the first alert comes.
    package var log: UInt64? { queue.beginning?.log }

    /// How often so far alerts were missing from the hub's feed, and were fetched from its log: none was left out.
    public var repairs: UInt64 { queue.repairs }

    /// Ends the reading, and the thread. What had come can still be taken.
    /// - farewell: how long the hub may take to vouch for what was read last, so that a later rewriting of it shows.
    public func close(farewell: Duration = FeedClient.farewell) {
        queue.stop(farewell: farewell)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        cursor?.sync()
    }
}

/// Alerts that came one after the other.
public struct FeedBatch: Sendable {
    /// Those that the query selects.
    public var alerts: [ReadAlert] = []
    /// The first offset that was looked at, and the last: everything before `first` was in an earlier batch, what is selected
    /// through `through` is in this one; nil: nothing has come.
    public var first: UInt64?
    public var through: UInt64?
    /// The log's last offset, as far as known.
    public var head: UInt64
    /// Of an empty one: what was read so far and is not given out yet ends here; nil: nothing is.
    public var looked: UInt64?
    /// All that there was when the reading began was given out, with this batch at the latest.
    public var isCaughtUp = false

    init(first: UInt64?, head: UInt64, looked: UInt64? = nil) {
        self.first = first
        self.head = head
        self.looked = looked
    }
}
