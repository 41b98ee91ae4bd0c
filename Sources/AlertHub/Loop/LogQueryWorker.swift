internal import Alerts
internal import AlertStore
internal import Platform
internal import Synchronization
internal import Wire

/// Reads the log for peers on a thread of its own, with a connection of its own, so that a long replay never delays the
/// live path. The loop submits queries and collects replies; both sides are woken by descriptors.
final class LogQueryWorker: Sendable {
    /// Queries that wait at once, over all identities; a further one is answered `busy`. Each identity also has a limit of its
    /// own (``Budgets/Resource/lookups``).
    static let longestQueue = 4_096
    /// Queries answered together: one transaction records who has read all of them.
    static let answeredAtOnce = 8
    /// The operator is told at most this often that the log can't be read, however many ask.
    static let silence = Duration.seconds(10)

    private struct State {
        var inbox = FairQueue<LogQuery>()
        var answers: [LogAnswer] = []
        /// Connections to feeds that wait to be let in, and those of which it is recorded, or known that it can't be.
        var arrivals: [Handshake.Arrival] = []
        var recorded: [(Handshake.Arrival, isRecorded: Bool)] = []
        var load = ReplayLoad()
        /// What identities use of what may be recorded of them, as far as it has changed.
        var recordings: [String: Budgets.Line] = [:]
        var isStopping = false
    }

    private let state = Mutex(State())
    private let work: Wake
    /// Readable when there are answers to collect.
    let answered: Wake
    /// Signalled once it can be recorded who reads, or it is known that it can't.
    let prepared: Wake
    /// The thread runs at a lower priority: a replay that takes longer hurts nobody, but a live alert that waits for the
    /// processor does.
    static let politeness: Int32 = 10
    /// How long the hub's start waits for ``prepared``: longer than it takes on any disk that works.
    static let longestPreparation = Duration.seconds(5)

    init() throws(PlatformError) {
        work = try Wake()
        answered = try Wake()
        prepared = try Wake()
    }

    /// - Returns: false at ``longestQueue``.
    func submit(_ query: LogQuery) -> Bool {
        let isTaken = state.withLock { state in
            guard state.inbox.count < LogQueryWorker.longestQueue else { return false }
            state.inbox.append(query, of: query.asker.account)
            return true
        }
        work.signal()
        return isTaken
    }

    /// It is recorded after the query that is being answered, and before those that wait.
    /// - Returns: false at ``longestQueue``.
    func submit(_ arrival: Handshake.Arrival) -> Bool {
        let isTaken = state.withLock { state in
            guard state.arrivals.count < LogQueryWorker.longestQueue else { return false }
            state.arrivals.append(arrival)
            return true
        }
        work.signal()
        return isTaken
    }

    /// What is done since the last call.
    func collect() -> (answers: [LogAnswer], arrivals: [(Handshake.Arrival, isRecorded: Bool)]) {
        answered.clear()
        return state.withLock { state in
            defer {
                state.answers = []
                state.recorded = []
            }
            return (state.answers, state.recorded)
        }
    }

    /// What has changed since the last call of what identities use of ``Budgets/Resource/auditRows``.
    func takeRecordings() -> [String: Budgets.Line] {
        state.withLock { state in
            defer { state.recordings = [:] }
            return state.recordings
        }
    }

    var load: ReplayLoad {
        state.withLock { state in
            state.load.queue = state.inbox.count
            return state.load
        }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        work.signal()
    }

    /// The thread's whole life: opens its reader, answers until ``stop()``.
    /// - recorder: records who reads; nil records nothing.
    /// - unreadable: told when the log can't be read, at most once per ``silence``.
    func run(
        _ recorder: AuditRecorder? = nil, unreadable: (StoreError) -> Void = { _ in },
        _ open: () throws(StoreError) -> any AlertReader
    ) {
        var reader: (any AlertReader)?
        var told: Duration?
        func tell(_ error: StoreError) {
            let now = steadyClock()
            if let told, now - told < LogQueryWorker.silence { return }
            told = now
            unreadable(error)
        }
        yieldToOthers(steps: LogQueryWorker.politeness)
        recorder?.prepare()
        prepared.signal()
        while true {
            let (queries, isStopping) = state.withLock { state in
                var some: [LogQuery] = []
                while some.count < LogQueryWorker.answeredAtOnce, let next = state.inbox.popFirst() {
                    some.append(next)
                }
                return (some, state.isStopping)
            }
            if isStopping { break }
            record(recorder)
            let answers = answer(queries, recorder, &reader, tell, open)
            if !answers.isEmpty {
                state.withLock { state in
                    state.answers += answers
                    for case let alerts? in answers.map(\.alerts) {
                        state.load.pages &+= 1
                        state.load.alerts &+= UInt64(clamping: alerts)
                    }
                }
                answered.signal()
            }
            recorder?.maintain()
            if queries.isEmpty { work.wait(atMost: AuditRecorder.pause) }
        }
        try? reader?.close()
        recorder?.close()
    }

