package import Alerts
package import AlertStore
package import Identity
internal import LogProof
internal import Wire

/// All that the hub decides: events in, actions out; no clock, no socket, no file.
///
/// The loop hands it what arrived, commits its batch, tells it how that went, and performs what it asks for.
package struct HubCore: Sendable {
    let provinces: ProvinceDirectory
    /// Country and slug of each, as in topics.
    let places: Set<String>
    /// The user id of the hub's own key: with it the operator's command line asks for the status.
    let operatorUser: String
    /// The hub's own name, under which it signs notices.
    let hub: String
    /// Signs checkpoints and notices; nil: none are made.
    let signing: SigningKey?
    /// What the operator ordered and no batch has yet, and what waits for its commit.
    var orders: [NoticeOrder] = []
    var awaited: [AwaitedNotice] = []
    /// The keys that will follow the hub's own, as it announces them; nil: none.
    private(set) var successor: Succession?
    /// The latest one.
    private(set) var checkpoint: SignedCheckpoint?
    private(set) var registry: Registry
    var ingest: Ingest
    private var seals = SealChecker()
    var budgets: Budgets
    var feeds: Feeds
    var responses = Responses()
    var escalation = Escalation()
    package var links = Links()
    var drops = DropLog()
    var counters = HubCounters()
    private(set) var silence: SilenceMonitor
    /// Handshakes that wait until it is known which connections those before them are on.
    var held = FairQueue<PendingHandshake>()
    /// Where each feed and ingest listen, by domain.
    private(set) var ports: [String: Int] = [:]
    /// As it was heard last; nil before.
    private(set) var descriptors: DescriptorUse?
    /// False while a full disk or another's lock keeps the log from growing.
    private(set) var isLogWritable = true
    /// On the hub's own time scale, as every `now` here; ``clock(_:)`` makes what people and peers see of it.
    let started: Timestamp
    /// nil: the caller's `now` is the time (in tests and simulations).
    package private(set) var time: HubTime?
    private var timekeeping = Timekeeping()
    private(set) var actions: [Action] = []

    /// How long a post waits before it sends again after a commit that failed, in milliseconds.
    static let waitAfterFailure = 1000
    /// Alerts come in, as long as the last one stored is younger than this, in milliseconds.
    static let live: Int64 = 100

    package init(
        _ state: LogState, ids: KnownIDs = KnownIDs(), registry: Registry, provinces: ProvinceDirectory,
        operatorUser: String, hub: String = "hub",
        started: Timestamp, signing: SigningKey? = nil, limits: HubLimits = HubLimits(),
        time: HubTime? = nil
    ) {
        self.provinces = provinces
        places = Set(provinces.provinces.map { "\($0.country).\($0.slug)" })
        self.operatorUser = operatorUser
        self.hub = hub
        self.registry = registry.current(at: time?.certain ?? started)
        self.time = time
        self.started = started
        self.signing = signing
        ingest = Ingest(state, ids: ids)
        budgets = Budgets(limits)
        silence = SilenceMonitor(longest: limits.silence)
        feeds = Feeds(ingest.end, self.registry)
        sign(at: started)
    }

    var end: LogEnd { ingest.end }
    var isBatchFull: Bool { ingest.isFull }

    mutating func perform(_ action: Action) { actions.append(action) }

    /// The actions asked for since the last call, in order.
    package mutating func takeActions() -> [Action] {
        let taken = actions
        actions = []
        return taken
    }

    // MARK: Ingest

    /// A message on ingest.
    /// - user: the connection's user id; nil can't happen behind ZAP, and is dropped. log: what is committed.
    /// - Returns: why the log could not be read, where that was needed; the post is to send the alert again.
    @discardableResult
    package mutating func ingested(
        _ frames: [[UInt8]], excess: Int, user: String?, at now: Timestamp, log: any AlertReader
    ) -> StoreError? {
        guard let identity = user.flatMap({ registry.identity(user: $0) }) else {
            drop(.revoked, peer: user ?? "unknown", "its key is not in the registry", at: now)
            return nil
        }
        links.heard(identity.name, at: now)
        counters.received &+= 1
        let message: IngestMessage
        do throws(Malformed) {
            message = try IngestMessage(frames: frames, excess: excess)
        } catch {
            drop(error.code, peer: identity.name, error.description, at: now)
            return nil
        }
        let header = message.header
        // Under the hub's own name nobody speaks but the hub, whatever the registry says.
        guard header.post == identity.name, header.post != hub else {
            drop(.identity, peer: identity.name, "it names \(header.post) as its post", at: now)
            return nil
        }
        guard !end.isFormer(epoch: header.epoch, of: header.post) else {
            drop(.epoch, peer: identity.name, "a later epoch has superseded the one it uses", at: now)
            return nil
        }
        // One name, one process: only who was welcomed under this name with this epoch sends under it.
        guard links.epoch(of: identity.name) == header.epoch else {
            drop(
                .session, peer: identity.name,
                "it is of an epoch that no process under this name was welcomed with", at: now)
            return nil
        }
        // Out of self while the closures use them: a copy beside the original would be copied whole when it changes.
        var seals = SealChecker()
        swap(&seals, &self.seals)
        var budgets = Budgets()
        swap(&budgets, &self.budgets)
        let latest = time.map { $0.latestSent } ?? nil
        var hold: Budgets.Hold?
        let digest = Seal.digest(of: message.signed.payload)
        let step = ingest.stage(
            header, at: now, received: clock(now), log: log,
            isSealed: { message.isSealed(by: identity, digest: digest, &seals) },
            hold: { beginsEpoch in
                hold = budgets.takeAlert(
                    of: header.post, bytes: message.signed.size, beginsEpoch: beginsEpoch, at: now)
                return hold?.wait
            },
            inspect: { [provinces] () throws(Rejection) in
                try inspect(
                    message, digest: digest, from: identity, provinces: provinces, latest: latest)
            })
        swap(&budgets, &self.budgets)
        swap(&seals, &self.seals)
        if header.sequence == 1 { notice(step, beginning: header, at: now) }
        switch step {
        case .staged, .repeated, .ignored: break
        case .refused(let code, let reason):
            let words = "refused sequence \(header.sequence) (\(code)): \(reason)"
            if var notice = drops.notice(.alertRefused, code.rawValue, peer: header.post, words, at: now) {
                notice.sequence = header.sequence
                perform(.log(notice))
            }
        case .duplicate:
            guard let peer = links.routing(of: identity.name), let user else { return nil }
            read(
                .duplicate(
                    post: header.post, epoch: header.epoch, sequence: header.sequence,
                    signature: message.signed.signature,
                    through: end.consumed(header.post, epoch: header.epoch)),
                for: Asker(peer: peer, user: user, account: identity.name, read: identity.read),
                request: 0, at: now)
        case .gap(var resume):
            if let hold {
                let words = "it sends \(self.budgets.words(of: hold.resource))"
                drop(hold.reason, peer: identity.name, words, at: now)
                if hold.isLong { resume.reason = words }
            }
            guard let peer = links.routing(of: identity.name) else { return nil }
            perform(.reply(to: peer, .resume(resume)))
        case .unsealed(let isNext): unsealed(message, isNext, at: now)
        case .superseded:
            drop(.epoch, peer: identity.name, "a later epoch has superseded the one it uses", at: now)
        case .unreadable(let error, let resume):
            if let peer = links.routing(of: identity.name) { perform(.reply(to: peer, .resume(resume))) }
            return error
        }
        return nil
    }

    /// Nothing is consumed, so that nobody without the post's signature uses up its numbers. The post is told which alert it
    /// was: if it is one of its own, it gives it up.
    private mutating func unsealed(_ message: IngestMessage, _ isNext: Bool, at now: Timestamp) {
        let header = message.header
        let words = "the signature does not verify with the key enrolled for \(header.post)"
        drop(.signature, peer: header.post, "sequence \(header.sequence): \(words)", at: now)
        // Of one behind it the post is told when its turn has come.
        guard isNext, let peer = links.tellUnsealed(header.post, header.sequence, at: now) else { return }
        var refused = Reply.Refused(request: nil, code: .signature, reason: words)
        refused.epoch = HexNumber(header.epoch)
        refused.sequence = header.sequence
        refused.alert =
            digest(of: message.signed).hex
        perform(.reply(to: peer, .refused(refused)))
    }

    /// The operator should know that a post's numbers begin anew: what its former outbox still held never comes.
    private mutating func notice(_ step: Ingest.Step, beginning header: PostHeader, at now: Timestamp) {
        switch step {
        case .staged, .repeated, .refused: break
        default: return
        }
        guard let former = end.positions[header.post], former.epoch != header.epoch else { return }
        let words =
            "begins a new epoch after sequence \(former.through) of the one before: its outbox was lost, or its operator asked "
            + "for it"
        if let notice = drops.notice(.epochBegun, "new-epoch", peer: header.post, words, at: now) {
            perform(.log(notice))
        }
    }

    /// What to commit now; nil when there is nothing, or while a batch is under way: until ``committed()`` or
    /// ``rolledBack(at:)``.
    /// - now: nil: what readers have shown waits for nothing.
    package mutating func closeBatch(at now: Timestamp? = nil) -> Batch? {
        let isDue = responses.isDue(at: now) || escalation.isDue
        guard var batch = ingest.closeBatch(evenEmpty: isDue) else { return nil }
        responses.close(into: &batch, ingest.answersUnderWay)
        escalation.close(into: &batch)
        return batch
    }

    /// The batch under way is on disk: publish, then answer.
    /// - took: how long the transaction took.
    package mutating func committed(in took: Duration = .zero, at now: Timestamp) {
        counters.commit.observe(took)
        let standing = ingest.standingUnderWay
        let done = ingest.committed()
        let messages = feeds.deliveries(of: done.records) { [topics = end.topics] number in
            topics.indices.contains(Int(number) - 1) ? topics[Int(number) - 1] : nil
        }
        for (domain, frames) in messages { perform(.publish(domain: domain, frames: frames)) }
        counters.store(done.records.count)
        for author in done.disputed { counters.mistaken[author, default: 0] &+= 1 }
        watch(standing)
        settleResponses(done.records)
        tellEscalations()
        answerNotices(among: done.records)
        for (post, answer) in done.answers {
            for refused in answer.refused { counters.refuse(refused.code) }
            guard let peer = links.routing(of: post) else { continue }
            perform(.reply(to: peer, .acknowledged(answer)))
        }
        let safe = done.records.filter { done.safe.contains($0.alert) }.map(\.offset)
        if !safe.isEmpty { perform(.erase(safe)) }
        relate(done.identifiers, among: done.records, at: now)
        guard !isLogWritable else { return }
        isLogWritable = true
        var notice = Notice(.logWritable, .notice, "the log can be written again")
        notice.offset = end.offset
        perform(.log(notice))
    }

    /// The posts of so many alerts were answered so long after they were taken.
    mutating func answered(_ alerts: Int, after time: Duration) {
        counters.answer.observe(time, times: alerts)
    }

    /// The commit failed; nothing was answered or published, and the posts still have it all. Said once, not for each
    /// batch: posts try again every second until there is room.
    package mutating func rolledBack(_ error: StoreError, at now: Timestamp) {
        counters.failedCommits &+= 1
        if isLogWritable {
            perform(
                .log(
                    Notice(
                        .logFull, .error,
                        "the log can't grow; posts keep their alerts and try again: \(error)",
                        reason: error.cause == .full ? "full" : "locked")))
        }
        isLogWritable = false
        giveUpNotices()
        for (post, resume) in ingest.rolledBack(wait: HubCore.waitAfterFailure, at: now) {
            guard let peer = links.routing(of: post) else { continue }
            perform(.reply(to: peer, .resume(resume)))
        }
        responses.rolledBack(next: end.offset + 1)
        escalation.rolledBack()
    }

    // MARK: Registry and time

    /// Applies a new registry: whoever is no longer in it is cut off from here on.
    mutating func follow(_ registry: Registry) {
        // By key, not by name: answers are for the connection of who sent the alerts.
        links.keep { [before = self.registry] name in
            registry.named(name).map { !$0.users.isDisjoint(with: before.named(name)?.users ?? []) } ?? false
        }
        // New keys, new trust: what somebody did with the former ones is not held against them.
        for identity in registry.identities
        where self.registry.named(identity.name)?.keys.signing != identity.keys.signing {
            budgets.set(0, of: .epochs, for: identity.name, at: .init(milliseconds: 0))
        }
        self.registry = registry
        responses.follow(registry, from: ingest.staged.offset + 1)
        budgets.keep {
            registry.named($0) != nil || [HubCore.operatorAccount, HubCore.revokedAccount].contains($0)
        }
        time?.keep { registry.named($0).map { !$0.publish.isEmpty } ?? false }
        let change = feeds.follow(registry)
        for domain in change.close {
            ports[domain] = nil
            perform(.close(domain: domain))
        }
        for domain in change.rebind { perform(.rebind(domain: domain)) }
        for feed in change.open { perform(.open(feed)) }
    }

    /// A feed, or ingest, listens on this port.
    package mutating func bound(_ domain: String, _ port: Int) { ports[domain] = port }

    mutating func heard(_ descriptors: DescriptorUse) { self.descriptors = descriptors }

    mutating func follow(_ successor: Succession?) { self.successor = successor }

    /// Takes over the limits that can change while the hub runs.
    mutating func follow(_ limits: HubLimits) {
        budgets.follow(limits)
        silence.allow(limits.silence)
    }

    /// Once a second: a heartbeat on every feed, and a look for posts that are silent.
    package mutating func beat(at now: Timestamp) {
        let certain = time?.certain ?? now
        if let expiry = registry.nextExpiry, expiry <= certain {
            let left = registry.current(at: certain)
            for identity in registry.identities where identity.former != left.named(identity.name)?.former {
                perform(
                    .log(
                        Notice(
                            .keysExpired, .notice, "\(identity.name) can use its former keys no longer",
                            post: identity.name)))
            }
            follow(left)
        }
        for notice in silence.look(registry, links, at: now, shift: time?.shift ?? 0) {
            perform(.log(notice))
        }
        if let time {
            for notice in timekeeping.look(time, received: end.received) { perform(.log(notice)) }
        }
        lookForEscalations(at: now)
        sign(at: now)
        let since = Timestamp(milliseconds: clock(now).milliseconds - HubCore.escalationRepeated)
        let heartbeats = feeds.heartbeats(offset: end.offset, at: clock(now), checkpoint) { grant in
            escalations(grant, since: since, atMost: WireLimits.escalationsOfHeartbeat)
        }
        for (domain, frames) in heartbeats { perform(.publish(domain: domain, frames: frames)) }
    }

    /// A new checkpoint, if the log has grown since the last one.
    private mutating func sign(at now: Timestamp) {
        guard let signing, checkpoint?.checkpoint.offset != end.offset else { return }
        checkpoint = Checkpoint(
            log: end.log, offset: end.offset, time: clock(now), hash: end.hash, root: end.tree.root
        ).signed(by: signing)
    }

    // MARK: Clocks

    /// A reading of both clocks, before whatever else there is to do.
    /// - Returns: the hub's own time, for every `now`.
    mutating func read(wall: Timestamp, steady: Duration) -> Timestamp {
        time?.read(wall: wall, steady: steady) ?? wall
    }

    /// The time of a moment, as the hub believes it to be.
    func clock(_ now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds + (time?.shift ?? 0))
    }

    /// What a post's clock shows; one has a say for each post.
    mutating func hear(_ clock: Int64?, of identity: EnrolledIdentity, at now: Timestamp) {
        guard let clock, !identity.publish.isEmpty else { return }
        time?.heard(identity.name, clock: clock, at: now)
    }

    /// The operator's word that the clock is right.
    mutating func acceptClock() { time?.accept() }

    mutating func noticeSynchronised(_ isSynchronised: Bool?) { time?.isSynchronised = isSynchronised }

    // MARK: Shared with the other half of the core

    mutating func drop(_ reason: ReasonCode, peer: String, _ detail: String, at now: Timestamp) {
        if let notice = drops.count(reason, peer: peer, detail: detail, at: now) { perform(.log(notice)) }
    }
}
