internal import AlertStore
internal import Alerts
internal import Platform
internal import Synchronization
internal import Wire

/// Reads the log for peers on a thread of its own, with a connection of its own, so that a long replay never delays the
/// live path. The loop submits readings and collects replies; both sides are woken by descriptors.
final class ReplayDesk: Sendable {
    /// Readings waiting at once, over all identities; a further one is answered `busy`. Each identity has a limit of its own
    /// (``Budgets/Resource/lookups``).
    static let longestQueue = 4_096
    /// Readings answered together, for which one transaction records who read.
    static let answeredAtOnce = 8
    /// Between two words of a log that can't be read, however many ask.
    static let silence = Duration.seconds(10)

    struct Answer: Sendable {
        var asker: Asker
        var request: UInt64
        /// Encoded here, so that the loop only sends.
        var frames: [[UInt8]]
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
        var inbox = FairQueue<Reading>()
        var answers: [Answer] = []
        /// Connections to feeds that wait to be let in, and those of which it is recorded, or known that it can't be.
        var arrivals: [ZAPRequest.Arrival] = []
        var recorded: [(ZAPRequest.Arrival, isRecorded: Bool)] = []
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
            desk.inbox.append(reading, of: reading.asker.account)
            return true
        }
        work.signal()
        return isTaken
    }

    /// Waits for no reading but the one that is being answered.
    /// - Returns: false at ``longestQueue``.
    func submit(_ arrival: ZAPRequest.Arrival) -> Bool {
        let isTaken = desk.withLock { desk in
            guard desk.arrivals.count < ReplayDesk.longestQueue else { return false }
            desk.arrivals.append(arrival)
            return true
        }
        work.signal()
        return isTaken
    }

    /// What is done since the last call.
    func collect() -> (answers: [Answer], arrivals: [(ZAPRequest.Arrival, isRecorded: Bool)]) {
        answered.clear()
        return desk.withLock { desk in
            defer {
                desk.answers = []
                desk.recorded = []
            }
            return (desk.answers, desk.recorded)
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
                var some: [Reading] = []
                while some.count < ReplayDesk.answeredAtOnce, let next = desk.inbox.popFirst() {
                    some.append(next)
                }
                return (some, desk.isStopping)
            }
            if isStopping { break }
            record(clerk)
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

    /// Records who is let in to a feed: between two readings, each of which is short.
    private func record(_ clerk: Clerk?) {
        let arrivals = desk.withLock { desk in
            defer { desk.arrivals = [] }
            return desk.arrivals
        }
        guard !arrivals.isEmpty else { return }
        let recordings =
            clerk?.record(arrivals.map(\.event)) ?? arrivals.map { _ in Clerk.Recording.done }
        desk.withLock { desk in
            desk.recorded += zip(arrivals, recordings).map { ($0, $1 == .done) }
        }
        answered.signal()
    }

    /// Reads for all, records who read, and only then has answers.
    private func answer(
        _ readings: [Reading], _ clerk: Clerk?, _ reader: inout (any AlertReader)?,
        _ unreadable: (StoreError) -> Void, _ open: () throws(StoreError) -> any AlertReader
    ) -> [Answer] {
        var made: [(reading: Reading, reply: Reply)] = []
        var events: [AuditEvent] = []
        for reading in readings {
            record(clerk)
            let reply = answer(reading, &reader, unreadable, open)
            if var event = reading.audit {
                event.complete(with: reply)
                events.append(event)
            }
            made.append((reading, reply))
        }
        var recordings =
            (events.isEmpty ? nil : clerk?.record(events)) ?? events.map { _ in Clerk.Recording.done }
        recordings.reverse()
        return made.map { reading, reply in
            let recording = reading.audit == nil ? .done : recordings.popLast() ?? .failed
            let sent =
                recording.refusal.map { code, reason in
                    Reply.refused(
                        Reply.Refused(
                            request: reading.request == 0 ? nil : reading.request, code: code, reason: reason)
                    )
                } ?? reply
            var answer = Answer(asker: reading.asker, request: reading.request, frames: sent.frames())
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

extension Clerk.Recording {
    /// What who reads is told instead of an answer; nil: the answer.
    fileprivate var refusal: (code: String, reason: String)? {
        switch self {
        case .done: nil
        case .failed: ("unavailable", "the hub can't record who reads")
        case .tooMany:
            (
                "busy",
                "you have read more different things within an hour than the hub records: wait, or ask its operator"
            )
        }
    }
}

extension AuditEvent {
    /// With what the answer says of its extent.
    fileprivate mutating func complete(with reply: Reply) {
        guard case .page(let page, _) = reply else { return }
        alerts = UInt64(clamping: page.count)
        guard action == .replay else { return }
        after = page.after
        through = page.through
    }
}
