internal import Alerts
internal import HubLink
internal import Identity
internal import LogProof
internal import Notation
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The only place where a post's daemon waits and acts.
final class PostLoop {
    /// Messages taken from one socket per tick.
    static let mostPerTick = 256
    /// How often the outbox is looked at, whether or not a program says that it queued something: one that is killed, or
    /// ends before its word has reached the daemon, has queued all the same.
    static let looking = Duration.seconds(1)
    /// How often answered alerts past their time are forgotten.
    static let pruning = Duration.seconds(3_600)
    /// Until the next bite, where one was not enough.
    static let pruningPause = Duration.milliseconds(500)

    private let settings: PostSettings
    private let name: String
    private let signing: SigningKey
    private let provinces: ProvinceDirectory
    private let sockets: PostSockets
    private let outbox: Outbox
    private let log: Log<PostEvent>
    private let receiver = Receiver(mostFrames: WireLimits.frames)
    private let checkpoint: CheckpointFile
    private let hub: KnownHub
    private var link: PostLink
    private var account = LinkAccount(at: wallClockMilliseconds())
    private var watchers = Watchers()
    private var nextLook = steadyClock()
    private var nextPruning = steadyClock()
    private var nextForgetting = steadyClock()
    private var hasNewAnswers = false
    private var isOutboxFailing = false
    /// Which file the outbox was when it was opened.
    private let outboxFile: UInt64?
    private var isReplacementTold = false
    /// What ``PostSettings/skewFile`` holds; empty before it is known.
    private var keptSkew: String? = ""

    init(
        _ settings: PostSettings, _ keys: IdentityKeys, provinces: ProvinceDirectory, sockets: PostSockets,
        outbox: Outbox, hub: KnownHub, log: Log<PostEvent>
    ) throws {
        self.settings = settings
        name = keys.name
        signing = keys.signing
        self.provinces = provinces
        self.sockets = sockets
        self.outbox = outbox
        self.log = log
        self.hub = hub
        outboxFile = try Files.facts(of: settings.outboxFile)?.inode
        checkpoint = CheckpointFile(settings.checkpointFile)
        link = PostLink(
            try outbox.summary(),
            CheckpointVerifier(hub: hub.keys.map(\.signing), kept: try checkpoint.read()),
            instance: HexNumber(.random(in: 1...WireLimits.number)))
    }

    /// Runs until it is asked to stop.
    func run(_ requests: DaemonRequests) throws {
        let watchdog = ServiceNotice.watchdogInterval()
        try whateverTheDisk { try outbox.carryOutErasures() }
        while true {
            var items = [
                PollItem(descriptor: requests.descriptor), PollItem(sockets.control.watched.socket),
                PollItem(sockets.control.watched.events),
                PollItem(sockets.local),
            ]
            items += sockets.route.descriptors.map { PollItem(descriptor: $0) }
            if let ingest = sockets.ingest {
                items.append(PollItem(ingest.watched.socket))
                items.append(PollItem(ingest.watched.events))
            }
            _ = try poll(&items, timeout: timeout(watchdog))
            let now = steadyClock()
            if requests.next() == .stop { return }
            try takeEvents(now)
            try takeReplies(now)
            try takeIngest(now)
            try takeLocal(now)
            if now >= nextLook { try lookAtOutbox(now) }
            try act(link.tick(now), now)
            tellLink()
            if hasNewAnswers { try tellWatchers() }
            keepSkew()
            if outbox.owesForgetting, now >= nextForgetting { try whateverTheDisk { try forget(now) } }
            if now >= nextPruning { try whateverTheDisk { try prune(now) } }
            if watchdog != nil { ServiceNotice.watchdog.send() }
        }
    }

    /// For `publish`, which tells the officer before the alert is on its way.
    private func keepSkew() {
        guard link.skew.value != nil, link.skew.words != keptSkew else { return }
        keptSkew = link.skew.words
        // It is a help, and what it says is in the log too.
        if let keptSkew {
            try? Files.writeAtomically(Array(keptSkew.utf8), to: settings.skewFile)
        } else {
            try? Files.remove(settings.skewFile)
        }
    }

