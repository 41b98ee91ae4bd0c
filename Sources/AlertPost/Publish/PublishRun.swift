public import Alerts
public import Platform
internal import Printable
internal import Settings

/// One run of `publish` or `ack`: queues, reports, waits for the hub's answers if asked to.
public final class PublishRun {
    /// Longest wait between two looks at the outbox while waiting for answers: only for the case that a daemon dies
    /// without a word, since a living one tells of each answer.
    static let longestLook = Duration.milliseconds(500)
    /// Outcomes looked up at once.
    static let stride: UInt64 = 1_000

    private let publisher: Publisher
    private let daemon: DaemonContact
    private let report: PublishReport
    private let program: OutboxProgram
    private let wait: Duration?
    /// What is waited for after an alert is stored; nil: nothing.
    private var following: AlertFollowing?
    /// Called while it waits.
    private let tend: () -> Void
    /// Queued here and not yet reported with an answer.
    private var waiting: [Outbox.Stretch] = []
    private var hasRefusals = false
    private var related = RelatedWait()
    private var answered = 0
    private var queued = 0

    /// - until: what to wait for. tend: called now and then while it waits: sees to it that somebody sends what is queued.
    public init(
        _ program: OutboxProgram, _ settings: PostSettings, wait: Duration?, until: WaitEnd = .stored,
        asJSON: Bool, tend: @escaping () -> Void = {}
    ) throws {
        publisher = try Publisher(settings)
        daemon = try DaemonContact(settings)
        report = PublishReport(program, asJSON: asJSON)
        // Before an alert is on its way that the hub may refuse.
        if daemon.isRunning, let words = publisher.clockWarning { report.skew(words) }
        self.program = program
        self.wait = wait
        following = until.answer.map { AlertFollowing(until: $0) }
        self.tend = tend
    }

    /// Queues drafts; `lines` names each in errors (nil: the one draft that the command line describes).
    public func queue(_ drafts: [[UInt8]], lines: [Int?]) throws {
        let (results, epoch) = try publisher.queue(drafts)
        var sequences: [UInt64] = []
        var known: [Outbox.Stretch] = []
        for (index, result) in results.enumerated() {
            switch result {
            case .queued(let id, let sequence, let atRisk):
                sequences.append(sequence)
                queued += 1
                report.queued(id, sequence: sequence, atRisk: atRisk, isFinal: wait == nil)
            case .known(let epoch, let status):
                queued += 1
                known.append(
                    Outbox.Stretch(epoch: epoch, sequences: status.sequence..<status.sequence + 1))
                guard wait == nil else { continue }
                if case .rejected = status.state { hasRefusals = true }
                if case .queued = status.state, let id = AlertID(bytes: status.id) {
                    report.queued(id, sequence: status.sequence, atRisk: [], isFinal: true)
                } else {
                    report.answered(status)
                }
            case .invalid(let error):
                hasRefusals = true
                report.invalid(error, line: lines[index])
            }
        }
        guard !sequences.isEmpty || !known.isEmpty else { return }
        try daemon.notify(watch: wait != nil)
        guard wait != nil else { return }
        if let first = sequences.first, let last = sequences.last {
            expect(Outbox.Stretch(epoch: epoch, sequences: first..<last + 1))
        }
        for stretch in known { expect(stretch) }
        try reportAnswers()
    }

    /// A draft that could not even be made.
    public func refuse(_ error: InvalidAlert) {
        hasRefusals = true
        report.invalid(error, line: nil)
    }

    private func expect(_ stretch: Outbox.Stretch) {
        if let previous = waiting.last, previous.epoch == stretch.epoch,
            previous.sequences.upperBound == stretch.sequences.lowerBound
        {
            waiting[waiting.count - 1].sequences =
                previous.sequences.lowerBound..<stretch.sequences.upperBound
        } else {
            waiting.append(stretch)
        }
    }

