internal import Alerts
internal import AlertStore
internal import Identity
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The only place where the hub waits and acts: one wait, one reading of each clock, one transaction under way, bounded
/// work from each socket per turn (``HubTurn``).
final class HubLoop {
    /// How often feeds carry a heartbeat.
    static let beat = Duration.seconds(1)
    /// How often the registry's file is looked at: a revoked identity must be out within a second.
    static let registryLook = Duration.milliseconds(200)
    /// How soon handshakes that wait for a place are looked at again.
    static let heldPause = Duration.milliseconds(1)
    /// Told to stop, it goes on until nothing came for so long, or for the longest time altogether.
    static let quiet = Duration.milliseconds(250)
    static let longestDrain = Duration.seconds(3)
    /// How often whoever has long been gone is forgotten.
    static let forgetting = Duration.seconds(3_600)
    /// What the log's writer may take of a tick for what commits have left for later.
    static let idle = Duration.milliseconds(1)

    let tell: Log<HubEvent>
    let sockets: HubSockets
    let opened: OpenLog
    var writer: LogWriter { opened.writer }
    /// nil: the log is this hub's own.
    let shared: SharedSession?
    let queryWorker: LogQueryWorker
    /// Where older alerts are looked up by their ids.
    var log: any AlertReader { opened.reader }
    let connections: ConnectionThread
    let watch: ConnectionWatch
    let purge: PurgeThread
    let registryFile: RegistryFile
    /// The settings in force, and how to read them anew.
    var settings: HubSettings
    let reread: () throws -> HubSettings
    let periods: Periods
    private let time: SharedTime
    private let role: SharedRole
    let receiver = Receiver(mostFrames: WireLimits.frames)
    let controlReceiver = Receiver(mostFrames: WireLimits.frames, keepsAddresses: true)
    let zapReceiver = Receiver(mostFrames: ZAP.frames)
    /// Whether this turn has looked at the connections that were accepted.
    var isAcceptedNoted = false
    var turn: HubTurn
    var registryWatch = FileWatch()
    var keyWatch = FileWatch()
    /// The end of the time for which the next key is only announced, until the operator was told of it.
    var keyDue: Timestamp?
    var inForce: InForceFile
    /// What ``inForce`` is to say once all that the registry asks for is done.
    var word: RegistryInForce?
    /// A reload could not read the settings, and is tried again.
    var isReloadDue = false
    private var nextBeat: Duration
    private var nextRegistryLook: Duration
    private var nextForgetting = Duration.zero
    private var nextWatchdog: Duration?
    /// Alerts of the batch taken last that were not taken in yet, the next one last.
    var unpacked: [PeerMessage] = []
    private let watchdogInterval: Duration?
    private let board: StatusBoard?

    init(
        _ turn: HubTurn, sockets: HubSockets, log: OpenLog, threads: HubThreads, registry: RegistryFile,
        inForce: consuming InForceFile, settings: HubSettings, reread: @escaping () throws -> HubSettings,
        tell: Log<HubEvent>, board: StatusBoard? = nil
    ) {
        self.turn = turn
        self.sockets = sockets
        opened = log
        shared = log.shared
        queryWorker = threads.queryWorker
        connections = threads.connections
        watch = threads.watch
        purge = threads.purge
        periods = threads.periods
        time = threads.time
        role = threads.role
        self.registryFile = registry
        self.inForce = inForce
        self.settings = settings
        self.reread = reread
        self.tell = tell
        self.board = board
        let now = steadyClock()
        nextBeat = now
        nextRegistryLook = now
        watchdogInterval = ServiceNotice.watchdogInterval()
        nextWatchdog = watchdogInterval.map { now + $0 }
    }

    var offset: UInt64 { turn.core.end.offset }

    /// Opens a feed for every read grant of the registry.
    func openFeeds() throws(Failure) {
        turn.core.bound(HubCore.Domain.ingest, sockets.ingestPort)
        connections.watch(sockets.ports)
        for feed in turn.core.feeds.feeds {
            turn.core.bound(feed.domain, try open(feed, at: steadyClock()))
        }
    }

    /// Runs until it is asked to stop.
    func run(_ requests: DaemonRequests) throws {
        var items = [
            PollItem(descriptor: requests.descriptor), PollItem(descriptor: queryWorker.answered.descriptor),
            PollItem(descriptor: writer.done.descriptor),
        ]
        if let shared { items.append(PollItem(descriptor: shared.changed.descriptor)) }
        items += [
            PollItem(sockets.zap), PollItem(sockets.control.socket), PollItem(sockets.ingest.socket),
        ]
        while true {
            _ = try wait(&items, done: 2, atMost: hasAlerts ? .zero : timeout())
            let moment = readClocks()
            board?.beat(moment.steady)
            switch requests.next() {
            case .stop: return try drain()
            case .reload:
                ServiceNotice.reloading.send()
                reload(moment.steady, moment.now)
                ServiceNotice.ready.send()
            case nil: break
            }
            try tick(moment)
        }
    }