    private func timeout(_ watchdog: Duration?) -> Duration {
        let now = steadyClock()
        var wait = min(link.nextTick, sockets.nextTick, nextLook, nextPruning) - now
        if outbox.owesForgetting { wait = min(wait, nextForgetting - now) }
        if let watchdog { wait = min(wait, watchdog) }
        return max(wait, .zero)
    }

    // MARK: What arrives

    private func takeEvents(_ now: Duration) throws {
        while let event = try sockets.controlEvent(receiver, at: now) {
            switch event {
            case .handshakeSucceeded:
                tell(hub.connected())
                try act(link.controlUp(now), now)
            case .refused:
                link.keyRefused(now)
                try act([], now)
            case .disconnected: try act(link.controlDown(), now)
            case .connected, .handshakeFailed, .retrying: break
            }
        }
        let isNewIngest = try sockets.tendIngest(receiver, at: now)
        let change = try sockets.tendControl(isWelcomed: link.isWelcomed, at: now)
        // The former hub's connection went without a word.
        if change == .hub { try act(link.controlDown(), now) }
        if change != .none || isNewIngest { try act(link.ingestChanged(isUp: false, now), now) }
    }

    /// Why there is no link, as soon as it is known: in the log once each, in the status as long as it lasts.
    private func tellLink() {
        while let obstacle = sockets.route.news() {
            log(
                .linkDown, .warning, "no link to the hub: \(obstacle); it is tried again",
                ["POST": name, "REASON": obstacle.code.rawValue])
        }
        if account.note(link, sockets.route.obstacle, at: wallClockMilliseconds()) {
            ServiceNotice.status(account.words).send()
        }
    }

    private func takeReplies(_ now: Duration) throws {
        for _ in 0..<PostLoop.mostPerTick {
            guard let message = try receiver.receive(from: sockets.control.watched.socket) else { return }
            let clock = Timestamp(milliseconds: wallClockMilliseconds())
            let reply: Reply
            do throws(Malformed) {
                reply = try Reply(frames: message.frames)
            } catch {
                if let line = account.ignored(error) {
                    log(line.event, .warning, line.words, ["POST": name, "REASON": line.reason])
                }
                continue
            }
            learn(reply.successor)
            if case .refused(let refused) = reply { sockets.refused(refused, at: now) }
            try whateverTheDisk { try act(link.replied(reply, clock: clock, now), now) }
        }
    }

    /// The hub says over its own key which one will follow it.
    private func learn(_ successor: Succession?) {
        tell(hub.learn(successor))
        link.verifier.trust(hub.keys.map(\.signing))
    }

    private func tell(_ news: KnownHub.News?) {
        switch news {
        case .taken(let words): log(.hubKey, .notice, words, ["POST": name])
        case .warning(let words): log(.hubKeyNotTaken, .warning, words, ["POST": name])
        case nil: break
        }
    }

    /// A full disk or a busy outbox must not end the daemon: an answer that can't be written down is asked for again with
    /// the link's next sign of life. Said once until it is over.
    private func whateverTheDisk(_ work: () throws -> Void) throws {
        do {
            try work()
            isOutboxFailing = false
        } catch let error as OutboxError where error.cause == .full || error.cause == .busy {
            if !isOutboxFailing { log(.outboxFailed, .error, "\(error)", ["POST": name]) }
            isOutboxFailing = true
        }
    }

    private func takeIngest(_ now: Duration) throws {
        guard let ingest = sockets.ingest else { return }
        while let message = try receiver.receive(from: ingest.watched.socket) {
            guard let flag = message.frames.first?.first else { continue }
            try act(link.ingestChanged(isUp: flag == 1, now), now)
        }
    }

