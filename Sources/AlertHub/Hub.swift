internal import Alerts
internal import AlertStore
internal import HTTP
internal import Identity
internal import Notation
public import Platform
internal import Provinces
internal import Settings
internal import Wire
internal import ZeroMQ

/// The hub as an object: started, stopped and started again, beside any number of others in the same process.
public final class Hub: Daemon {
    private let thread: DaemonThread<Endpoints>

    /// - reread: gives the settings anew, for ``reload()``; nil: they stay as they are.
    public init(
        _ settings: HubSettings, reread: (@Sendable () throws -> HubSettings)? = nil
    ) throws {
        let reread = reread ?? { settings }
        thread = try DaemonThread("loop") { try Hub.serve(settings, reread, $0, $1) }
    }

    /// Returns once it is ready for posts and readers.
    public func start() throws { try thread.start() }

    /// What it has received by now is on disk and answered when this returns.
    public func stop() throws { try thread.stop() }

    /// Takes over what can change of the settings while it runs, and the registry.
    public func reload() { thread.reload() }

    /// Where it listens; nil while it isn't ready.
    public var address: Endpoints? { thread.address }

    public var ended: Wake { thread.ended }

    /// Its whole life, on the thread of its loop: what it needs, opened in the order in which it may fail, run, and closed.
    private static func serve(
        _ settings: HubSettings, _ reread: @escaping () throws -> HubSettings, _ requests: DaemonRequests,
        _ isServing: (Endpoints) -> Void
    ) throws {
        let log = Log<HubEvent>(program: "borderwire-hub")
        try ListenPlan(settings).verify()
        let board = StatusBoard(watchdog: ServiceNotice.watchdogInterval())
        let server = serve(settings.metrics, board, log)
        // Nothing calls it any more, and it serves all the same.
        defer { withExtendedLifetime(server) {} }
        let keys = try KeyFiles.readSecret(settings.key.path)
        let provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        let registryFile = RegistryFile(path: settings.registry.path, provinces: provinces)
        let registry = try settings.registryStore(provinces).read()
        try Files.expectPrivate(settings.state.path)
        try checkRoom(settings)
        let opened = try OpenLog(settings.log, hub: keys.name, provinces)
        defer { opened.close() }
        let state = opened.state
        let inForce = try InForceFile(settings)
        let time = HubTime.atStart(settings, received: state.offset == 0 ? nil : state.received)
        let started = time.now(steady: steadyClock())
        var core = HubCore(
            state, registry: registry, provinces: provinces,
            operatorUser: keys.curve.publicKey.hex, hub: keys.name, started: started, signing: keys.signing,
            limits: settings.limits, time: time)
        core.escalation.follow(settings.escalation)
        if opened.shared == nil {
            let reader = try settings.log.reader()
            defer { try? reader.close() }
            let start = try WriterStart(
                state, reader, settings.escalation, WriterStart.Clock(now: started, shift: time.shift),
                outage: core.sinceLastRun)
            core.begin(start, at: started)
        }
        let threads = try HubThreads(settings, opened, time: time, log: log)
        defer { threads.stop() }
        let context = try Context(ioThreads: HubSockets.ioThreads)
        defer { context.terminate() }
        let offset: UInt64
        do {
            let sockets = try HubSockets.open(settings, keys, context)
            let loop = HubLoop(
                opened.turn(core, keys.name), sockets: sockets, log: opened, threads: threads,
                registry: registryFile, inForce: inForce, settings: settings, reread: reread, tell: log,
                board: server == nil ? nil : board)
            try loop.openFeeds()
            threads.queryWorker.prepared.wait(atMost: LogQueryWorker.longestPreparation)
            let address = Endpoints(
                control: sockets.controlPort, ingest: sockets.ingestPort, metrics: server?.port)
            try address.write(settings)
            board.phase = .ready
            ServiceNotice.ready.send()
            log(
                .ready, .notice,
                "ready: control on port \(sockets.controlPort), ingest on \(sockets.ingestPort), "
                    + "\(registry.identities.count) identities", ["OFFSET": "\(state.offset)"])
            isServing(address)
            try loop.run(requests)
            offset = loop.offset
        }
        try? ClockFile.write(threads.time.value, settings)
        // The sockets are closed; what is said to peers leaves within their linger.
        context.terminate()
        log(
            .stopping, .notice, "stopping: the log ends at offset \(offset)",
            ["OFFSET": "\(offset)"])
        try? Files.remove(settings.endpoints)
        try? Files.remove(settings.registryInForce)
    }

    /// Before all else, so that a start which takes long can be seen. The hub does without where the port is taken: alerts
    /// matter more than what is counted of them.
    private static func serve(_ settings: MetricsSettings, _ board: StatusBoard, _ log: Log<HubEvent>)
        -> HTTPServer?
    {
        guard settings.serve else { return nil }
        let pages = Pages(board: board)
        do throws(HTTPError) {
            return try HTTPServer(address: settings.address.description, port: settings.port) {
                pages.answer($0)
            }
        } catch {
            log(.metricsNotServed, .error, "metrics are not served: \(error)", ["REASON": "metrics"])
            return nil
        }
    }

    /// A hub that begins with a full disk would take alerts and not store them.
    static func checkRoom(_ settings: HubSettings) throws {
        try DiskSpace.expect(settings.limits.reserve, at: settings.state.path, key: "limits.reserve")
    }
}