    /// Takes what posts have sent by now, has it on disk, and answers it at the end.
    private func drain() throws {
        board?.phase = .stopping
        ServiceNotice.stopping.send()
        let end = steadyClock() + HubLoop.longestDrain
        var items = [PollItem(descriptor: writer.done.descriptor), PollItem(sockets.ingest.socket)]
        repeat {
            let came = try wait(&items, done: 0, atMost: hasAlerts ? .zero : HubLoop.quiet)
            if came == 0, !turn.isCommitting, !hasAlerts { break }
            try turn.drain(self, at: readClocks())
        } while steadyClock() < end
        try turn.act(self, readClocks())
        turn.leave(self)
    }

    /// Whether alerts of a batch can be taken without waiting for anything.
    private var hasAlerts: Bool { !unpacked.isEmpty && turn.takesAlerts }

    /// Waits for any of the items, of which ingest is the last: left out while there is no room for what it has, or the loop
    /// would spin until the commit is done.
    private func wait(
        _ items: inout [PollItem], done: Int, atMost longest: Duration
    ) throws(ZeroMQError) -> Int {
        let ingest = turn.takesAlerts ? nil : items.popLast()
        defer { if let ingest { items.append(ingest) } }
        let count = try poll(&items, timeout: longest)
        if items[done].isReady { writer.done.clear() }
        return count
    }

    private func tick(_ moment: Moment) throws {
        isAcceptedNoted = false
        try turn.run(self, at: moment)
        // What commits have left for later is done while none is under way: it delays only what comes just now.
        if !turn.isCommitting, turn.core.role == .writing { try writer.maintain(HubLoop.idle) }
        try keepTime(moment.steady, moment.now)
        try turn.act(self, moment)
        noteFoundRegistries()
        role.share(turn.core.role)
        sayWhatIsInForce()
    }

    private func readClocks() -> Moment {
        let steady = steadyClock()
        let wall = Timestamp(milliseconds: wallClockMilliseconds())
        return Moment(steady: steady, now: turn.core.read(wall: wall, steady: steady))
    }

    private func timeout() -> Duration {
        var next = min(nextBeat, nextRegistryLook)
        if let nextWatchdog { next = min(next, nextWatchdog) }
        for feed in sockets.waiting { next = min(next, feed.next) }
        let now = steadyClock()
        if turn.core.held.count > 0 { next = min(next, now + HubLoop.heldPause) }
        if let shared = turn.nextTick(now) { next = min(next, shared) }
        return max(next - now, .zero)
    }

    private func keepTime(_ steady: Duration, _ now: Timestamp) throws(ZeroMQError) {
        let reopened = try sockets.reopen(at: steady)
        if !reopened.isEmpty { connections.watch(sockets.ports) }
        for (domain, port) in reopened { turn.core.bound(domain, port) }
        if steady >= nextRegistryLook {
            nextRegistryLook = steady + HubLoop.registryLook
            if isReloadDue { reload(steady, now) }
            if shared == nil, registryWatch.isDue(try? Files.facts(of: registryFile.path)) {
                followRegistry(steady, now)
            }
            try seeConnections(at: now)
        }
        turn.core.heard(connections.use)
        if steady >= nextBeat {
            nextBeat = steady + HubLoop.beat
            turn.core.noticeSynchronised(isClockSynchronised())
            takeClockWord()
            followKeys(steady, now)
            turn.core.beat(at: now)
            forgetGone(steady)
            if let known = turn.core.time { time.share(known) }
            turn.core.hold(watch.usage(), at: now)
            turn.core.hold(queryWorker.takeRecordings(), at: now)
            if let board {
                var report = turn.core.report(at: now)
                report.replay = queryWorker.load
                board.publish(report)
            }
        }
        if let due = nextWatchdog, let watchdogInterval, steady >= due {
            nextWatchdog = steady + watchdogInterval
            ServiceNotice.watchdog.send()
        }
    }

    /// As long as it is known who read what: with the audit's period, and only by a clock that is believed.
    private func forgetGone(_ steady: Duration) {
        guard steady >= nextForgetting, let certain = turn.core.time?.erasing else { return }
        nextForgetting = steady + HubLoop.forgetting
        // A log that can't be read now is looked at the next time.
        try? turn.core.forgetGone(after: settings.retention.audit, certain: certain, log: log)
    }

    /// What has come and gone on the connections meanwhile.
    private func seeConnections(at now: Timestamp) throws(ZeroMQError) {
        try noteAccepted()
        for breach in watch.takeBreaches() {
            guard let account = breach.account, account != PeerConnections.strangers else { continue }
            turn.core.exceeded(breach.resource, account, breach.words, at: now)
        }
    }
}
