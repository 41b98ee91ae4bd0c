internal import AlertStore
internal import Alerts
internal import Identity
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The only place where the hub waits and acts: one wait, one reading of each clock, one transaction under way, bounded
/// work from each socket per tick.
final class HubLoop {
    /// How often feeds carry a heartbeat.
    static let beat = Duration.seconds(1)
    /// How often the registry's file is looked at: a revoked identity must be out within a second.
    static let registryLook = Duration.milliseconds(200)
    /// Told to stop, it goes on until nothing came for so long, or for the longest time altogether.
    static let quiet = Duration.milliseconds(250)
    static let longestDrain = Duration.seconds(3)

    let log: Log<HubEvent>
    let sockets: HubSockets
    private let writer: LogWriter
    let queryWorker: LogQueryWorker
    /// Where older alerts are looked up by their ids.
    let ids: any AlertReader
    let connections: ConnectionThread
    let watch: ConnectionWatch
    /// Handshakes that wait until it is known which connection those before them are on.
    var held = FairQueue<HeldHandshake>()
    let registryFile: RegistryFile
    /// The settings in force, and how to read them anew.
    var settings: HubSettings
    let reread: () throws -> HubSettings
    let periods: Periods
    private let time: SharedTime
    let receiver = Receiver(mostFrames: WireLimits.frames)
    let controlReceiver = Receiver(mostFrames: WireLimits.frames, keepsAddresses: true)
    let zapReceiver = Receiver(mostFrames: ZAPRequest.frames)
    var core: HubCore
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
    private var nextWatchdog: Duration?
    private let watchdogInterval: Duration?
    private var isStoreFailing = false
    /// The batch that the writer's thread commits now.
    private var committing: Commit?
    private let board: StatusBoard?
    /// Committed, and not acknowledged yet.
    private var acknowledging: [Commit] = []

    private struct Commit {
        /// When its alerts were taken.
        var taken: Duration
        var alerts: Int
    }

    init(
        _ core: HubCore, sockets: HubSockets, writer: LogWriter, threads: HubThreads, ids: any AlertReader,
        registry: RegistryFile, inForce: consuming InForceFile, settings: HubSettings,
        reread: @escaping () throws -> HubSettings, log: Log<HubEvent>, board: StatusBoard? = nil
    ) {
        self.core = core
        self.sockets = sockets
        self.writer = writer
        queryWorker = threads.queryWorker
        connections = threads.connections
        watch = threads.watch
        periods = threads.periods
        time = threads.time
        self.ids = ids
        self.registryFile = registry
        self.inForce = inForce
        self.settings = settings
        self.reread = reread
        self.log = log
        self.board = board
        let now = steadyClock()
        nextBeat = now
        nextRegistryLook = now
        watchdogInterval = ServiceNotice.watchdogInterval()
        nextWatchdog = watchdogInterval.map { now + $0 }
    }

    var offset: UInt64 { core.end.offset }

    /// Opens a feed for every read grant of the registry.
    func openFeeds() throws(HubFailure) {
        core.ingestPort = sockets.ingestPort
        connections.watch(sockets.ports)
        for feed in core.feeds.feeds.values.sorted(by: { $0.domain < $1.domain }) {
            try open(feed, at: steadyClock())
        }
    }

    /// Runs until it is asked to stop.
    func run(_ requests: DaemonRequests) throws(HubFailure) {
        var items = [
            PollItem(descriptor: requests.descriptor), PollItem(descriptor: queryWorker.answered.descriptor),
            PollItem(descriptor: writer.done.descriptor),
            PollItem(sockets.zap), PollItem(sockets.control.socket), PollItem(sockets.ingest.socket),
        ]
        while true {
            do throws(ZeroMQError) {
                _ = try wait(&items, done: 2, atMost: timeout())
            } catch {
                throw HubFailure(error)
            }
            let (steady, now) = readClocks()
            board?.beat(steady)
            switch requests.next() {
            case .stop: return try drain()
            case .reload:
                ServiceNotice.reloading.send()
                reload(steady, now)
                ServiceNotice.ready.send()
            case nil: break
            }
            try tick(steady, now)
        }
    }

    /// Takes what posts have sent by now, has it on disk, and acknowledges it at the end: a post without acknowledgements
    /// sends no more than its window, so that this ends soon.
    private func drain() throws(HubFailure) {
        board?.phase = .stopping
        ServiceNotice.stopping.send()
        let end = steadyClock() + HubLoop.longestDrain
        var items = [PollItem(descriptor: writer.done.descriptor), PollItem(sockets.ingest.socket)]
        do {
            repeat {
                let came = try wait(&items, done: 0, atMost: HubLoop.quiet)
                if came == 0, committing == nil { break }
                let (steady, now) = readClocks()
                try takeIngest(at: now)
                try commit(at: now, steady)
            } while steadyClock() < end
            let (steady, now) = readClocks()
            try act(steady, now)
        } catch { throw HubFailure(error) }
    }

    /// Waits for any of the items, of which ingest is the last: left out while there is no room for what it has, or the loop
    /// would spin until the commit is done.
    private func wait(
        _ items: inout [PollItem], done: Int, atMost longest: Duration
    ) throws(ZeroMQError) -> Int {
        let ingest = core.isBatchFull ? items.popLast() : nil
        defer { if let ingest { items.append(ingest) } }
        let count = try poll(&items, timeout: longest)
        if items[done].isReady { writer.done.clear() }
        return count
    }

