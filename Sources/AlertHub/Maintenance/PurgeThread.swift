internal import Alerts
internal import AlertStore
internal import Platform
internal import Synchronization

/// The running hub's purge: a thread that has a bite now and then, and never stands in the writer's way for long. It also writes
/// down each minute that the hub ran.
final class PurgeThread: Sendable {
    /// Between two looks for what is due.
    static let pause = Duration.seconds(60)
    /// Then the time is written down, and a new round begins after a pause.
    static let longestRound = Duration.seconds(30)
    /// Nothing waits for it.
    static let politeness: Int32 = 19
    /// Tries of a bite that met the writer at work, and the time between two.
    static let tries = 100
    static let giveWay = Duration.milliseconds(20)

    private let isStopping = Mutex(false)
    /// Offsets of records that ask for an erasure at once (``OrderedErasure``); forgotten where the hub is stopped first, and then
    /// found again in the log.
    private let orders = Mutex<[UInt64]>([])
    private let wake: Wake

    init() throws(PlatformError) {
        wake = try Wake()
    }

    func stop() {
        isStopping.withLock { $0 = true }
        wake.signal()
    }

    /// Erases at once what the records at these offsets ask for.
    func carryOut(_ offsets: [UInt64]) {
        orders.withLock { $0 += offsets }
        wake.signal()
    }

    /// Looks at once whether something is due.
    func look() { wake.signal() }

    /// The thread's whole life.
    /// - role: a hub that follows erases nothing: the one that writes does it for all. keep: writes down the time.
    func run(
        _ backend: any LogBackend, _ periods: Periods, _ time: SharedTime, _ role: SharedRole,
        _ log: Log<HubEvent>,
        keep: (HubTime) throws -> Void
    ) {
        yieldToOthers(steps: PurgeThread.politeness)
        var eraser: (any AlertEraser)?
        var isFailing = false
        var isKept = true
        while !isStopping.withLock({ $0 }) {
            do {
                try keep(time.value)
                isKept = true
            } catch {
                if isKept {
                    log(.clockNotKept, .warning, "when the hub last ran can't be written down: \(error)")
                }
                isKept = false
            }
            guard role.isWriting else {
                wake.wait(atMost: PurgeThread.pause)
                continue
            }
            do throws(StoreError) {
                let open: any AlertEraser
                if let eraser { open = eraser } else { open = try backend.eraser() }
                eraser = open
                let ordered = try carryOutOrders(open)
                if ordered > 0 {
                    log(
                        .contentErased, .notice,
                        "erased the content of \(ordered) alerts and answers: whoever they sought is safe")
                }
                let erased = try round(open, periods.value, time)
                if erased > 0 {
                    log(.contentErased, .notice, "erased the content of \(erased) alerts whose time is over")
                }
                isFailing = false
            } catch {
                // Said once: it is tried again each minute.
                if !isFailing {
                    log(
                        .purgeFailed, .error, "content whose time is over can't be erased: \(error)",
                        ["REASON": "purge"])
                }
                isFailing = true
            }
            // A wait within the round may have taken the signal.
            if isStopping.withLock({ $0 }) { break }
            if !isFailing, !orders.withLock({ $0.isEmpty }) { continue }
            wake.wait(atMost: PurgeThread.pause)
        }
        try? eraser?.close()
    }

    /// Needs no clock.
    private func carryOutOrders(_ open: any AlertEraser) throws(StoreError) -> Int {
        var erased = 0
        while let offset = orders.withLock({ $0.first }) {
            if let record = try PurgeThread.patiently(open.record(at: offset)) {
                erased += try PurgeThread.patiently(OrderedErasure.carryOut(record, open))
            }
            orders.withLock { _ = $0.removeFirst() }
        }
        if erased > 0 { _ = try PurgeThread.patiently(open.forget()) }
        return erased
    }

    /// Bites until nothing is due, or until ``longestRound``; none while the clock is not believed.
    private func round(
        _ open: any AlertEraser, _ periods: RetentionSettings, _ time: SharedTime
    ) throws(StoreError) -> Int {
        let end = steadyClock() + PurgeThread.longestRound
        let purge = Purge(open, periods)
        var erased = 0
        while !isStopping.withLock({ $0 }) {
            let began = steadyClock()
            guard began < end, let now = time.value.erasing, orders.withLock({ $0.isEmpty }) else { break }
            guard let count = try PurgeThread.patiently(purge.bite(now)) else { break }
            erased += count
            wake.wait(atMost: max(Purge.leastRest, (steadyClock() - began) * Purge.rest))
        }
        if erased > 0 { _ = try PurgeThread.patiently(open.forget()) }
        return erased
    }

    /// Again where the writer was at work.
    static func patiently<Value>(
        _ work: @autoclosure () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        for _ in 1..<tries {
            do throws(StoreError) { return try work() } catch {
                guard error.cause == .locked else { throw error }
                sleep(giveWay)
            }
        }
        return try work()
    }
}
