internal import Alerts
internal import AlertStore
internal import Platform
internal import Settings
internal import Wire

/// Records who reads, on the thread that answers: an answer leaves only once its record is on disk. Used from one thread.
final class AuditRecorder {
    /// Between two looks for events whose time is over.
    static let pause = Duration.seconds(600)

    private let open: () throws(StoreError) -> any AuditLog
    private let periods: Periods
    private let time: SharedTime
    private let role: SharedRole
    private let log: Log<HubEvent>
    private var audit: (any AuditLog)?
    private var nextForgetting = Duration.zero
    private var isFailing = false
    private var repeated = RepeatedReads()
    private var budgets: Budgets
    /// When it was last said of an identity that it is at its limit.
    private var told: [String: Timestamp] = [:]
    /// Between two words of the same identity, in milliseconds.
    static let silence: Int64 = 600_000

    /// - periods: says how long an event is kept. time: what it is stamped with, and when it may be forgotten. role: the hub that
    ///   writes forgets, for all that share the record.
    init(
        periods: Periods, time: SharedTime, role: SharedRole = SharedRole(.writing),
        limits: HubLimits = HubLimits(), log: Log<HubEvent>,
        open: @escaping () throws(StoreError) -> any AuditLog
    ) {
        self.open = open
        self.periods = periods
        self.time = time
        self.role = role
        self.log = log
        budgets = Budgets(limits)
    }

    /// Opens the record, so that there is room for it before a disk can fill up, and what is wrong with it is said before
    /// anybody reads.
    func prepare() {
        do throws(StoreError) { _ = try opened() } catch { tell(error) }
    }

    enum Recording: Sendable, Equatable {
        case done
        /// What was asked for must not be answered.
        case failed
        /// The identity reads more different things than ``HubLimits/auditRows``; it must not be answered either.
        case tooMany
    }

    /// - Returns: what became of each event.
    func record(_ events: [AuditEvent]) -> [Recording] {
        let now = time.value.time
        var taken: [AuditEvent] = []
        var places: [RepeatedReads.Read: Int] = [:]
        let isTaken = events.map { event in
            var event = event
            event.at = now
            if let place = places[RepeatedReads.Read(event)] {
                taken[place].add(event)
                return true
            }
            event.number = repeated.row(of: event, at: now)
            guard event.number != 0 || budgets.take(of: .auditRows, for: event.identity, at: now) else {
                tell(event.identity, at: now)
                return false
            }
            places[RepeatedReads.Read(event)] = taken.count
            taken.append(event)
            return true
        }
        do throws(StoreError) {
            let numbers = try opened().append(taken)
            for (event, number) in zip(taken, numbers) { repeated.recorded(event, in: number, at: now) }
            if isFailing { log(.auditRecorded, .notice, "who reads can be recorded again") }
            isFailing = false
            return isTaken.map { $0 ? .done : .tooMany }
        } catch {
            tell(error)
            return isTaken.map { $0 ? .failed : .tooMany }
        }
    }

    /// What an identity uses of what may be recorded of it; nil: nothing since the start.
    func used(by identity: String) -> Budgets.Line? {
        budgets.lines(of: identity, at: time.value.time).first { $0.resource == .auditRows }
    }

    private func tell(_ identity: String, at now: Timestamp) {
        if let last = told[identity],
            (0..<AuditRecorder.silence).contains(now.milliseconds - last.milliseconds)
        {
            return
        }
        told[identity] = now
        log(
            .budgetReached, .warning,
            "\(identity) reads more than \(budgets.most(.auditRows)) different things within an hour, all that is recorded of it: "
                + "what goes beyond is refused", ["POST": identity, "REASON": "audit-rows"])
    }

    /// Said once, not for each request.
    private func tell(_ error: StoreError) {
        if !isFailing {
            log(
                .auditFailed, .error, "who reads can't be recorded, so nobody may: \(error)",
                ["REASON": "audit"])
        }
        isFailing = true
    }

    /// Forgets a bite of what is past its time, if it is time to look.
    func maintain() {
        guard steadyClock() >= nextForgetting, role.isWriting else { return }
        nextForgetting = steadyClock() + AuditRecorder.pause
        do throws(StoreError) {
            let audit = try opened()
            var old = 0
            if let over = time.value.erasing {
                old = try audit.forget(before: over.before(periods.value.audit))
            }
            var surplus = 0
            if try audit.bytes() > periods.value.auditSize.bytes, let forgotten = try audit.forgetNoisiest() {
                surplus = forgotten.events
                let now = time.value.time
                let whose = "\(forgotten.identity) \(forgotten.action)"
                if told[whose].map({ now.milliseconds - $0.milliseconds >= AuditRecorder.silence }) ?? true {
                    told[whose] = now
                    log(
                        .auditShortened, .warning,
                        "the record of who reads is larger than retention.audit_size: \(forgotten.identity) has most of it (\(forgotten.action)), of "
                            + "which the oldest are forgotten before their time",
                        ["POST": forgotten.identity, "REASON": forgotten.action])
                }
            }
            try audit.maintain()
            if old == StoreLimits.forgottenAtOnce || surplus > 0 {
                nextForgetting = steadyClock() + .seconds(1)
            }
        } catch {
            // The next record that fails says so.
        }
    }

    func close() { try? audit?.close() }

    private func opened() throws(StoreError) -> any AuditLog {
        if let audit { return audit }
        let opened = try open()
        audit = opened
        return opened
    }
}