    private func takeLocal(_ now: Duration) throws {
        var status: [UInt8]?
        for _ in 0..<PostLoop.mostPerTick {
            guard let message = try receiver.receive(from: sockets.local) else { return }
            guard message.frames.count == 2 else { continue }
            let peer = message.frames[0]
            switch message.frames[1] {
            case LocalMessage.wake:
                nextLook = now
            case LocalMessage.watch:
                nextLook = now
                // Telling all of them finds out who is gone.
                if !watchers.add(peer) { hasNewAnswers = true }
            case LocalMessage.status:
                let answer = try status ?? statusJSON()
                status = answer
                _ = try sockets.tell(peer, answer)
            case let message where message.starts(with: LocalMessage.follow):
                guard let alert = AlertID(bytes: Array(message.dropFirst(LocalMessage.follow.count))) else {
                    continue
                }
                _ = watchers.add(peer)
                try act(link.watch(alert), now)
            default:
                continue
            }
        }
    }

    private func lookAtOutbox(_ now: Duration) throws {
        nextLook = now + PostLoop.looking
        let summary = try outbox.summary()
        try act(link.outboxChanged(summary, now), now)
        guard try Files.facts(of: settings.outboxFile)?.inode != outboxFile else { return }
        try leave(summary)
    }

    /// The file was replaced or removed: what programs queue goes into another one from now on. What still waits in ours is
    /// sent first, since it is nowhere else; then the daemon ends, and begins anew on what is there.
    private func leave(_ summary: Outbox.Summary) throws(Failure) {
        let words = "\(settings.outboxFile) was replaced or removed while the daemon runs"
        guard summary.depth > 0 else {
            throw Failure(
                words,
                remedy: "stop the daemon before its files are changed; it starts again on what is there now",
                status: .tempFail)
        }
        guard !isReplacementTold else { return }
        isReplacementTold = true
        log(
            .outboxFailed, .error,
            "\(words): \(summary.depth) alerts that wait in the former one are sent first; new ones wait until then",
            ["POST": name])
    }

    // MARK: What is done

    private func act(_ actions: [PostLink.Action], _ now: Duration) throws {
        var outgoing = OutgoingAlerts(link.batching)
        for action in actions {
            // What is sent goes in its order with what follows it.
            switch action {
            case .send, .giveUp: break
            default: try send(&outgoing)
            }
            switch action {
            case .ask(let request):
                let told = request.told(
                    time: wallClockMilliseconds(), successor: hub.successor?.signing.bytes)
                _ = try sockets.control.watched.socket.send(told.frames())
            case .connectIngest(let port): try sockets.connectIngest(port: port)
            case .fetch(let after, let limit):
                let entries = try outbox.pending(after: after, limit: limit)
                try act(link.fetched(entries, asked: limit, now), now)
            case .send(let entry): outgoing.add(topic(of: entry), entry.signed)
            case .giveUp(let entry): outgoing.add(topic(of: entry), emptied(entry).signed)
            case .compare(let sequence, let digest, let isGivenUp):
                let entry = try outbox.pending(after: sequence - 1, limit: 1).first {
                    $0.sequence == sequence
                }
                let sent = entry.map { isGivenUp || $0.isErased ? emptied($0) : $0 }
                let isOurs = sent.map { LogProof.digest(of: $0.signed).hex } == digest
                try act(link.compared(sequence, isOurs: isOurs, now), now)
            case .resolve(let answers, let checks):
                let resolution = try outbox.resolve(
                    answers, checks, at: hubClock())
                hasNewAnswers = true
                for case .rejected(let sequence, let code, let reason) in answers {
                    log(
                        .alertRejected, .warning,
                        "the hub rejected sequence \(sequence) (\(code)): \(reason)",
                        ["POST": name, "REASON": code, "SEQUENCE": "\(sequence)"])
                }
                try act(link.resolved(try outbox.summary(), conflict: resolution.conflict, now), now)
            case .note(let related):
                if try outbox.note(related, at: hubClock()) { hasNewAnswers = true }
            case .keep(let signed):
                // Without it the next run takes the hub on trust; that must not stop this one.
                do throws(FileError) { try checkpoint.write(signed) } catch {
                    log(.checkpointNotKept, .warning, "\(error)", ["POST": name])
                }
            case .reopen(let after):
                let reopened = try outbox.reopen(after: after)
                let clock = Timestamp(milliseconds: wallClockMilliseconds())
                try act(link.reopened(reopened, try outbox.summary(), clock: clock, now), now)
            case .findStored(let through):
                let kept = try outbox.stored(through: through)
                try act(link.found(stored: kept, pick: .random(in: 0...UInt64.max)), now)
            case .compareStored(let stretch, let answers, let checks):
                let altered = try outbox.altered(in: stretch, answers, checks)
                try act(link.compared(stretch, altered: altered), now)
            case .answered(let answers): try tellWatchers(answers.compactMap(LocalMessage.bytes))
            case .warn(let event, let words):
                if account.isDue(event, now) { log(event, .warning, words, ["POST": name]) }
            case .tell(let event, let words): log(event, .notice, words, ["POST": name])
            }
        }
        try send(&outgoing)
        for line in account.news(of: link) {
            log(
                line.event, line.isLoud ? .warning : .notice, line.words,
                ["POST": name, "REASON": line.reason])
        }
    }

