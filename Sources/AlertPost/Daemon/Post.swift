internal import Alerts
internal import Glibc
internal import HubLink
internal import Identity
public import Platform
public import Settings
internal import LogProof
internal import ZeroMQ

/// A post's daemon as an object: started, stopped and started again, beside any number of others in the same process.
public final class Post: Daemon {
    private let thread: DaemonThread<String>

    public init(_ settings: PostSettings) throws {
        thread = try PostFailure.reported { () throws(PlatformError) in
            try DaemonThread("loop") { try Post.serve(settings, $0, $1) }
        }
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
        _ settings: PostSettings, _ requests: DaemonRequests, _ isServing: (String) -> Void
    ) throws {
        let log = Log<PostEvent>(program: "borderwire-post")
        let keys = try KeyFiles.readSecret(settings.key.path)
        let provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        try Files.expectPrivate(settings.state.path)
        let hub = try KnownHub(
            try KeyFiles.readPublic(settings.hub.key.path), file: settings.hubKeyFile)
        try checkRoom(settings)
        let outbox = try PostFailure.reported { () throws(OutboxError) in
            try Outbox.open(path: settings.outboxFile, limit: settings.outbox.most)
        }
        guard let lock = try takeLock(settings) else {
            throw PostFailure(
                "\(settings.lockFile) is held: another borderwire-post runs in \(settings.state)",
                remedy: "one daemon per state directory", status: .tempFail)
        }
        let outcome = Result {
            try run(settings, keys, provinces, hub, outbox, log, requests, isServing)
        }
        ServiceNotice.stopping.send()
        try? outbox.close()
        _ = consume lock
        try outcome.get()
    }

    /// While the state directory is ours.
    private static func run(
        _ settings: PostSettings, _ keys: IdentityKeys, _ provinces: ProvinceDirectory, _ hub: KnownHub,
        _ outbox: Outbox, _ log: Log<PostEvent>, _ requests: DaemonRequests, _ isServing: (String) -> Void
    ) throws {
        do {
            let context = try Context()
            // After the sockets, which are closed with the loop.
            defer { context.terminate() }
            do {
                let route = try HubRoute(settings.hub, at: steadyClock())
                let sockets = try PostSockets(settings, keys, hub: hub, route: route, context)
                let loop = try PostLoop(
                    settings, keys, provinces: provinces, sockets: sockets, outbox: outbox, hub: hub,
                    log: log)
                ServiceNotice.ready.send()
                log(
                    .ready, .notice, "ready: \(keys.name) sends to \(settings.hub.place)",
                    ["POST": keys.name])
                isServing(try settings.localEndpoint())
                try loop.run(requests)
            }
        } catch let error as OutboxError {
            throw PostFailure(error)
        } catch let error as ZeroMQError {
            throw PostFailure(error.description, status: .osError)
        } catch let error as PlatformError {
            throw PostFailure(error.description, status: .osError)
        }
    }

    private static func takeLock(_ settings: PostSettings) throws(PostFailure) -> FileLock? {
        do throws(PlatformError) { return try FileLock.acquire(settings.lockFile) } catch {
            throw PostFailure(error)
        }
    }

    /// With a full disk the hub's answers could not be written down.
    private static func checkRoom(_ settings: PostSettings) throws {
        guard try Files.facts(of: settings.state.path)?.kind == .directory else { return }
        let shortage = try DiskSpace.shortage(
            at: settings.state.path, reserve: settings.outbox.reserve, key: "outbox.reserve")
        guard let shortage else { return }
        throw PostFailure(
            shortage, remedy: "make room there, or lower outbox.reserve; it starts again by itself",
            status: .tempFail)
    }
}

/// Why a post's program can't go on, and what its operator can do.
public struct PostFailure: ProgramError, Equatable, CustomStringConvertible {
    public let cause: String
    public let remedy: String
    public let exitStatus: ExitStatus

    init(_ cause: String, remedy: String = "", status: ExitStatus) {
        self.cause = cause
        self.remedy = remedy
        exitStatus = status
    }

    init(_ error: OutboxError) {
        let status: ExitStatus =
            switch error.cause {
            case .full, .tooMany, .busy, .taken: .tempFail
            case .readOnly: .noPermission
            case .missing: .cantCreate
            case .newerVersion, .endedFormat, .damaged, .unacknowledged: .dataError
            case .other: .ioError
            }
        self.init("\(error.operation) \(error.path): \(error.detail)", remedy: error.remedy, status: status)
    }

    init(_ error: PlatformError) {
        switch error.code {
        case EACCES, EPERM, EROFS:
            self.init(
                error.description,
                remedy: "give the program's user the right to write there; a read-only mount can't be used",
                status: .noPermission)
        case ENOSPC, EDQUOT:
            self.init(
                error.description, remedy: "make room there; df, and df -i for inodes, show what is used up",
                status: .tempFail)
        default: self.init(error.description, status: .osError)
        }
    }

    static func reported<Result>(
        _ work: () throws(PlatformError) -> Result
    ) throws(PostFailure) -> Result {
        do throws(PlatformError) { return try work() } catch { throw PostFailure(error) }
    }

    static func reported<Result>(
        _ work: () throws(OutboxError) -> Result
    ) throws(PostFailure) -> Result {
        do throws(OutboxError) { return try work() } catch { throw PostFailure(error) }
    }

    public var description: String { remedy.isEmpty ? cause : "\(cause). \(remedy)" }
}
