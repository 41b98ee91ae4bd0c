internal import Alerts
internal import Identity
internal import LogProof
internal import Printable
internal import Settings
internal import Wire

/// What a reader says to the hub and when: greets, believes a welcome once the hub's log continues the one that it had signed
/// for, finds the place where the stream begins, asks for what the stream lacks, and has the hub vouch for what it has come
/// to. A value: events and times in, actions out, no clock and no I/O. PROTOCOL.md, "Reading a feed".
struct FeedLink: Sendable {
    /// Without a heartbeat for this long the hub is greeted anew.
    static let silence = Duration.seconds(5)
    /// The hub is greeted so often over a link that lasts: its welcome tells of keys that will follow its own.
    static let greeting = Duration.seconds(3_600)
    /// A request without a reply for this long is asked again.
    static let patience = Duration.seconds(5)
    /// A reader that doesn't follow gives up when the hub can't be reached for this long.
    static let reach = Duration.seconds(10)
    /// A reader that doesn't follow gives up when nothing it asked for has come for this long.
    static let standstill = Duration.seconds(30)
    /// How often the hub has to vouch for what a running stream has come to.
    static let vouching = Duration.seconds(10)

    let plan: Plan
    private(set) var state = State.down
    /// nil before it has begun.
    private(set) var stream: FeedStream?
    private var page = Page.none
    var verifier: CheckpointVerifier
    /// The chains at a checkpoint that was kept, as the hub proved them anew.
    private var proven: (offset: UInt64, marks: [UInt32: TopicMark])?
    /// The stream is verified up to this offset.
    var vouchedThrough: UInt64 = 0
    var nextVouching = Duration.zero
    var vouchingAsked: Vouching?
    var ledger = ShownLedger()
    private var escalations = EscalationNews()
    private var escalated: [Escalations.Entry] = []
    var request: UInt64 = 0
    private var isWelcomed = false
    /// When the last question of a greeting was asked, when the hub was greeted last, and when its feed was last heard.
    private var questioned: Duration
    private var greeted: Duration
    private var heard: Duration
    /// When an answer last brought the reading on, and why the hub last said that it can't.
    private var progressed: Duration
    private var excuse: String?

    init(_ plan: Plan, _ verifier: CheckpointVerifier, at now: Duration) {
        self.plan = plan
        self.verifier = verifier
        (questioned, greeted, heard, progressed) = (now, now, now, now)
    }

    /// From a hello to its welcome nothing is taken from the feed, where the hub's later alerts may overtake the welcome: its
    /// log would seem to end before what we have.
    var takesFeed: Bool {
        switch state {
        case .greeting, .verifying, .ended: false
        case .down, .locating, .starting, .reading: true
        }
    }

    /// When ``tick(hasRoom:_:)`` is due at the latest.
    var nextTick: Duration {
        var next = Duration.seconds(Int64.max / 4)
        switch state {
        case .ended: return next
        case .down: break
        case .greeting, .verifying, .locating, .starting: next = questioned + FeedLink.patience
        case .reading:
            next = min(heard + FeedLink.silence, greeted + FeedLink.greeting, vouchingDue ?? next)
            if let due = ledger.due { next = min(next, due) }
            if case .asked(_, let since) = page { next = min(next, since + FeedLink.patience) }
        }
        return plan.follows ? next : min(next, progressed + limit)
    }

    /// How long a reader that doesn't follow waits for the next progress.
    private var limit: Duration { isWelcomed ? FeedLink.standstill : FeedLink.reach }

    // MARK: Events

    mutating func controlUp(_ now: Duration) -> [Action] {
        guard state != .ended else { return [] }
        let isBack = state == .down && isWelcomed
        return (isBack ? [.tell("the link to the hub is back")] : []) + greet(now)
    }

    mutating func controlDown() -> [Action] {
        guard state != .down, state != .ended else { return [] }
        state = .down
        forgetQuestions()
        return [.tell("the link to the hub is lost; trying again")]
    }

