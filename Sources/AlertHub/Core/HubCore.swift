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
    var role = Role.writing
    /// nil: the log is this hub's own.
    var membership: Membership?
    /// Hellos that wait for what the store says (``Barrier``).
    var greetings: [Greeting] = []
    var handover = Handover()
    /// What the operator ordered and no batch has yet, and what waits for its commit.
    var orders: [NoticeOrder] = []
    var awaited: [AwaitedNotice] = []
    /// The keys that will follow the hub's own, as it announces them; nil: none.
    private(set) var successor: Succession?
    /// The latest one.
    private(set) var checkpoint: SignedCheckpoint?
    private(set) var registry: Registry
    var ingest: Ingest
    var seals = SealChecker()
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
    var isLogWritable = true
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
        if role == .writing { responses.follow(registry, from: ingest.staged.offset + 1) }
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

    /// The same, of a registry as it was read now.
    mutating func follow(anew registry: Registry, at now: Timestamp) {
        let current = registry.current(at: time?.certain ?? now)
        guard current != self.registry else { return }
        follow(current)
        perform(
            .log(
                Notice(
                    .registryChanged, .notice,
                    "the registry has changed: \(current.identities.count) identities")))
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
        // Posts are with the hub that writes.
        if role == .writing {
            for notice in silence.look(registry, links, at: now, shift: time?.shift ?? 0) {
                perform(.log(notice))
            }
        }
        if let time {
            for notice in timekeeping.look(time, received: end.received) { perform(.log(notice)) }
        }
        // Who hears nothing of the store has nothing to say.
        guard isAnswering else { return }
        if role == .writing { lookForEscalations(at: now) }
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

    /// Nobody was heard yet: posts come from another hub now.
    mutating func listenAnew() {
        links = Links()
        silence = SilenceMonitor(longest: .milliseconds(silence.longest))
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
