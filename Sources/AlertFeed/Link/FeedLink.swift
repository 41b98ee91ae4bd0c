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
    /// Over a link that lasts, the hub is greeted again after this time: only a welcome tells of keys that will follow the
    /// hub's own.
    static let greeting = Duration.seconds(3_600)
    /// A request without a reply for this long is asked again.
    static let patience = Duration.seconds(5)
    /// A reader that doesn't follow gives up when the hub can't be reached for this long.
    static let reach = Duration.seconds(10)
    /// A reader that doesn't follow gives up when nothing it asked for has come for this long.
    static let standstill = Duration.seconds(30)
    /// While the stream runs, the reader has the hub sign for the position that it has reached this often.
    static let vouching = Duration.seconds(10)

    let plan: Plan
    var state = State.down
    /// nil before it has begun.
    var stream: FeedStream?
    var page = Page.none
    var verifier: CheckpointVerifier
    /// Where the topics' chains stood at the kept checkpoint, as the hub has proved again on this link; nil: none was kept.
    var proven: (offset: UInt64, marks: [UInt32: TopicMark])?
    /// The hub has signed for everything that the stream holds up to this offset.
    var vouchedThrough: UInt64 = 0
    var nextVouching = Duration.zero
    var vouchingAsked: Vouching?
    var ledger = ShownLedger()
    var escalations = EscalationNews()
    var escalated: [Escalations.Entry] = []
    var silence = SilenceWatch()
    /// The last welcome said so.
    var mayKnowSilence = false
    var request: UInt64 = 0
    var isWelcomed = false
    /// When the last question of a greeting was asked, when the hub was greeted last, and when its feed was last heard.
    var questioned: Duration
    var greeted: Duration
    var heard: Duration
    /// When an answer last brought the reading on, and why the hub last said that it can't.
    private var progressed: Duration
    private var excuse: String?

    init(_ plan: Plan, _ verifier: CheckpointVerifier, at now: Duration) {
        self.plan = plan
        self.verifier = verifier
        (questioned, greeted, heard, progressed) = (now, now, now, now)
    }

    /// Whether messages of the feed are taken. Between a hello and its welcome they are not: alerts that the hub stored after
    /// it wrote the welcome may overtake it on the feed, and by the welcome the log would then seem to end before what the
    /// reader has.
    var takesFeed: Bool {
        switch state {
        case .greeting, .verifying, .ended: false
        case .down, .locating, .starting, .reading: true
        }
    }

    /// Whether the hub's welcome is believed.
    var isLinked: Bool {
        switch state {
        case .locating, .starting, .reading: true
        case .down, .greeting, .verifying, .ended: false
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
            if mayKnowSilence { next = min(next, silence.due) }
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

    /// The hub refuses the key on the feed's socket: it was revoked, or its grant has changed. The answer to a new hello says
    /// which.
    mutating func feedRefused(_ now: Duration) -> [Action] {
        state == .down || state == .ended ? [] : greet(now)
    }

    mutating func replied(_ reply: Reply, _ now: Duration) -> [Action] {
        guard state != .ended else { return [] }
        switch reply {
        case .welcome(let welcome):
            guard state == .greeting(request: welcome.request) else { return [] }
            return verify(welcome, now)
        case .checkpoint(let answer): return vouched(answer, now)
        case .located(let located):
            guard case .locating(located.request, let welcome, let selection) = state else { return [] }
            progress(now)
            return begin(after: located.after, log: nil, welcome, selection, now)
        case .page(let page, let bytes): return received(page, bytes, now)
        case .refused(let refused):
            return ledger.refused(refused.request, refused.code) || silence.refused(refused.request)
                ? [] : refuse(refused)
        case .shown(let answer):
            ledger.confirmed(answer.request)
            return []
        case .silent(let answer):
            silence.answered(answer)
            return []
        case .alive, .acknowledged, .resume, .related, .status, .noticed, .compromised, .seen, .answered:
            return []
        }
    }

    /// A message of the feed. One that isn't understood is as good as lost: the heads of the next one show what is missing.
    /// - hasRoom: whether there is room for its alerts. Without room the message is dropped: the stream finds the gap later,
    ///   and replays it when there is room.
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

    /// - hasRoom: whether there is room for another page.
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
                actions =
                    askForPage(hasRoom: hasRoom, now) + keepVouching(now) + report(isLast: false, now)
                    + askForSilence(now)
            }
        }
        guard !plan.follows, now - progressed >= limit else { return actions }
        guard isWelcomed else {
            state = .ended
            return actions + [.giveUp]
        }
        return actions + fail(.standstill(FeedLink.standstill, excuse))
    }

    /// The hub's next key is kept: its operator sees in the status who still lacks it.
    mutating func tookOver() -> [Action] {
        state == .down || state == .ended
            ? [] : [.ask(.alive(Request.Alive(request: number(), depth: 0, oldest: nil)))]
    }

    // MARK: Reading

    /// A page has come, and is given to ``replied(_:_:)`` next: the one after it is asked for first.
    mutating func announce(_ page: Reply.Page, hasRoom: Bool, _ now: Duration) -> [Action] {
        guard takesFeed, case .asked(let replay, _) = self.page, replay.request == page.request,
            let next = stream?.announce(page)
        else { return [] }
        self.page = .wanted(next)
        return askForPage(hasRoom: hasRoom, now)
    }

    private mutating func received(_ page: Reply.Page, _ bytes: [UInt8], _ now: Duration) -> [Action] {
        // A page that was asked for before the hello may hold alerts that the welcome does not know of yet. It is dropped; the
        // next page brings them again.
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
            // Whoever takes the alerts may take as long as they like: waiting for them is no standstill of the hub's.
            progress(now)
            return actions
        }
        page = .asked(replay, at: now)
        return actions + [.ask(.replay(replay))]
    }

    mutating func take(_ given: [FeedStream.Action]) -> [Action] {
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
            // The request is made again after ``patience``.
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
