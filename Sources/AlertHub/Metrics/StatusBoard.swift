internal import Alerts
internal import Platform
internal import Synchronization

/// What the loop shows to the thread that serves metrics: its beat, and the latest report. Neither side waits for the
/// other longer than a copy of references takes.
final class StatusBoard: Sendable {
    enum Phase: UInt8, Sendable {
        case starting
        case ready
        case stopping
    }

    /// A loop without a beat for so long counts as stuck where no service manager sets a limit.
    static let longestPause = Duration.seconds(10)

    /// A beat may be no older than this.
    let limit: Duration
    private let beaten = Atomic<Int64>(0)
    private let phaseNumber = Atomic<UInt8>(Phase.starting.rawValue)
    private let latest = Mutex<HubReport?>(nil)

    /// - watchdog: how often the service manager wants to be told, half of its limit; nil: it sets none.
    init(watchdog: Duration? = nil) {
        limit = watchdog.map { $0 * 2 } ?? StatusBoard.longestPause
    }

    var phase: Phase {
        get { Phase(rawValue: phaseNumber.load(ordering: .relaxed)) ?? .starting }
        set { phaseNumber.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// The loop is alive. Each turn of it.
    func beat(_ steady: Duration) {
        beaten.store(steady.inMilliseconds, ordering: .relaxed)
    }

    /// How long ago the last beat was; nil before the first.
    func sinceBeat(_ steady: Duration) -> Duration? {
        let last = beaten.load(ordering: .relaxed)
        return last == 0 ? nil : .milliseconds(max(0, steady.inMilliseconds - last))
    }

    var report: HubReport? { latest.withLock { $0 } }

    func publish(_ report: HubReport) {
        // The old one goes outside of the lock.
        let old = latest.withLock { latest in
            let old = latest
            latest = report
            return old
        }
        _ = consume old
    }
}
