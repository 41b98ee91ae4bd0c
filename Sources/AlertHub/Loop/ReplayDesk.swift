internal import AlertStore
internal import Alerts
internal import Platform
internal import Synchronization
internal import Wire

/// Reads the log for peers on a thread of its own, with a connection of its own, so that a long replay never delays the
/// live path. The loop submits readings and collects replies; both sides are woken by descriptors.
final class ReplayDesk: Sendable {
    /// Readings waiting at once, over all peers; a further one is answered `busy`.
    static let longestQueue = 4_096
    /// Readings answered together, for which one transaction records who read.
    static let answeredAtOnce = 8
    /// Between two words of a log that can't be read, however many ask.
    static let silence = Duration.seconds(10)

    struct Answer: Sendable {
        var peer: [UInt8]
        /// Encoded here, so that the loop only sends.
        var frames: [[UInt8]]
        /// Goes to ZAP and not to control; `frames` is all of it.
        var isAdmission: Bool
        /// Of a page of the log: alerts in it.
        var alerts: Int?
    }

    /// What it has to do, and has done since the start.
    struct Load: Sendable, Equatable {
        /// Readings that wait.
        var queue = 0
        /// Pages answered, and alerts in them.
        var pages: UInt64 = 0
        var alerts: UInt64 = 0
    }

    private struct Desk {
        var inbox: [Reading] = []
        var answers: [Answer] = []
        var load = Load()
        var isStopping = false
    }

    private let desk = Mutex(Desk())
    private let work: Wake
    /// Readable when there are answers to collect.
    let answered: Wake
    /// Signalled once it can be recorded who reads, or it is known that it can't.
    let prepared: Wake
    /// A replay that takes longer hurts nobody; a live alert that waits for the processor behind it does.
    static let politeness: Int32 = 10
    /// Longer than it takes on any disk that works.
    static let longestPreparation = Duration.seconds(5)

    init() throws(PlatformError) {
        work = try Wake()
        answered = try Wake()
        prepared = try Wake()
    }

    /// - Returns: false at ``longestQueue``.
    func submit(_ reading: Reading) -> Bool {
        let isTaken = desk.withLock { desk in
            guard desk.inbox.count < ReplayDesk.longestQueue else { return false }
            desk.inbox.append(reading)
            return true
        }
        work.signal()
        return isTaken
    }

    func collect() -> [Answer] {
        answered.clear()
        return desk.withLock { desk in
            defer { desk.answers = [] }
            return desk.answers
        }
    }

    var load: Load {
        desk.withLock { desk in
            desk.load.queue = desk.inbox.count
            return desk.load
        }
    }

    func stop() {
        desk.withLock { $0.isStopping = true }
        work.signal()
    }

    /// The thread's whole life: opens its reader, answers until ``stop()``.
    /// - clerk: records who reads; nil records nothing.
    /// - unreadable: told when the log can't be read, at most once per ``silence``.
    func run(
        _ clerk: Clerk? = nil, unreadable: (StoreError) -> Void = { _ in },
        _ open: () throws(StoreError) -> any AlertReader
    ) {
        var reader: (any AlertReader)?
        var told: Duration?
        func tell(_ error: StoreError) {
            let now = steadyClock()
            if let told, now - told < ReplayDesk.silence { return }
            told = now
            unreadable(error)
        }
        yieldToOthers(steps: ReplayDesk.politeness)
        clerk?.prepare()
        prepared.signal()
        while true {
            let (readings, isStopping) = desk.withLock { desk in
                let some = Array(desk.inbox.prefix(ReplayDesk.answeredAtOnce))
                desk.inbox.removeFirst(some.count)
                return (some, desk.isStopping)
            }
            if isStopping { break }
            let answers = answer(readings, clerk, &reader, tell, open)
            if !answers.isEmpty {
                desk.withLock { desk in
                    desk.answers += answers
                    for case let alerts? in answers.map(\.alerts) {
                        desk.load.pages &+= 1
                        desk.load.alerts &+= UInt64(clamping: alerts)
                    }
                }
                answered.signal()
            }
            clerk?.tidy()
            if readings.isEmpty { work.wait(atMost: Clerk.pause) }
        }
        try? reader?.close()
        clerk?.close()
    }

    /// Reads for all, records who read, and only then has answers.
    private func answer(
        _ readings: [Reading], _ clerk: Clerk?, _ reader: inout (any AlertReader)?,
        _ unreadable: (StoreError) -> Void, _ open: () throws(StoreError) -> any AlertReader
    ) -> [Answer] {
        var made: [(reading: Reading, reply: Reply?)] = []
        var events: [AuditEvent] = []
        for reading in readings {
            var reply: Reply?
            if case .admission = reading.subject {
            } else {
                reply = answer(reading, &reader, unreadable, open)
            }
            if var event = reading.audit {
                event.complete(with: reply)
                events.append(event)
            }
            made.append((reading, reply))
        }
        let isRecorded = events.isEmpty || clerk?.record(events) ?? true
        return made.map { reading, reply in
            let mayRead = isRecorded || reading.audit == nil
            if case .admission(let back, let user) = reading.subject {
                return Answer(
                    peer: reading.peer,
                    frames: ZAPRequest.reply(to: back, mayRead ? .letIn(user: user) : .later),
                    isAdmission: true)
            }
            let unrecorded = Reply.refused(
                Reply.Refused(
                    request: reading.request == 0 ? nil : reading.request, code: "unavailable",
                    reason: "the hub can't record who reads"))
            let sent = mayRead ? reply ?? unrecorded : unrecorded
            var answer = Answer(peer: reading.peer, frames: sent.frames(), isAdmission: false)
            if case .page(let page, _) = sent { answer.alerts = page.count }
            return answer
        }
    }

    private func answer(
        _ reading: Reading, _ reader: inout (any AlertReader)?, _ unreadable: (StoreError) -> Void,
        _ open: () throws(StoreError) -> any AlertReader
    ) -> Reply {
        do throws(StoreError) {
            let log: any AlertReader
            if let reader {
                log = reader
            } else {
                log = try open()
                reader = log
            }
            return try Lookup(log: log, reading: reading).reply()
        } catch {
            unreadable(error)
            return .refused(
                Reply.Refused(
                    request: reading.request == 0 ? nil : reading.request, code: "unavailable",
                    reason: "the hub can't read its log"))
        }
    }
}

extension AuditEvent {
    /// With what the answer says of its extent.
    fileprivate mutating func complete(with reply: Reply?) {
        guard case .page(let page, _) = reply else { return }
        alerts = UInt64(clamping: page.count)
        guard action == .replay else { return }
        after = page.after
        through = page.through
    }
}
