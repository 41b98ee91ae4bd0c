internal import Alerts
internal import Glibc
internal import HubLink
internal import Identity
internal import LogProof
public import Platform
internal import Provinces
internal import Settings
internal import ZeroMQ

/// A post's daemon as an object: started, stopped and started again, beside any number of others in the same process.
public final class Post: Daemon {
    private let thread: DaemonThread<String>

    /// - program: which one it is a part of.
    public init(_ settings: PostSettings, in program: OutboxProgram = .post) throws {
        thread = try DaemonThread("loop") { try Post.serve(settings, program, $0, $1) }
    }

    /// Returns once it serves programs on its machine; the link to the hub may come later.
    public func start() throws { try thread.start() }

    /// What waits in the outbox stays there.
    public func stop() throws { try thread.stop() }

    /// Nothing of a post's settings changes while it runs.
    public func reload() {}

    /// The endpoint of its local socket; nil while it isn't ready.
    public var address: String? { thread.address }

    public var ended: Wake { thread.ended }

    /// Its whole life, on the thread of its loop: what it needs, opened in the order in which it may fail, run, and closed.
    private static func serve(
        _ settings: PostSettings, _ program: OutboxProgram, _ requests: DaemonRequests,
        _ isServing: (String) -> Void
    ) throws {
        let log = Log<PostEvent>(program: program.rawValue, tells: { program.tells($0) })
        let keys = try KeyFiles.readSecret(settings.key.path)
        let provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        try Files.expectPrivate(settings.state.path)
        let hubs = try settings.hubs()
        try checkRoom(settings)
        let outbox = try Outbox.open(path: settings.outboxFile, limit: settings.outbox.most)
        guard let lock = try Failure.reported(FileLock.acquire(settings.lockFile)) else {
            throw Failure(
                "\(settings.lockFile) is held: another borderwire-post runs in \(settings.state)",
                remedy: "one daemon per state directory", status: .tempFail)
        }
        let outcome = Result {
            try run(settings, keys, provinces, hubs, outbox, log, requests, isServing)
        }
        ServiceNotice.stopping.send()
        try? outbox.close()
        _ = consume lock
        try outcome.get()
    }

    /// While the state directory is ours.
    private static func run(
        _ settings: PostSettings, _ keys: IdentityKeys, _ provinces: ProvinceDirectory, _ hubs: Hubs,
        _ outbox: Outbox, _ log: Log<PostEvent>, _ requests: DaemonRequests, _ isServing: (String) -> Void
    ) throws {
        let context = try Context()
        // After the sockets, which are closed with the loop.
        defer { context.terminate() }
        do {
            let sockets = try PostSockets(settings, keys, hubs, context)
            let loop = try PostLoop(
                settings, keys, provinces: provinces, sockets: sockets, outbox: outbox, hub: hubs.known,
                log: log)
            ServiceNotice.ready.send()
            log(.ready, .notice, "ready: \(keys.name) sends to \(hubs.places)", ["POST": keys.name])
            let desk = openDesk(settings, log)
            defer { desk?.stop() }
            isServing(try settings.localEndpoint())
            try loop.run(requests)
        }
    }

    /// Alerts that wait matter more than those that somebody may write: without a desk the daemon goes on.
    private static func openDesk(_ settings: PostSettings, _ log: Log<PostEvent>) -> DeskDoor? {
        guard let directory = settings.desk else { return nil }
        do { return try DeskDoor(settings, directory.path, log) } catch {
            log(.deskClosed, .error, "no alerts are taken from consoles: \(error)")
            return nil
        }
    }

    /// With a full disk the hub's answers could not be written down.
    private static func checkRoom(_ settings: PostSettings) throws {
        try DiskSpace.expect(settings.outbox.reserve, at: settings.state.path, key: "outbox.reserve")
    }
}
