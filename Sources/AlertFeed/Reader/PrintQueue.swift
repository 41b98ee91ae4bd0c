internal import Platform
internal import Synchronization

/// Between the thread that reads the feed and the one that prints: bounded, so that an output that nobody reads stops the
/// asking for more instead of filling the memory. The reader never waits here; it lets feed messages go while the queue
/// is full, and replays them later.
final class PrintQueue: Sendable {
    /// Alerts and bytes at which the queue counts as full. A page that was asked for before may still go beyond.
    static let mostAlerts = 4_096
    static let mostBytes = 8 << 20

    /// Why the printing side wants no more.
    enum End: Sendable, Equatable {
        /// All that was asked for.
        case complete
        /// Whoever read the output has gone.
        case closed
        case failed(String)
    }

    private struct State {
        var alerts: [StreamedAlert] = []
        var bytes = 0
        var isComplete = false
        var end: End?
        var head: UInt64 = 0
        var printed = 0
    }

    private let state = Mutex(State())
    private let forPrinter: Wake
    /// Readable when there may be room again, or when the printing side has ended.
    let forReader: Wake

    init() throws(PlatformError) {
        forPrinter = try Wake()
        forReader = try Wake()
    }

    var isFull: Bool {
        state.withLock { $0.alerts.count >= PrintQueue.mostAlerts || $0.bytes >= PrintQueue.mostBytes }
    }

    var end: End? { state.withLock { $0.end } }

    /// Alerts printed so far.
    var printed: Int { state.withLock { $0.printed } }

    // MARK: The reader's side

    /// The log's last offset, as far as known.
    func see(head: UInt64) { state.withLock { $0.head = max($0.head, head) } }

    func put(_ alert: StreamedAlert) {
        state.withLock { state in
            state.alerts.append(alert)
            state.bytes += alert.payload.count + 512
        }
        forPrinter.signal()
    }

    /// There will be no more: print what is here, and end.
    func complete() {
        state.withLock { $0.isComplete = true }
        forPrinter.signal()
    }

    // MARK: The printer's side

    /// The next alerts, waiting for some; nil when there will be none.
    func take(atMost most: Int) -> [StreamedAlert]? {
        while true {
            let (alerts, isComplete) = state.withLock { state in
                let some = Array(state.alerts.prefix(most))
                state.alerts.removeFirst(some.count)
                for alert in some { state.bytes -= alert.payload.count + 512 }
                return (some, state.isComplete)
            }
            if !alerts.isEmpty {
                forReader.signal()
                return alerts
            }
            if isComplete { return nil }
            forPrinter.wait()
        }
    }

    /// - Returns: the log's last offset, as far as known.
    func count(printed: Int) -> UInt64 {
        state.withLock {
            $0.printed += printed
            return $0.head
        }
    }

    func finish(_ end: End) {
        state.withLock { $0.end = end }
        forReader.signal()
    }
}