    /// The hub does not know our key.
    /// - isLast: it has no other address that was not tried yet.
    mutating func keyRefused(isLast: Bool) -> [Action] {
        guard state != .ended else { return [] }
        return isLast ? fail(.notAuthorised) : controlDown()
    }

    /// The same on the feed: the key was revoked, or is granted otherwise. The hub says which in its answer.
    mutating func feedRefused(_ now: Duration) -> [Action] {
        state == .down || state == .ended ? [] : greet(now)
    }

    mutating func replied(_ reply: Reply, _ now: Duration) -> [Action] {
        guard state != .ended else { return [] }
        switch reply {
        case .welcome(let welcome):
            guard state == .greeting(request: welcome.request) else { return [] }
            return doubt(welcome, now)
        case .checkpoint(let answer): return vouched(answer, now)
        case .located(let located):
            guard case .locating(located.request, let welcome, let selection) = state else { return [] }
            progress(now)
            return begin(after: located.after, log: nil, welcome, selection, now)
        case .page(let page, let bytes): return received(page, bytes, now)
        case .refused(let refused):
            return ledger.refused(refused.request, refused.code) ? [] : refuse(refused)
        case .shown(let answer):
            ledger.confirmed(answer.request)
            return []
        case .alive, .acknowledged, .resume, .related, .status, .noticed, .compromised, .seen, .answered:
            return []
        }
    }

    /// A message of the feed. One that isn't understood is as good as lost: the heads of the next one show what is missing.
    /// - hasRoom: for what it may hold. Without, it is let go: the stream finds the gap and replays it when there is room.
    mutating func published(_ frames: [[UInt8]], hasRoom: Bool, _ now: Duration) -> [Action] {
        heard = now
        guard hasRoom, takesFeed, stream != nil, let message = try? FeedMessage(frames: frames) else {
            return []
        }
        var news: [Action] = []
        if case .heartbeat(let heartbeat) = message, let stream, stream.log == heartbeat.log {
            do throws(CheckpointVerifier.Fork) {
                if let checkpoint = heartbeat.checkpoint { try verifier.check(checkpoint) }
            } catch {
                return fail(forked(error))
            }
            news = tell(heartbeat.escalations, stream.selection)
        }
        return news + take(stream?.received(message) ?? [])
    }

    /// - hasRoom: for a page.
    mutating func tick(hasRoom: Bool, _ now: Duration) -> [Action] {
        var actions: [Action] = []
        switch state {
        case .ended: return []
        case .down: break
        case .greeting, .verifying, .locating, .starting:
            if now - questioned >= FeedLink.patience { actions = greet(now) }
        case .reading:
            if now - heard >= FeedLink.silence || now - greeted >= FeedLink.greeting {
                actions = greet(now)
            } else {
                actions = askForPage(hasRoom: hasRoom, now) + keepVouching(now) + report(isLast: false, now)
            }
        }
        guard !plan.follows, now - progressed >= limit else { return actions }
        guard isWelcomed else {
            state = .ended
            return actions + [.giveUp]
        }
        return actions + fail(.standstill(FeedLink.standstill, excuse))
    }

    // MARK: Greeting

    private mutating func greet(_ now: Duration) -> [Action] {
        let request = number()
        state = .greeting(request: request)
        (questioned, greeted, heard) = (now, now, now)
        forgetQuestions()
        return [.ask(.hello(Request.Hello(request: request, program: "borderwire \(programVersion)")))]
    }

    private mutating func forgetQuestions() {
        page = .none
        vouchingAsked = nil
        ledger.lost()
    }

