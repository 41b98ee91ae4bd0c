internal import AlertStore
internal import Alerts
internal import Platform
internal import Wire

/// Records who reads, on the thread that answers: an answer leaves only once its record is on disk. Used from one thread.
final class Clerk {
    /// Between two looks for events whose time is over.
    static let pause = Duration.seconds(600)

    private let open: () throws(StoreError) -> AuditLog
    private let periods: Periods
    private let time: SharedTime
    private let log: Log<HubEvent>
    private var audit: AuditLog?
    private var nextForgetting = Duration.zero
    private var isFailing = false
    private var isShortened = false

    /// - periods: says how long an event is kept. time: what it is stamped with, and when it may be forgotten.
    init(
        periods: Periods, time: SharedTime, log: Log<HubEvent>,
        open: @escaping () throws(StoreError) -> AuditLog
    ) {
        self.open = open
        self.periods = periods
        self.time = time
        self.log = log
    }

    /// Opens the record, so that there is room for it before a disk can fill up. What fails here is said when it is needed.
    func prepare() { _ = try? opened() }

    /// - Returns: false when it could not be recorded: what was asked for must not be answered then.
    func record(_ events: [AuditEvent]) -> Bool {
        let now = time.value.time
        do throws(StoreError) {
            let audit = try opened()
            try audit.append(
                events.map { event in
                    var event = event
                    event.at = now
                    return event
                })
            if isFailing { log(.auditRecorded, .notice, "who reads can be recorded again") }
            isFailing = false
            return true
        } catch {
            // Said once, not for each request.
            if !isFailing {
                log(
                    .auditFailed, .error, "who reads can't be recorded, so nobody may: \(error)",
                    ["REASON": "audit"])
            }
            isFailing = true
            return false
        }
    }

    /// Forgets a bite of what is past its time, if it is time to look.
    func tidy() {
        guard steadyClock() >= nextForgetting else { return }
        nextForgetting = steadyClock() + Clerk.pause
        let period = periods.value.audit.components.seconds * 1_000
        do throws(StoreError) {
            let audit = try opened()
            var old = 0
            if let over = time.value.erasing {
                old = try audit.forget(before: Timestamp(milliseconds: over.milliseconds - period))
            }
            let most = periods.value.auditEvents
            let surplus = try audit.forget(beyond: most)
            if surplus > 0, !isShortened {
                log(
                    .auditShortened, .warning,
                    "more than \(most) events of who read what: the oldest are forgotten before their time")
            }
            isShortened = surplus > 0
            try audit.keepRoom()
            if max(old, surplus) == AuditLog.forgottenAtOnce { nextForgetting = steadyClock() + .seconds(1) }
        } catch {
            // The next record that fails says so.
        }
    }

    func close() { try? audit?.close() }

    private func opened() throws(StoreError) -> AuditLog {
        if let audit { return audit }
        let opened = try open()
        audit = opened
        return opened
    }
}
