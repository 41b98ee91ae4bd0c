internal import AlertStore
internal import Platform
internal import Settings

/// The hub's threads beside its loop, from the start of the first to the end of the last.
final class HubThreads {
    let queryWorker: LogQueryWorker
    let watch: ConnectionWatch
    let purge: PurgeThread
    let connections: ConnectionThread
    let periods: Periods
    let time: SharedTime
    let role: SharedRole
    private let group = ThreadGroup()

    init(
        _ settings: HubSettings, _ opened: OpenLog, time: HubTime, log: Log<HubEvent>
    ) throws(PlatformError) {
        let writer = opened.writer
        let purge = try PurgeThread()
        self.purge = purge
        let queryWorker = try LogQueryWorker()
        let watch = try ConnectionWatch(settings.limits)
        let connections = try ConnectionThread()
        let shared = SharedTime(time) { purge.look() }
        let role = SharedRole(opened.shared == nil ? .writing : .following) { purge.look() }
        let periods = Periods(settings.retention)
        self.queryWorker = queryWorker
        self.watch = watch
        self.connections = connections
        self.periods = periods
        self.time = shared
        self.role = role
        // Each may use those before it, and ends before them.
        try group.start("writer", stop: { writer.stop() }) { writer.run() }
        if let session = opened.shared {
            let escalation = settings.escalation
            try group.start("lease", stop: { session.stop() }) {
                session.runLease { session.begin($0, $1, writer, escalation, shared) }
            }
            try group.start("follower", stop: { session.stop() }) { session.runFollower() }
        }
        try group.start("replay", stop: { queryWorker.stop() }) {
            let recorder = AuditRecorder(
                periods: periods, time: shared, role: role, limits: settings.limits, log: log
            ) { () throws(StoreError) in try settings.log.audit() }
            let unreadable = { (error: StoreError) in
                log(
                    .logUnreadable, .error, "the log can't be read, and who asks is told so: \(error)",
                    ["REASON": "unreadable"])
            }
            queryWorker.run(recorder, unreadable: unreadable) { () throws(StoreError) in
                try settings.log.reader()
            }
        }
        try group.start("purge", stop: { purge.stop() }) {
            purge.run(settings.log, periods, shared, role, log) { try ClockFile.write($0, settings) }
        }
        try group.start("peers", stop: { watch.stop() }) { watch.run() }
        try group.start("connections", stop: { connections.stop() }) { connections.run(log) }
    }

    /// Returns at the end of all of them.
    func stop() { group.stop() }
}