    /// Waits as long as asked, reports what is still open, and gives the exit status.
    /// - Throws: ``WorkReport/Lost`` where all is done and the output could not be written.
    public func finish() throws -> ExitStatus {
        defer { publisher.close() }
        return try report.end(try outcome(), queued: queued, hasRefusals: hasRefusals)
    }

    private func outcome() throws -> ExitStatus {
        guard let wait else {
            if queued > 0, !daemon.isRunning { report.noDaemon() }
            return hasRefusals ? .dataError : .ok
        }
        let start = steadyClock()
        while !waiting.isEmpty || following?.isEmpty == false {
            let now = steadyClock()
            let left = wait - (now - start)
            guard left > .zero else { break }
            tend()
            for alert in following?.next(now) ?? [] { try daemon.follow(alert) }
            for answer in try daemon.waitForAnswers(min(left, PublishRun.longestLook)) {
                if let sequence = following?.take(answer) { report.answered(answer, sequence: sequence) }
            }
            try reportAnswers()
            if following != nil { _ = try related.look(publisher, report) }
            report.progress(answered, of: queued, after: steadyClock() - start)
        }
        report.endProgress()
        guard waiting.isEmpty else {
            try reportOpen()
            return hasRefusals ? .dataError : .tempFail
        }
        try reportRelated(atMost: min(wait - (steadyClock() - start), RelatedWait.patience))
        if let following, !following.isEmpty {
            report.unanswered(following.open, until: following.until)
            return hasRefusals ? .dataError : .tempFail
        }
        return hasRefusals ? .dataError : .ok
    }

    /// What was stored may be about the same as what others have published.
    private func reportRelated(atMost patience: Duration) throws {
        guard try related.look(publisher, report) else { return }
        // Of a hub that says nothing of the kind nothing is waited for.
        guard try daemon.status()?.related ?? false else { return }
        let end = steadyClock() + patience
        while try related.look(publisher, report), steadyClock() < end {
            tend()
            _ = try daemon.waitForAnswers(min(end - steadyClock(), PublishRun.longestLook))
        }
    }

    /// Reports answers in sequence order, from the first that is still open; stops at one that has none yet.
    private func reportAnswers() throws {
        while var stretch = waiting.first {
            let range = stretch.sequences
            let some = range.lowerBound..<min(range.upperBound, range.lowerBound + PublishRun.stride)
            let states = try publisher.states(of: Outbox.Stretch(epoch: stretch.epoch, sequences: some))
            for status in states {
                if case .queued = status.state {
                    waiting[0].sequences = status.sequence..<range.upperBound
                    return
                }
                answered += 1
                if case .rejected = status.state { hasRefusals = true }
                if case .stored = status.state { related.stored(status.id) }
                report.answered(status)
                if case .stored = status.state, let id = AlertID(bytes: status.id) {
                    following?.add(id, sequence: status.sequence)
                }
            }
            stretch.sequences = some.upperBound..<range.upperBound
            if stretch.sequences.isEmpty { waiting.removeFirst() } else { waiting[0] = stretch }
        }
    }

    private func reportOpen() throws {
        let obstacle = try obstacle()
        for stretch in waiting {
            var first = stretch.sequences.lowerBound
            while first < stretch.sequences.upperBound {
                let end = min(stretch.sequences.upperBound, first + PublishRun.stride)
                for status in try publisher.states(
                    of: Outbox.Stretch(epoch: stretch.epoch, sequences: first..<end))
                {
                    switch status.state {
                    case .queued: report.open(status)
                    case .stored: report.answered(status)
                    case .rejected:
                        hasRefusals = true
                        report.answered(status)
                    }
                }
                first = end
            }
        }
        report.obstacle(obstacle)
    }

    private func obstacle() throws -> String {
        guard let status = try daemon.status() else {
            return daemon.isRunning ? DaemonContact.noAnswer : program.unsent
        }
        if let reason = status.reason { return "the link to the hub is \(status.link): \(printable(reason))" }
        return status.link == "up"
            ? "the link is up, \(status.depth) alerts wait: the hub has not answered yet"
            : "the link to the hub is \(status.link)"
    }
}
