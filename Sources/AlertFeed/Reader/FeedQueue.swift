internal import Alerts
internal import Platform
internal import Synchronization
internal import Wire

/// Between the thread that reads the feed and whoever takes the alerts: bounded, so that alerts that nobody takes stop the
/// asking for more instead of filling the memory. The reading thread never waits here; it lets feed messages go while the
/// queue is full, and replays them later.
final class FeedQueue: Sendable {
    /// Alerts and bytes at which the queue counts as full. A page that was asked for before may still go beyond.
    static let mostAlerts = 4_096
    static let mostBytes = 8 << 20
    /// What an alert takes beside its payload.
    static let overhead = 512

    /// What there is for who takes.
    enum Taken {
        /// In offset order; with the log's last offset, as far as known.
        /// - isLast: the backlog ends with them.
        case alerts([StreamedAlert], head: UInt64, FeedLink.Beginning, isLast: Bool)
        /// There is no backlog, or nothing of it was left.
        case caughtUp
        /// Nothing has come in time.
        case none
        /// There will be nothing any more.
        case end(ReaderFailure?)
    }

    private struct State {
        var alerts: [StreamedAlert] = []
        var bytes = 0
        var head: UInt64 = 0
        /// Of the backlog, those that nobody has taken; nil: it still comes, or its end was told.
        var backlog: Int?
        var beginning: FeedLink.Beginning?
        var isComplete = false
        var failure: ReaderFailure?
        var farewell: Duration?
        var repairs: UInt64 = 0
        private var isBacklogTold = false

        /// Whether the backlog ends with the next so many; told once.
        mutating func endsBacklog(with count: Int) -> Bool {
            guard !isBacklogTold, let left = backlog else { return false }
            backlog = max(0, left - count)
            isBacklogTold = left <= count
            return isBacklogTold
        }
        /// What the taker has shown its user since the reading thread last looked.
        var shown: [Heads.Entry] = []
    }

    private let state = Mutex(State())
    private let forTaker: Wake
    /// Readable when there may be room again, or when the reading is to stop.
    let forReader: Wake

    init() throws(PlatformError) {
        forTaker = try Wake()
        forReader = try Wake()
    }

    var isFull: Bool {
        state.withLock { $0.alerts.count >= FeedQueue.mostAlerts || $0.bytes >= FeedQueue.mostBytes }
    }

    /// How long the hub may still take to vouch for what was read, once the reading is to stop; nil: it goes on.
    var farewell: Duration? { state.withLock { $0.farewell } }

    /// nil before the first welcome.
    var beginning: FeedLink.Beginning? { state.withLock { $0.beginning } }

    /// How often something was missing from the feed and was fetched from the log.
    var repairs: UInt64 { state.withLock { $0.repairs } }

    // MARK: The reading thread's side

    func note(repairs: UInt64) { state.withLock { $0.repairs = repairs } }

    func begin(_ beginning: FeedLink.Beginning) { state.withLock { $0.beginning = beginning } }

    func see(head: UInt64) { state.withLock { $0.head = max($0.head, head) } }

    func put(_ alert: StreamedAlert) {
        state.withLock { state in
            state.alerts.append(alert)
            state.bytes += alert.signed.payload.count + FeedQueue.overhead
        }
        forTaker.signal()
    }

    /// What has come so far is the backlog; what comes from here on is live.
    func catchUp() {
        state.withLock { $0.backlog = $0.backlog ?? $0.alerts.count }
        forTaker.signal()
    }

    /// There will be no more than what is here.
    func complete(_ failure: ReaderFailure?) {
        state.withLock {
            $0.isComplete = true
            $0.failure = failure
        }
        forTaker.signal()
    }

    func takeShown() -> [Heads.Entry] {
        state.withLock { state in
            defer { state.shown = [] }
            return state.shown
        }
    }

    // MARK: The taker's side

    func putShown(_ places: [Heads.Entry]) {
        state.withLock { $0.shown += places }
        forReader.signal()
    }

    /// The next alerts, waiting for some.
    /// - end: steady; nil: as long as it takes.
    func take(atMost most: Int, until end: Duration?) -> Taken {
        while true {
            let taken: Taken = state.withLock { state in
                let some = Array(state.alerts.prefix(most))
                guard let first = state.beginning, !some.isEmpty else {
                    if state.isComplete { return .end(state.failure) }
                    return state.endsBacklog(with: 0) ? .caughtUp : .none
                }
                state.alerts.removeFirst(some.count)
                for alert in some { state.bytes -= alert.signed.payload.count + FeedQueue.overhead }
                return .alerts(
                    some, head: state.head, first, isLast: state.endsBacklog(with: some.count))
            }
            guard case .none = taken else {
                forReader.signal()
                return taken
            }
            guard let end else {
                forTaker.wait()
                continue
            }
            let left = end - steadyClock()
            guard left > .zero, forTaker.wait(atMost: left) else { return .none }
        }
    }

    /// The reading is to stop, and its last word from the hub may take so long.
    func stop(farewell: Duration) {
        state.withLock { $0.farewell = $0.farewell.map { min($0, farewell) } ?? farewell }
        forReader.signal()
    }
}
