internal import Alerts
internal import LogProof
internal import Settings
internal import Wire

/// From a hello to the beginning of the stream: whether the hub's welcome is believed, and where the stream begins.
extension FeedLink {
    mutating func greet(_ now: Duration) -> [Action] {
        let request = number()
        state = .greeting(request: request)
        (questioned, greeted, heard) = (now, now, now)
        forgetQuestions()
        return [.ask(.hello(Request.Hello(request: request, program: "borderwire \(programVersion)")))]
    }

    mutating func forgetQuestions() {
        page = .none
        vouchingAsked = nil
        ledger.lost()
    }

    mutating func verify(_ welcome: Reply.Welcome, _ now: Duration) -> [Action] {
        guard let grant = Grant(slugs: welcome.read), !grant.isEmpty else {
            return fail(.nothingGranted(welcome.identity))
        }
        let selection: Selection
        switch plan.wanted.selection(grant, plan.directory) {
        case .topics(let topics): selection = topics
        case .missing(let missing): return fail(.notGranted(missing, of: grant, to: welcome.identity))
        }
        do throws(CheckpointVerifier.Fork) {
            guard
                let unverified = try UnverifiedWelcome(
                    welcome, verifier, request: number(), topics: selection.names)
            else {
                return welcomed(welcome, selection, now)
            }
            state = .verifying(unverified, selection)
            questioned = now
            return [.ask(.checkpoint(unverified.question))]
        } catch {
            return fail(forked(error))
        }
    }

    private mutating func welcomed(
        _ welcome: Reply.Welcome, _ selection: Selection, _ now: Duration
    ) -> [Action] {
        if let stream, stream.log == welcome.log.value, welcome.offset < stream.position {
            return fail(.alertsGone(end: welcome.offset, before: stream.position))
        }
        guard let port = welcome.feed else { return fail(.nothingGranted(welcome.identity)) }
        if let stream, stream.selection != selection { return fail(.grantChanged(welcome.identity)) }
        isWelcomed = true
        heard = now
        mayKnowSilence = plan.watchesSilence && welcome.may?.contains("receipts") == true
        return [.connectFeed(port: port, selection)] + tell(welcome.escalations, selection)
            + proceed(welcome, selection, now)
    }

    /// Only who waits for what comes is told of what nobody has looked at.
    mutating func tell(_ news: Escalations?, _ selection: Selection) -> [Action] {
        guard plan.follows else { return [] }
        let entries = escalations.take(news, selection)
        escalated = (escalated + entries).suffix(EscalationNews.mostTold)
        return entries.map { .tell(EscalationNews.line($0)) }
    }

    /// What was told of escalations since this was last asked for.
    mutating func takeEscalations() -> [Escalations.Entry] {
        defer { escalated = [] }
        return escalated
    }

    private mutating func proceed(
        _ welcome: Reply.Welcome, _ selection: Selection, _ now: Duration
    ) -> [Action] {
        if stream != nil {
            state = .reading
            return take(stream?.welcomed(welcome) ?? [])
        }
        switch plan.start {
        case .now: return begin(after: welcome.offset, log: nil, welcome, selection, now)
        case .after(let offset, let log): return begin(after: offset, log: log, welcome, selection, now)
        case .since(let moment): return locate(moment, welcome, selection, now)
        case .last(let count):
            return begin(
                after: Start.before(welcome, alerts: count), log: nil, welcome, selection, now)
        case .ago(let span):
            return locate(Timestamp(milliseconds: welcome.time).before(span), welcome, selection, now)
        }
    }

    private mutating func locate(
        _ moment: Timestamp, _ welcome: Reply.Welcome, _ selection: Selection, _ now: Duration
    ) -> [Action] {
        let request = number()
        state = .locating(request: request, welcome, selection)
        questioned = now
        return [.ask(.locate(Request.Locate(request: request, since: moment.milliseconds)))]
    }

    mutating func begin(
        after: UInt64, log: UInt64?, _ welcome: Reply.Welcome, _ selection: Selection, _ now: Duration
    ) -> [Action] {
        guard after <= welcome.offset else { return fail(.logTooShort(end: welcome.offset, after)) }
        if let proven, proven.offset <= after {
            return begin(
                FeedStream(
                    selection, after: proven.offset, log: log, quietThrough: after,
                    chains: TopicChains(proven.marks)), welcome)
        }
        if after == 0 {
            return begin(FeedStream(selection, after: 0, log: log, chains: TopicChains([:])), welcome)
        }
        let request = number()
        state = .starting(request: request, welcome, selection, after: after, log: log)
        questioned = now
        return [
            .ask(
                .checkpoint(
                    Request.Checkpoint(request: request, offset: after, topics: selection.names)))
        ]
    }

    private mutating func begin(_ stream: FeedStream, _ welcome: Reply.Welcome) -> [Action] {
        let beginning = Beginning(
            offset: stream.beginning, log: welcome.log.value, hubTime: Timestamp(milliseconds: welcome.time),
            greeted: greeted)
        self.stream = stream
        state = .reading
        return [.begin(beginning)] + take(self.stream?.welcomed(welcome) ?? [])
    }

    /// The hub's word for its log, asked for to believe a welcome, to begin the stream, or to verify it.
    mutating func vouched(_ answer: Reply.Checkpoint, _ now: Duration) -> [Action] {
        do throws(CheckpointVerifier.Fork) {
            switch state {
            case .verifying(let unverified, let selection):
                guard try unverified.isSettled(by: answer, verifier) else { return [] }
                progress(now)
                let offset = unverified.question.offset
                proven = (offset, try marks(in: answer, at: offset, selection))
                vouchedThrough = max(vouchedThrough, offset)
                return welcomed(unverified.welcome, selection, now)
            case .starting(answer.request, let welcome, let selection, let after, let log):
                progress(now)
                var chains = TopicChains(try marks(in: answer, at: after, selection))
                guard answer.checkpoint.checkpoint.log == welcome.log.value else { return [] }
                if let proven { chains.expect(proven.marks, at: proven.offset) }
                return begin(FeedStream(selection, after: after, log: log, chains: chains), welcome)
            case .reading: return try verified(by: answer, now)
            case .down, .greeting, .locating, .starting, .ended: return []
            }
        } catch {
            return fail(forked(error))
        }
    }
}