    private mutating func doubt(_ welcome: Reply.Welcome, _ now: Duration) -> [Action] {
        guard let grant = Grant(slugs: welcome.read), !grant.isEmpty else {
            return fail(.nothingGranted(welcome.identity))
        }
        let selection: Selection
        switch plan.wanted.selection(grant, plan.directory) {
        case .topics(let topics): selection = topics
        case .missing(let missing): return fail(.notGranted(missing, of: grant, to: welcome.identity))
        }
        do throws(CheckpointVerifier.Fork) {
            guard let doubt = try Doubt(welcome, verifier, request: number(), topics: selection.names) else {
                return welcomed(welcome, selection, now)
            }
            state = .verifying(doubt, selection)
            questioned = now
            return [.ask(.checkpoint(doubt.question))]
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
        return [.connectFeed(port: port, selection)] + tell(welcome.escalations, selection)
            + proceed(welcome, selection, now)
    }

    /// Only who waits for what comes is told of what nobody has looked at.
    private mutating func tell(_ news: Escalations?, _ selection: Selection) -> [Action] {
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

    private mutating func begin(
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
    private mutating func vouched(_ answer: Reply.Checkpoint, _ now: Duration) -> [Action] {
        do throws(CheckpointVerifier.Fork) {
            switch state {
            case .verifying(let doubt, let selection):
                guard try doubt.isSettled(by: answer, verifier) else { return [] }
                progress(now)
                let offset = doubt.question.offset
                proven = (offset, try marks(in: answer, at: offset, selection))
                vouchedThrough = max(vouchedThrough, offset)
                return welcomed(doubt.welcome, selection, now)
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

    // MARK: Reading

    private mutating func received(_ page: Reply.Page, _ bytes: [UInt8], _ now: Duration) -> [Action] {
        // One that was asked for before the hello may be younger than the welcome: the next one brings it all.
        guard takesFeed else { return [] }
        if case .asked(let replay, _) = self.page, replay.request == page.request { self.page = .none }
        progress(now)
        let records: [PageRecord]
        do throws(Malformed) { records = try PageRecord.decode(bytes) } catch {
            return fail(.broken(error.description))
        }
        return [.see(head: page.head)] + take(stream?.received(page, records) ?? [])
    }

    private mutating func askForPage(hasRoom: Bool, _ now: Duration) -> [Action] {
        var actions: [Action] = []
        if case .asked(_, let since) = page, now - since >= FeedLink.patience {
            page = .none
            actions = take(stream?.askAgain() ?? [])
        }
        guard case .wanted(let replay) = page else { return actions }
        guard hasRoom else {
            // Whoever takes the alerts may take as long as they like.
            progress(now)
            return actions
        }
        page = .asked(replay, at: now)
        return actions + [.ask(.replay(replay))]
    }

    private mutating func take(_ given: [FeedStream.Action]) -> [Action] {
        var actions: [Action] = []
        for action in given {
            switch action {
            case .emit(let alert): actions.append(.emit(alert))
            case .replay(let replay): page = .wanted(replay)
            case .caughtUp(let offset): actions.append(.caughtUp(offset: offset))
            case .otherLog: return actions + fail(.otherLog)
            case .forked(let words):
                return actions + fail(forked(CheckpointVerifier.Fork(description: words)))
            case .broken(let words): return actions + fail(.broken(words))
            }
        }
        return actions
    }

    private mutating func refuse(_ refused: Reply.Refused) -> [Action] {
        switch refused.code {
        case .grant: return fail(.refused(refused, namesCode: false))
        case .busy, .unavailable:
            // Asked again when its time is over.
            let reason = printable(refused.reason)
            excuse = reason
            return [.tell("the hub can't answer now: \(reason)")]
        default: return fail(.refused(refused))
        }
    }

    mutating func progress(_ now: Duration) {
        progressed = now
        excuse = nil
    }

    mutating func fail(_ failure: ReaderFailure) -> [Action] {
        state = .ended
        return [.fail(failure)]
    }

    func forked(_ fork: CheckpointVerifier.Fork) -> ReaderFailure {
        .forked(fork, kept: plan.checkpointFile)
    }

    mutating func number() -> UInt64 {
        request += 1
        return request
    }
}
