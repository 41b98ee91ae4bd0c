internal import AlertFeed
internal import AlertPost
internal import Alerts
internal import Glibc
internal import HTTP
internal import Identity
public import Platform
internal import Provinces
internal import Settings

/// A console as an object: started and stopped, beside any number of others in the same process.
public final class Console: Daemon {
    private let thread: DaemonThread<String>

    public init(_ settings: ConsoleSettings) throws {
        thread = try DaemonThread("console") { try Console.serve(settings, $0, $1) }
    }

    /// Returns once the page is served; the link to the hub may come later.
    public func start() throws { try thread.start() }

    public func stop() throws { try thread.stop() }

    /// Nothing of a console's settings changes while it runs.
    public func reload() {}

    /// The page's origin, `http://127.0.0.1:9580`; nil while it isn't served.
    public var address: String? { thread.address }

    public var ended: Wake { thread.ended }

    /// Where the page is served: the loopback interface alone, since many people behind one key would make audit and acknowledgement
    /// fiction.
    static let host = "127.0.0.1"
    /// Between two looks at what is over.
    private static let pause = Duration.seconds(1)

    private static func serve(
        _ settings: ConsoleSettings, _ requests: DaemonRequests, _ isServing: (String) -> Void
    ) throws {
        let log = Log<ConsoleEvent>(program: "borderwire-console")
        let files = PageFiles(directory: settings.pageDirectory)
        guard files.isThere else {
            throw Failure(
                "\(files.directory) holds no page", remedy: "set page in the settings to its directory",
                status: .config)
        }
        guard PeerCheck.isPossible else {
            throw Failure(
                "/proc/self/net/tcp can't be read: it says whose programs connect",
                remedy: "mount /proc", status: .osError)
        }
        // What the reading will need: said at once where it lacks.
        _ = try KeyFiles.readSecret(settings.reader.key.path)
        for hub in settings.reader.hub.all { _ = try KeyFiles.readPublic(hub.key.path) }
        let provinces = try ReferenceData.provinces(overlay: settings.reader.provinces?.path)
        try makeState(settings.state.path)
        let lock = try FileLock.acquire(settings.lockFile)
        guard let lock else {
            throw Failure(
                "\(settings.lockFile) is held: another borderwire-console runs in \(settings.state)",
                remedy: "one console per state directory", status: .tempFail)
        }
        defer { withExtendedLifetime(lock) {} }
        try run(settings, provinces, files, log, requests, isServing)
        ServiceNotice.stopping.send()
    }

    private static func run(
        _ settings: ConsoleSettings, _ provinces: ProvinceDirectory, _ files: PageFiles,
        _ log: Log<ConsoleEvent>,
        _ requests: DaemonRequests, _ isServing: (String) -> Void
    ) throws {
        let board = Board(settings.window, now: wallClockMilliseconds())
        let queries = try QueryThreads()
        defer { queries.stop() }
        let desk = try openDesk(settings, board, log)
        defer { desk.stop() }
        let api = PageAPI(settings, provinces, board, queries, desk: desk)
        let page = PageServer(files, board, api)
        let server = try serve(page, settings)
        page.serves(on: server.port)
        let address = "http://\(host):\(server.port)"
        let door = try OpeningDoor(settings.localSocket, address: address, page, log)
        let alerts = try AlertThread(settings, provinces, board, api, log)
        try alerts.start()
        defer { alerts.stop() }
        ServiceNotice.ready.send()
        log(.ready, .notice, "ready: the page is served on \(address); borderwire-console open opens it")
        isServing(address)
        let watchdog = ServiceNotice.watchdogInterval()
        let wait = min(pause, watchdog ?? pause)
        while true {
            var items = [requests.descriptor, door.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            _ = Glibc.poll(&items, nfds_t(items.count), wait.wholeMilliseconds)
            if requests.next() == .stop { break }
            door.look()
            page.endSessions(steadyClock())
            board.tend()
            board.stir()
            if watchdog != nil { ServiceNotice.watchdog.send() }
        }
        withExtendedLifetime(server) {}
    }

    /// The post's, where the settings name one; else the analyst's own outbox, for acknowledgements.
    private static func openDesk(
        _ settings: ConsoleSettings, _ board: Board, _ log: Log<ConsoleEvent>
    ) throws -> any WritingDesk {
        guard let file = settings.post else {
            let desk = try OutboxDesk(settings, board) { log(.link, .warning, $0) }
            try desk.start()
            return desk
        }
        let post = try decodeTOML(PostSettings.self, file: file.path)
        guard let socket = post.deskSocket else {
            throw Failure(
                "\(file) lets no console write", remedy: "set desk there: borderwire-post.toml(5)",
                status: .config)
        }
        let desk = try PostDesk(socket, board)
        try desk.start()
        return desk
    }

    private static func serve(_ page: PageServer, _ settings: ConsoleSettings) throws -> HTTPServer {
        do throws(HTTPError) {
            return try HTTPServer(
                address: host, port: settings.port, bounds: PageServer.bounds(), hosts: HostCheck(only: host),
                peers: PeerCheck(user: geteuid())
            ) { page.answer($0) }
        } catch {
            throw Failure(
                error.description,
                remedy: error.isAddressInUse ? "set port in the settings to one that is free" : "",
                status: error.isAddressInUse ? .unavailable : .osError)
        }
    }

    /// Its user's alone.
    private static func makeState(_ directory: String) throws {
        if mkdir(directory, 0o700) != 0, errno != EEXIST { throw FileError("make", directory, errno) }
        try Files.expectPrivate(directory)
    }
}