    /// Records who is let in to a feed: between two queries, each of which is short.
    private func record(_ recorder: AuditRecorder?) {
        let arrivals = state.withLock { state in
            defer { state.arrivals = [] }
            return state.arrivals
        }
        guard !arrivals.isEmpty else { return }
        let recordings = recorded(arrivals.map(\.event), recorder)
        state.withLock { state in
            state.recorded += zip(arrivals, recordings).map { ($0, $1 == .done) }
        }
        answered.signal()
    }

    private func recorded(_ events: [AuditEvent], _ recorder: AuditRecorder?) -> [AuditRecorder.Recording] {
        guard let recorder, !events.isEmpty else { return events.map { _ in .done } }
        let recordings = recorder.record(events)
        let lines = Set(events.map(\.identity)).map { ($0, recorder.used(by: $0)) }
        state.withLock { state in
            for case (let identity, let line?) in lines { state.recordings[identity] = line }
        }
        return recordings
    }

    /// Reads for all, records who read, and only then has answers.
    private func answer(
        _ queries: [LogQuery], _ recorder: AuditRecorder?, _ reader: inout (any AlertReader)?,
        _ unreadable: (StoreError) -> Void, _ open: () throws(StoreError) -> any AlertReader
    ) -> [LogAnswer] {
        var made: [(query: LogQuery, reply: Reply)] = []
        var events: [AuditEvent] = []
        for query in queries {
            record(recorder)
            let reply = answer(query, &reader, unreadable, open)
            if var event = query.audit {
                event.complete(with: reply)
                events.append(event)
            }
            made.append((query, reply))
        }
        var recordings = recorded(events, recorder)
        recordings.reverse()
        return made.map { query, reply in
            let recording = query.audit == nil ? .done : recordings.popLast() ?? .failed
            let sent =
                recording.refusal.map { code, reason in
                    Reply.refused(
                        Reply.Refused(
                            request: query.request == 0 ? nil : query.request, code: code, reason: reason)
                    )
                } ?? reply
            var answer = LogAnswer(asker: query.asker, request: query.request, frames: sent.frames())
            if case .page(let page, _) = sent { answer.alerts = page.count }
            if case .related(let body) = sent {
                answer.related = RelatedCount(
                    alert: body.alert, named: body.matches.count, isHidden: body.hidden ?? false)
            }
            return answer
        }
    }

    private func answer(
        _ query: LogQuery, _ reader: inout (any AlertReader)?, _ unreadable: (StoreError) -> Void,
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
            return try QueryRunner(log: log, query: query).reply()
        } catch {
            unreadable(error)
            // Its connection may be gone: the next query makes another.
            if error.cause == .unreachable {
                try? reader?.close()
                reader = nil
            }
            return .refused(
                Reply.Refused(
                    request: query.request == 0 ? nil : query.request, code: .unavailable,
                    reason: "the hub can't read its log"))
        }
    }
}

extension AuditRecorder.Recording {
    /// The refusal that the asker gets instead of the answer; nil: the answer may leave.
    fileprivate var refusal: (code: ReasonCode, reason: String)? {
        switch self {
        case .done: nil
        case .failed: (.unavailable, "the hub can't record who reads")
        case .tooMany:
            (
                .busy,
                "you have read more different things within an hour than the hub records: wait, or ask its operator"
            )
        }
    }
}

extension AuditEvent {
    /// Completes the audit event with the extent of the answer.
    fileprivate mutating func complete(with reply: Reply) {
        if case .related(let body) = reply { alerts = UInt64(clamping: body.matches.count) }
        if action == .seen { alerts = if case .seen = reply { 1 } else { 0 } }
        guard case .page(let page, _) = reply else { return }
        alerts = UInt64(clamping: page.count)
        guard action == .replay else { return }
        after = page.after
        through = page.through
    }
}