    private func tick(_ steady: Duration, _ now: Timestamp) throws(HubFailure) {
        do {
            try admit(at: now)
            try admitHeld(at: now)
            try takeControl(at: now)
            try takeOrders(at: now)
            try sendAnswers(at: now)
            try takeIngest(at: now)
            try commit(at: now, steady)
            try act(steady, now)
            measure()
            // Delays nobody but who comes just now.
            if committing == nil { try writer.tidy() }
            try keepTime(steady, now)
            try act(steady, now)
            sayWhatIsInForce()
        } catch { throw HubFailure(error) }
    }

    /// - Returns: the steady clock, and the hub's own time, which no one can set.
    private func readClocks() -> (Duration, Timestamp) {
        let steady = steadyClock()
        return (
            steady, core.read(wall: Timestamp(milliseconds: wallClockMilliseconds()), steady: steady)
        )
    }

    private func timeout() -> Duration {
        var next = min(nextBeat, nextRegistryLook)
        if let nextWatchdog { next = min(next, nextWatchdog) }
        for feed in sockets.waiting { next = min(next, feed.next) }
        if held.count > 0 { next = min(next, steadyClock() + HubLoop.heldPause) }
        return max(next - steadyClock(), .zero)
    }

    // MARK: What is done

    private func commit(at now: Timestamp, _ steady: Duration) throws(StoreError) {
        if let commit = committing {
            guard let outcome = writer.outcome() else { return }
            committing = nil
            try settle(commit, outcome, at: now)
        }
        guard let batch = core.closeBatch() else { return }
        let commit = Commit(taken: steady, alerts: batch.records.count + batch.refusals.count)
        if commit.alerts <= LogWriter.small {
            try settle(commit, writer.commit(batch), at: now)
        } else {
            committing = commit
            writer.begin(batch)
        }
    }

    /// A full disk and another program's lock are waited out; after any other failure the disk can't be trusted, and a new
    /// start must read what is really there.
    private func settle(_ commit: Commit, _ outcome: LogWriter.Outcome, at now: Timestamp) throws(StoreError)
    {
        guard let error = outcome.error else {
            core.tally.commit.observe(outcome.took)
            acknowledging.append(commit)
            core.committed()
            if isStoreFailing {
                log(.logWritable, .notice, "the log can be written again", ["OFFSET": "\(core.end.offset)"])
            }
            isStoreFailing = false
            return
        }
        guard error.cause == .full || error.cause == .locked else { throw error }
        core.rolledBack(at: now)
        // Said once, not for each batch: posts try again every second until there is room.
        if !isStoreFailing {
            log(
                .logFull, .error, "the log can't grow; posts keep their alerts and try again: \(error)",
                ["REASON": error.cause == .full ? "full" : "locked"])
        }
        isStoreFailing = true
    }

    /// The acknowledgements are out.
    private func measure() {
        guard !acknowledging.isEmpty else { return }
        let now = steadyClock()
        for commit in acknowledging {
            core.tally.acknowledgement.observe(now - commit.taken, times: commit.alerts)
        }
        acknowledging = []
    }

    private func act(_ steady: Duration, _ now: Timestamp) throws(ZeroMQError) {
        for action in core.takeActions() {
            switch action {
            case .publish(let domain, let frames): try sockets.publish(domain: domain, frames)
            case .reply(let peer, let reply): try answer(peer, reply.frames(), at: now)
            case .look(let peer, let reply, let pending):
                let isThere = try sockets.answer(peer, reply.frames()) != .gone
                core.contended(pending, isSessionThere: isThere, at: now)
            case .read(let query): try submit(query, at: now)
            case .open(let feed):
                // The range is checked for room at start; a grant made later may find none, which only its readers feel.
                do throws(HubFailure) { try open(feed, at: steady) } catch {
                    log(.feedNotOpened, .error, "\(error); it is tried again each second")
                }
            case .close(let domain): sockets.close(domain: domain)
            case .rebind(let domain): sockets.rebind(domain: domain, at: steady)
            case .log(let notice): log(notice)
            }
        }
    }

    private func open(_ feed: Feed, at steady: Duration) throws(HubFailure) {
        let port: Int?
        do throws(ZeroMQError) {
            port = try sockets.open(domain: feed.domain, at: steady)
        } catch {
            throw HubFailure(error)
        }
        guard let port else {
            throw HubFailure(
                "no port is free in listen.feeds for the readers of \(feed.grant.texts.joined(separator: ", "))",
                remedy: "widen listen.feeds: each distinct read grant needs one", status: .config)
        }
        core.ports[feed.domain] = port
        connections.watch(sockets.ports)
    }

    private func keepTime(_ steady: Duration, _ now: Timestamp) throws(ZeroMQError) {
        let reopened = try sockets.reopen(at: steady)
        if !reopened.isEmpty { connections.watch(sockets.ports) }
        for (domain, port) in reopened { core.ports[domain] = port }
        if steady >= nextRegistryLook {
            nextRegistryLook = steady + HubLoop.registryLook
            if isReloadDue { reload(steady, now) }
            if registryWatch.isDue(try? Files.facts(of: registryFile.path)) { followRegistry(steady, now) }
            try seeConnections(at: now)
        }
        core.descriptors = connections.use
        if steady >= nextBeat {
            nextBeat = steady + HubLoop.beat
            core.noticeSynchronised(isClockSynchronised())
            takeClockWord()
            followKeys(steady, now)
            core.beat(at: now)
            if let known = core.time { time.share(known) }
            core.hold(watch.usage(), at: now)
            board?.publish(
                core.snapshot(at: now, replay: queryWorker.load, isLogWritable: !isStoreFailing))
        }
        if let due = nextWatchdog, let watchdogInterval, steady >= due {
            nextWatchdog = steady + watchdogInterval
            ServiceNotice.watchdog.send()
        }
    }
}
