package import Alerts
internal import Printable
package import Wire
package import LogProof

/// What a post says to the hub and when: greets, sends its outbox in order within a window, takes answers, starts again
/// wherever it is told to. Go-back-N. A value: events and times in, actions out. PROTOCOL.md, "A post's link", has the
/// state diagram.
package struct PostLink: Sendable {
    /// Without an answer to what is in flight for this long, the post asks where the hub stands.
    static let patience = Duration.seconds(3)
    /// How often the post shows that it lives, also with nothing to send.
    static let sign = Duration.seconds(10)
    /// How long a post that was refused waits before it greets again.
    static let refusedPause = Duration.seconds(15)
    /// The same where another process is alive under this name: it may be our own former one, whose power was cut.
    static let inUsePause = Duration.seconds(2)

    package private(set) var state = State.down
    private(set) var isIngestUp = false
    /// The hub has consumed everything up to here.
    private(set) var consumed: UInt64 = 0
    /// Sent up to here since the hub last said where it stands.
    var sent: UInt64 = 0
    package private(set) var epoch: UInt64
    /// The last sequence used, and the alerts that wait, as of the last look at the outbox.
    var outbox: Outbox.Summary
    /// What is known of our clock.
    private(set) var skew = Skew()
    private var request: UInt64 = 0
    /// nil: not told to the hub.
    private let instance: HexNumber?
    /// The refusal that was told last: said once, however often the post greets, until it is welcomed.
    private var told: State?
    var trust: Trust
    /// A welcome that tells of a hub behind this outbox, until ``reopened(_:_:_:_:)``.
    var behind: Reply.Welcome?
    /// The outbox may hold alerts after ``sent``.
    var mayHaveMore = true
    /// Alerts whose seal the hub does not take: their numbers are used up by a sealed message without a payload.
    var givenUp: Set<UInt64> = []
    /// Why the hub has the post wait, as long as nothing more is answered; nil: it does not, or only shortly.
    package internal(set) var held: String?
    /// When the operator was last told of another program's alerts under this name.
    var foreignTold: Duration?
    private var progress: Duration = .zero
    private var nextSign: Duration = .zero
    private var pausedUntil: Duration = .zero
    /// The alert that ``settle()`` has asked about since the last sign; 0 for none.
    private var settling: UInt64 = 0
    /// Nothing is sent until it is known what became of the alerts that the hub has consumed: if it has others under their
    /// sequences, none may follow them in this epoch. Without an answer for ``patience`` the post goes on.
    private(set) var isSettling = false
    var stored = StoredCheck()

    /// - instance: random, so that of two processes with one identity the hub takes only one.
    package init(_ outbox: Outbox.Summary, _ witness: CheckpointVerifier? = nil, instance: HexNumber? = nil) {
        self.outbox = outbox
        trust = Trust(witness)
        self.instance = instance
        epoch = outbox.epoch
    }

    package var inFlight: UInt64 { sent > consumed ? sent - consumed : 0 }

    /// When ``tick(_:)`` is due at the latest.
    package var nextTick: Duration {
        switch state {
        case .down: .seconds(Int64.max / 4)
        case .greeting: progress + PostLink.patience
        case .welcomed: nextSign
        // Nobody is there to be greeted: the next connection is the sign to.
        case .refused(.key, _): .seconds(Int64.max / 4)
        case .refused(let code, _): progress + PostLink.pause(after: code)
        case .up: nextTickWhileUp
        }
    }

    private static func pause(after refusal: Refusal) -> Duration {
        refusal == .hub(.inUse) ? inUsePause : refusedPause
    }

    /// A pause counts only while its end would lead to something: a tick that is due and does nothing would spin the loop.
    private var nextTickWhileUp: Duration {
        var next = nextSign
        if inFlight > 0 { next = min(next, progress + PostLink.patience) }
        if isIngestUp, mayHaveMore, pausedUntil > .zero { next = min(next, pausedUntil) }
        return next
    }

    // MARK: Events

    package mutating func controlUp(_ now: Duration) -> [Action] {
        stored.connected(now)
        return greet(now)
    }

    package mutating func controlDown() -> [Action] {
        // Each try with a key that is refused ends like this: said once is enough.
        if case .refused(.key, _) = state { return [] }
        guard state != .down else { return [] }
        state = .down
        return [.tell(.linkDown, "the link to the hub is down")]
    }

    /// libzmq says that the hub's ZAP handler refused our key.
    mutating func keyRefused(_ now: Duration) -> [Action] {
        refuse(.key, "the hub does not know this post's key: has it been enrolled?", now)
    }

    /// The hub's subscription has arrived, or has gone: what was in flight then is unknown, so ask.
    package mutating func ingestChanged(isUp: Bool, _ now: Duration) -> [Action] {
        isIngestUp = isUp
        switch state {
        case .up, .welcomed, .greeting: return isUp ? greet(now) : []
        case .down, .refused: return []
        }
    }

    /// The outbox has changed, or may have.
    package mutating func outboxChanged(_ summary: Outbox.Summary, _ now: Duration) -> [Action] {
        let isNewEpoch = summary.epoch != epoch
        outbox = summary
        epoch = summary.epoch
        mayHaveMore = true
        if isNewEpoch {
            givenUp = []
            stored.newEpoch()
            consumed = 0
            sent = 0
            return state == .down ? [] : greet(now)
        }
        return pump(now)
    }

    package mutating func replied(_ reply: Reply, clock: Timestamp, _ now: Duration) -> [Action] {
        switch reply {
        case .welcome(let welcome): return doubt(welcome, clock, now)
        case .checkpoint(let answer): return vouched(answer, clock, now)
        case .acknowledged(let answer): return toldOfStored(answer) ?? acknowledged(answer, now)
        case .resume(let resume):
            guard resume.epoch.value == epoch, state == .up, resume.from >= 1 else { return [] }
            sent = resume.from - 1
            consumed = max(min(consumed, sent), 0)
            mayHaveMore = true
            progress = now
            isSettling = false
            pausedUntil = now + .milliseconds(Int64(min(max(resume.wait ?? 0, 0), 60_000)))
            return hold(resume.reason) + pump(now)
        case .refused(let refused):
            switch refused.code {
            case .signature: return unsealed(refused)
            case .grant, .epoch, .epochs, .outboxBehind, .conflict, .inUse, .version:
                return refuse(.hub(refused.code), printable(refused.reason), now)
            default:
                return [
                    .tell(
                        .requestRefused,
                        "the hub refused a request (\(printable(refused.code.rawValue))): \(printable(refused.reason))"
                    )
                ]
            }
        case .alive(let alive):
            return skew.see(hub: alive.time, ours: clock) + see(alive.checkpoint, now)
        case .page, .located, .status, .noticed, .compromised: return []
        }
    }

    /// The entries that a ``Action/fetch`` asked for.
    package mutating func fetched(_ entries: [Outbox.Entry], asked limit: Int, _ now: Duration) -> [Action] {
        guard state == .up else { return [] }
        mayHaveMore = entries.count >= limit
        var actions: [Action] = []
        for entry in entries {
            guard entry.sequence == sent + 1 else {
                let reason =
                    "the hub expects sequence \(sent + 1), which this outbox has as answered: the hub has lost alerts "
                    + "that it had acknowledged"
                return actions + refuse(.hubBehind, reason, now)
            }
            sent = entry.sequence
            actions.append(givenUp.contains(entry.sequence) ? .giveUp(entry) : .send(entry))
        }
        if !entries.isEmpty, inFlight == UInt64(entries.count) { progress = now }
        return actions
    }

    package mutating func tick(_ now: Duration) -> [Action] {
        switch state {
        case .down, .refused(.key, _): return []
        case .greeting: return now >= progress + PostLink.patience ? greet(now) : []
        case .refused(let code, _): return now >= progress + PostLink.pause(after: code) ? greet(now) : []
        case .welcomed, .up: break
        }
        var actions: [Action] = []
        if state == .up, inFlight > 0, now >= progress + PostLink.patience { return greet(now) }
        if now >= nextSign {
            nextSign = now + PostLink.sign
            settling = 0
            actions += settle() + lookAtStored(now)
            actions.append(
                .ask(
                    .alive(
                        Request.Alive(
                            request: number(), depth: UInt64(clamping: outbox.depth),
                            oldest: outbox.oldest?.queued.milliseconds))))
        }
        return actions + pump(now)
    }

    // MARK: Steps

    private mutating func greet(_ now: Duration) -> [Action] {
        state = .greeting
        progress = now
        return [
            .ask(
                .hello(
                    Request.Hello(
                        request: number(), program: "borderwire-post", epoch: HexNumber(epoch),
                        last: outbox.last, instance: instance)))
        ]
    }

    private mutating func doubt(_ welcome: Reply.Welcome, _ clock: Timestamp, _ now: Duration) -> [Action] {
        guard state == .greeting, welcome.request == request else { return [] }
        behind = nil
        do throws(CheckpointVerifier.Fork) {
            guard let question = try trust.doubt(welcome) else { return welcomed(welcome, clock, now) }
            return [.ask(.checkpoint(Request.Checkpoint(request: number(), offset: question)))]
        } catch {
            return refuse(error, now)
        }
    }

    private mutating func vouched(
        _ answer: Reply.Checkpoint, _ clock: Timestamp, _ now: Duration
    ) -> [Action] {
        guard state == .greeting, answer.request == request else { return [] }
        do throws(CheckpointVerifier.Fork) {
            guard let welcome = try trust.vouched(answer.checkpoint) else { return [] }
            return welcomed(welcome, clock, now)
        } catch {
            return refuse(error, now)
        }
    }

    private mutating func see(_ checkpoint: SignedCheckpoint?, _ now: Duration) -> [Action] {
        guard let checkpoint, state == .up || state == .welcomed else { return [] }
        do throws(CheckpointVerifier.Fork) {
            return try trust.see(checkpoint, now) ? [.keep(trust.kept)] : []
        } catch {
            return refuse(error, now)
        }
    }

    private mutating func refuse(_ fork: CheckpointVerifier.Fork, _ now: Duration) -> [Action] {
        refuse(
            .fork, "\(fork.description); the post keeps its alerts until the operators have settled it", now)
    }

    mutating func welcomed(_ welcome: Reply.Welcome, _ clock: Timestamp, _ now: Duration) -> [Action] {
        let warnings = skew.see(hub: welcome.time, ours: clock)
        guard let port = welcome.ingest, let through = welcome.through else {
            return refuse(.hub(.grant), "the hub offers no ingest to this post", now)
        }
        if isBehind(through) {
            guard behind == nil else {
                return refuse(.hubBehind, "the hub has sequences through \(through) only", now)
            }
            return fallBehind(welcome, through, now)
        }
        behind = nil
        consumed = through
        sent = through
        mayHaveMore = true
        progress = now
        nextSign = now
        var actions: [Action] = [.connectIngest(port: port)] + warnings
        state = isIngestUp ? .up : .welcomed
        // Not before it is known that the alerts are the hub's too: a conflict that lasts is found with each welcome.
        if case .refused(.hub(.conflict), _) = told {} else { told = nil }
        settling = 0
        actions += see(welcome.checkpoint, now)
        let questions = settle()
        isSettling = !questions.isEmpty
        if isSettling { pausedUntil = now + PostLink.patience }
        return actions + questions + pump(now)
    }

    /// Asks what became of alerts that still wait here but that the hub has consumed: their answer was lost, or could not
    /// be written down. Once per sign for the same one, since the hub may have no answer.
    private mutating func settle() -> [Action] {
        guard let oldest = outbox.oldest?.sequence, oldest <= consumed, oldest != settling else { return [] }
        settling = oldest
        let through = min(consumed, oldest + WireLimits.outcomes - 1)
        return [
            .ask(
                .outcomes(
                    Request.Outcomes(
                        request: number(), epoch: HexNumber(epoch), from: oldest, through: through)))
        ]
    }

    private mutating func acknowledged(_ answer: Reply.Acknowledged, _ now: Duration) -> [Action] {
        guard answer.epoch.value == epoch else { return [] }
        if answer.through > consumed {
            consumed = answer.through
            givenUp = givenUp.filter { $0 > consumed }
            held = nil
            sent = max(sent, consumed)
            progress = now
        }
        let (answers, checks) = answer.forOutbox
        return (answers.isEmpty ? [] : [.resolve(answers, checks)]) + pump(now)
    }

    /// After a resolve: whether older alerts still wait for an answer that was lost.
    /// - conflict: sequences under which the hub has other alerts than the outbox.
    package mutating func resolved(
        _ summary: Outbox.Summary, conflict: ClosedRange<UInt64>? = nil, _ now: Duration
    ) -> [Action] {
        outbox = summary
        guard let conflict else { return settled(now) }
        return refuse(
            .hub(.conflict),
            "the hub has other alerts than this outbox under sequences from \(conflict.lowerBound) on: the outbox was "
                + "restored from an older copy, or another machine publishes under this name. Its alerts wait; to send "
                + "them under a new epoch: borderwire-post new-epoch", now)
    }

    private mutating func settled(_ now: Duration) -> [Action] {
        guard state == .up || state == .welcomed else { return [] }
        let more = settle()
        guard isSettling, outbox.oldest?.sequence ?? .max > consumed else { return more }
        isSettling = false
        pausedUntil = .zero
        return pump(now)
    }

    mutating func pump(_ now: Duration) -> [Action] {
        guard state == .up, isIngestUp, mayHaveMore, now >= pausedUntil else { return [] }
        pausedUntil = .zero
        let room = UInt64(WireLimits.window) - min(inFlight, UInt64(WireLimits.window))
        guard room > 0 else { return [] }
        return [.fetch(after: sent, limit: Int(room))]
    }

    mutating func refuse(_ code: Refusal, _ reason: String, _ now: Duration) -> [Action] {
        state = .refused(code: code, reason: reason)
        progress = now
        defer { told = state }
        return told != state ? [.tell(.linkRefused, "the link is refused (\(code)): \(reason)")] : []
    }

    mutating func number() -> UInt64 {
        request += 1
        return request
    }
}
