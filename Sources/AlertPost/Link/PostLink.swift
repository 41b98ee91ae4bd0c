package import Alerts
package import LogProof
internal import Printable
package import Wire

/// What a post says to the hub and when: greets, sends its outbox in order within a window, takes answers, starts again
/// wherever it is told to. Go-back-N. A value: events and times in, actions out; what of it is said to people, and how often,
/// is ``LinkAccount``'s. PROTOCOL.md, "A post's link", has the state diagram.
package struct PostLink: Sendable {
    /// When what was sent stays without an answer for this long, the post asks the hub how far it has come.
    static let patience = Duration.seconds(3)
    /// How often the post shows that it lives, also with nothing to send.
    static let sign = Duration.seconds(10)
    /// How long a post that was refused waits before it greets again.
    static let refusedPause = Duration.seconds(15)
    /// How long it waits where the hub says that another process lives under this name: it may be the post's own former
    /// process, whose power was cut.
    static let inUsePause = Duration.seconds(2)
    /// How long it waits where another hub writes, unless it goes there: this one may be about to.
    static let elsewherePause = Duration.milliseconds(250)
    /// The longest pause that a hub may ask for.
    static let longestPause = Duration.seconds(60)
    /// How often a new checkpoint is kept while the link is up.
    static let keeping = Duration.seconds(60)

    package internal(set) var state = State.down
    private(set) var isIngestUp = false
    var window = SendWindow()
    /// The epoch, the last sequence used, and the alerts that wait, as of the last look at the outbox.
    var outbox: Outbox.Summary
    /// What is known of our clock.
    private(set) var skew = Skew()
    var request: UInt64 = 0
    var answers = AnswerWatch()
    /// nil: not told to the hub.
    private let instance: HexNumber?
    package var verifier: CheckpointVerifier
    private var nextKeeping: Duration = .zero
    /// Why the hub has the post wait, as long as nothing more is answered; nil: it does not, or only shortly.
    package private(set) var held: String?
    private var nextSign: Duration = .zero
    /// The sequence that ``settle()`` has asked about since the last sign of life; 0: none.
    private var askedAbout: UInt64 = 0
    var stored = StoredCheck()
    /// Whether the hub that welcomed the post last says what its alerts may be related to.
    package private(set) var tellsRelated = false
    /// How several alerts are sent in one message; nil: each goes alone.
    package private(set) var batching: IngestBatch.Coding?
    /// Where the hub takes as long as this to answer a hello, what is sent is worth compressing: the link is thin, or far.
    static let thin = Duration.milliseconds(50)
    /// How long the hub's answer to the last hello took.
    private var answerTime = Duration.zero

    /// - instance: random, so that of two processes with one identity the hub takes only one.
    package init(
        _ outbox: Outbox.Summary,
        _ verifier: CheckpointVerifier = CheckpointVerifier(hub: [], kept: []), instance: HexNumber? = nil
    ) {
        self.outbox = outbox
        self.verifier = verifier
        self.instance = instance
    }

    package var epoch: UInt64 { outbox.epoch }
    package var inFlight: UInt64 { window.inFlight }
    /// The hub has consumed everything up to here.
    var consumed: UInt64 { window.consumed }

    /// When ``tick(_:)`` is due at the latest.
    package var nextTick: Duration {
        switch state {
        case .down: return .seconds(Int64.max / 4)
        case .greeting(_, let since), .verifying(_, let since), .reopening(_, let since):
            return since + PostLink.patience
        case .refused(let refusal, _, let since):
            return refusal.pause.map { since + $0 } ?? .seconds(Int64.max / 4)
        case .settling(let until): return min(nextSign, until, flightEnd)
        case .sending(let pausedUntil): return min(nextSign, pausedUntil ?? nextSign, flightEnd)
        }
    }

    /// When the hub is asked again where it stands.
    private var flightEnd: Duration {
        window.inFlight > 0 ? window.progress + PostLink.patience : .seconds(Int64.max / 4)
    }

    // MARK: Events

    package mutating func controlUp(_ now: Duration) -> [Action] {
        stored.connected(now)
        return greet(now)
    }

    package mutating func controlDown() -> [Action] {
        switch state {
        // While the key is refused, each further try ends with this event: the link stays refused.
        case .down, .refused(.key, _, _): return []
        default:
            state = .down
            return [.tell(.linkDown, "the link to the hub is down")]
        }
    }

    /// libzmq says that the hub's ZAP handler refused our key.
    mutating func keyRefused(_ now: Duration) {
        refuse(.key, "the hub does not know this post's key: has it been enrolled?", now)
    }

    /// The hub's subscription to ingest has arrived, or has gone. Nobody knows what became of the alerts in flight then, so
    /// the hub is asked.
    package mutating func ingestChanged(isUp: Bool, _ now: Duration) -> [Action] {
        isIngestUp = isUp
        switch state {
        case .down, .refused: return []
        case .greeting, .verifying, .reopening, .settling, .sending: return isUp ? greet(now) : []
        }
    }

    /// The outbox has changed, or may have.
    package mutating func outboxChanged(_ summary: Outbox.Summary, _ now: Duration) -> [Action] {
        let isNewEpoch = summary.epoch != epoch
        outbox = summary
        guard isNewEpoch else {
            window.mayHaveMore = true
            return pump(now)
        }
        window = SendWindow()
        stored.newEpoch()
        return state == .down ? [] : greet(now)
    }

    package mutating func replied(_ reply: Reply, clock: Timestamp, _ now: Duration) -> [Action] {
        switch reply {
        case .welcome(let welcome): return verify(welcome, clock, now)
        case .checkpoint(let answer): return vouched(answer, clock, now)
        case .acknowledged(let answer): return toldOfStored(answer) ?? acknowledged(answer, now)
        case .resume(let resume): return resumed(resume, now)
        case .refused(let refused): return self.refused(refused, now)
        case .alive(let alive):
            skew.see(hub: alive.time, ours: clock)
            return see(alive.checkpoint, now)
        case .related(let related): return related.request == nil ? [.note(related)] : []
        case .seen(let seen): return told(seen)
        case .answered(let answered): return told(answered)
        case .page, .located, .status, .noticed, .silent, .compromised, .shown: return []
        }
    }

    /// The entries that a ``Action/fetch`` asked for.
    package mutating func fetched(_ entries: [Outbox.Entry], asked limit: Int, _ now: Duration) -> [Action] {
        guard case .sending = state else { return [] }
        window.mayHaveMore = entries.count >= limit
        var actions: [Action] = []
        for entry in entries {
            let expected = window.sent + 1
            guard window.send(entry.sequence) else {
                refuse(
                    .hubBehind,
                    "the hub expects sequence \(expected), which this outbox has as answered: the hub has lost alerts "
                        + "that it had stored", now)
                return actions
            }
            actions.append(
                entry.isErased || window.givenUp.contains(entry.sequence) ? .giveUp(entry) : .send(entry))
        }
        if !entries.isEmpty, inFlight == UInt64(entries.count) { window.progress = now }
        return actions
    }

    package mutating func tick(_ now: Duration) -> [Action] {
        switch state {
        case .down: return []
        case .greeting(_, let since), .verifying(_, let since), .reopening(_, let since):
            return now >= since + PostLink.patience ? greet(now) : []
        case .refused(let refusal, _, let since):
            return refusal.pause.map { now >= since + $0 } ?? false ? greet(now) : []
        case .settling(let time), .sending(let time?):
            if now >= time { state = .sending(pausedUntil: nil) }
        case .sending(nil): break
        }
        guard now < flightEnd else { return greet(now) }
        return (now >= nextSign ? showLife(now) : []) + pump(now)
    }

    // MARK: Steps

    private mutating func greet(_ now: Duration) -> [Action] {
        let request = number()
        state = .greeting(request: request, since: now)
        var hello = Request.Hello(
            request: request, program: "borderwire-post", epoch: HexNumber(epoch), last: outbox.last,
            instance: instance)
        hello.related = true
        hello.answers = true
        return [.ask(.hello(hello))]
    }

    private mutating func verify(_ welcome: Reply.Welcome, _ clock: Timestamp, _ now: Duration) -> [Action] {
        guard case .greeting(welcome.request, let since) = state else { return [] }
        answerTime = now - since
        do throws(CheckpointVerifier.Fork) {
            guard let unverified = try UnverifiedWelcome(welcome, verifier, request: number()) else {
                return welcomed(welcome, clock, now)
            }
            state = .verifying(unverified, since: now)
            return [.ask(.checkpoint(unverified.question))]
        } catch {
            refuse(error, now)
            return []
        }
    }

    private mutating func vouched(
        _ answer: Reply.Checkpoint, _ clock: Timestamp, _ now: Duration
    ) -> [Action] {
        guard case .verifying(let unverified, _) = state else { return [] }
        do throws(CheckpointVerifier.Fork) {
            guard try unverified.isSettled(by: answer, verifier) else { return [] }
            return welcomed(unverified.welcome, clock, now)
        } catch {
            refuse(error, now)
            return []
        }
    }

    private mutating func see(_ checkpoint: SignedCheckpoint?, _ now: Duration) -> [Action] {
        guard let checkpoint, isWelcomed else { return [] }
        do throws(CheckpointVerifier.Fork) {
            guard try verifier.see(checkpoint), now >= nextKeeping else { return [] }
            nextKeeping = now + PostLink.keeping
            return [.keep(verifier.kept)]
        } catch {
            refuse(error, now)
            return []
        }
    }

    /// - isReopened: whether the outbox has been told already that the hub is behind it.
    mutating func welcomed(
        _ welcome: Reply.Welcome, _ clock: Timestamp, isReopened: Bool = false, _ now: Duration
    ) -> [Action] {
        skew.see(hub: welcome.time, ours: clock)
        tellsRelated = welcome.related ?? false
        let codings = (welcome.batches ?? []).compactMap(IngestBatch.Coding.init)
        batching =
            codings.contains(.zstd) && answerTime >= PostLink.thin ? .zstd : codings.first { $0 == .plain }
        guard let port = welcome.ingest, let through = welcome.through else {
            refuse(.hub(.grant), "the hub offers no ingest to this post", now)
            return []
        }
        guard !isBehind(through) else {
            return fallBehind(welcome, through, isReopened: isReopened, now)
        }
        window.start(after: through, now)
        nextSign = now
        askedAbout = 0
        state = .sending(pausedUntil: nil)
        let kept = see(welcome.checkpoint, now)
        guard isWelcomed else { return kept }
        let questions = settle()
        if !questions.isEmpty { state = .settling(until: now + PostLink.patience) }
        answers.restart()
        return [.connectIngest(port: port)] + kept + questions + pump(now) + askForAnswers()
    }

    private mutating func resumed(_ resume: Reply.Resume, _ now: Duration) -> [Action] {
        guard resume.epoch.value == epoch, isWelcomed, resume.from >= 1 else { return [] }
        window.resume(from: resume.from, now)
        let wait = max(.zero, min(.milliseconds(Int64(clamping: resume.wait ?? 0)), PostLink.longestPause))
        state = .sending(pausedUntil: wait > .zero ? now + wait : nil)
        if let reason = resume.reason { held = printable(reason) }
        return pump(now)
    }

    private mutating func refused(_ refused: Reply.Refused, _ now: Duration) -> [Action] {
        switch refused.code {
        case .signature: return unsealed(refused)
        case .elsewhere:
            // Unasked: it writes the log no more. What it has not answered is asked of the next hub, or of this one again.
            if isWelcomed { return greet(now) }
            guard case .greeting(let request, _) = state else { return [] }
            state = .greeting(request: request, since: now - PostLink.patience + PostLink.elsewherePause)
            return []
        case .grant, .epoch, .epochs, .outboxBehind, .conflict, .inUse, .version:
            refuse(.hub(refused.code), printable(refused.reason), now)
            return []
        default:
            if answers.refused(refused.request) { return askForAnswers() }
            let words = "(\(printable(refused.code.rawValue))): \(printable(refused.reason))"
            return [.tell(.requestRefused, "the hub refused a request \(words)")]
        }
    }

    private mutating func showLife(_ now: Duration) -> [Action] {
        nextSign = now + PostLink.sign
        askedAbout = 0
        return settle() + lookAtStored(now) + [
            .ask(
                .alive(
                    Request.Alive(
                        request: number(), depth: UInt64(clamping: outbox.depth),
                        oldest: outbox.oldest?.queued.milliseconds)))
        ]
    }

    /// Whether the hub has consumed alerts that still wait here: their answer was lost, or could not be written down.
    var lacksAnswers: Bool { outbox.oldest.map { $0.sequence <= consumed } ?? false }

    /// Asks the hub what became of them. It asks once between two signs of life for the same sequence, since the hub may have
    /// no answer.
    private mutating func settle() -> [Action] {
        guard lacksAnswers, let oldest = outbox.oldest?.sequence, oldest != askedAbout else { return [] }
        askedAbout = oldest
        let through = min(consumed, oldest + WireLimits.outcomes - 1)
        return [
            .ask(
                .outcomes(
                    Request.Outcomes(
                        request: number(), epoch: HexNumber(epoch), from: oldest, through: through)))
        ]
    }

    private mutating func acknowledged(_ answer: Reply.Acknowledged, _ now: Duration) -> [Action] {
        // The welcome is not believed yet. If these answers counted now, the welcome, which is older, would look like that of
        // a hub that has lost alerts. Once it is believed, the post asks what became of them.
        if case .verifying = state { return [] }
        guard answer.epoch.value == epoch else { return [] }
        if window.acknowledge(through: answer.through, now) { held = nil }
        let (answers, checks) = answer.forOutbox
        return (answers.isEmpty ? [] : [.resolve(answers, checks)]) + pump(now)
    }

    /// The answers are in the outbox. If older alerts still wait there, their answer was lost, and is asked for.
    /// - conflict: sequences under which the hub has other alerts than the outbox.
    package mutating func resolved(
        _ summary: Outbox.Summary, conflict: ClosedRange<UInt64>? = nil, _ now: Duration
    ) -> [Action] {
        // The operator has begun a new epoch meanwhile.
        guard summary.epoch == epoch else { return outboxChanged(summary, now) }
        outbox = summary
        if let conflict {
            refuse(
                .hub(.conflict),
                "the hub has other alerts than this outbox under sequences from \(conflict.lowerBound) on: the outbox was "
                    + "restored from an older copy, or another machine publishes under this name. Its alerts wait; to send "
                    + "them under a new epoch: borderwire-post new-epoch", now)
            return []
        }
        guard isWelcomed else { return [] }
        let more = settle()
        guard case .settling = state, !lacksAnswers else { return more }
        state = .sending(pausedUntil: nil)
        return pump(now)
    }

    mutating func pump(_ now: Duration) -> [Action] {
        guard case .sending(nil) = state, isIngestUp, window.mayHaveMore, window.room > 0 else { return [] }
        return [.fetch(after: window.sent, limit: window.room)]
    }

    mutating func refuse(_ refusal: Refusal, _ reason: String, _ now: Duration) {
        state = .refused(refusal, reason: reason, since: now)
    }

    private mutating func refuse(_ fork: CheckpointVerifier.Fork, _ now: Duration) {
        refuse(
            .fork, "\(fork.description); the post keeps its alerts until the operators have settled it", now)
    }

    mutating func number() -> UInt64 {
        request += 1
        return request
    }
}