    private func send(_ outgoing: inout OutgoingAlerts) throws(ZeroMQError) {
        for message in outgoing.take() {
            guard let ingest = sockets.ingest else { return }
            // What the socket doesn't take is sent again when the hub says where it stands.
            _ = try ingest.watched.socket.send(message)
        }
    }

    private func emptied(_ entry: Outbox.Entry) -> Outbox.Entry {
        var entry = entry
        entry.signed.payload = []
        entry.signed.signature = Seal.sign([(entry.signed.header, Seal.digest(of: []))], with: signing)[0]
        return entry
    }

    /// The topic of the alert's origin. An alert whose province this version does not know gets a topic of none: the hub then
    /// refuses it with a reason, which is better than holding up the ones behind it.
    private func topic(of entry: Outbox.Entry) -> Topic {
        guard let province = provinces.province(code: entry.origin),
            let kind = try? PostHeader(decoding: entry.signed.header).facts.knownKind
        else { return Topic(country: "zz", province: "unknown", kind: .suspect) }
        return Topic(country: province.country, province: province.slug, kind: kind)
    }

    private func tellWatchers() throws(ZeroMQError) {
        hasNewAnswers = false
        try tellWatchers([LocalMessage.changed])
    }

    private func tellWatchers(_ messages: [[UInt8]]) throws(ZeroMQError) {
        for watcher in watchers.peers {
            for message in messages where try !sockets.tell(watcher, message) { watchers.remove(watcher) }
        }
    }

    /// This clock, set right by the hub's as far as that is known: a wrong clock must not decide what is forgotten.
    private func hubClock() -> Timestamp {
        Timestamp(milliseconds: wallClockMilliseconds() &+ (link.skew.value ?? 0))
    }

    private func forget(_ now: Duration) throws(OutboxError) {
        nextForgetting = now + PostLoop.looking
        try outbox.forget()
    }

    private func prune(_ now: Duration) throws(OutboxError) {
        guard link.skew.value != nil else {
            nextPruning = now + PostLoop.looking
            return
        }
        nextPruning = now + PostLoop.pruning
        let (seconds, _) = settings.outbox.keep.components
        let pruned = try outbox.prune(
            answeredBefore: Timestamp(milliseconds: hubClock().milliseconds - seconds * 1_000))
        // After a long outage there is more than one bite; between two of them the link has its turn.
        if pruned >= Outbox.prunedAtOnce { nextPruning = now + PostLoop.pruningPause }
    }

    private func statusJSON() throws -> [UInt8] {
        var status = PostStatus(post: name, account, try outbox.summary(), skew: link.skew.value)
        status.altered = link.altered
        status.related = link.tellsRelated
        return status.bytes
    }
}
