internal import AlertFeed
internal import Alerts
internal import Platform
internal import Synchronization
internal import Wire

/// Reads the feed into the board, on a thread of its own, until it is stopped; again from the hub where that is of use.
final class AlertThread: Sendable {
    /// Between two looks at the pages while alerts come: each gets what has come by then.
    static let pause = Duration.milliseconds(20)
    /// Before the feed is read anew after it has ended.
    static let again = Duration.seconds(5)

    private let settings: ConsoleSettings
    private let provinces: ProvinceDirectory
    private let board: Board
    private let api: PageAPI
    private let log: Log<ConsoleEvent>
    private let client = Mutex<FeedClient?>(nil)
    private let stopped: Wake
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<NamedThread?>(nil)

    init(
        _ settings: ConsoleSettings, _ provinces: ProvinceDirectory, _ board: Board, _ api: PageAPI,
        _ log: Log<ConsoleEvent>
    ) throws(PlatformError) {
        (self.settings, self.provinces, self.board, self.api, self.log) = (
            settings, provinces, board, api, log
        )
        stopped = try Wake()
    }

    func start() throws(PlatformError) {
        let started = try NamedThread("alerts") { [self] in run() }
        thread.withLock { $0 = started }
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        stopped.signal()
        client.withLock { $0 }?.close()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run() {
        while !isStopping.load(ordering: .acquiring) {
            do { try read() } catch let failure as ReaderFailure {
                end(failure)
                guard failure.operation != .verify else { return stopped.wait() }
            } catch {
                end(ReaderFailure(.keep, "the console's files", "\(error)", status: .osError))
            }
            guard !isStopping.load(ordering: .acquiring) else { return }
            stopped.wait(atMost: AlertThread.again)
        }
    }

    /// What was shown may not be read any more where the grant has changed or is gone: it is forgotten. A log that is not what the
    /// hub has signed for is not read on: that takes a person.
    private func end(_ failure: ReaderFailure) {
        log(.readingEnded, .error, "alerts are not read: \(failure)")
        board.change { state in
            state.link = Board.Link(
                isUp: false, since: wallClockMilliseconds(), reason: failure.description,
                heard: state.link.heard)
            state.linkChange += 1
        }
        if failure.exitStatus == .noPermission { board.clear(settings.window) }
        board.stir()
    }

    private func read() throws {
        var query = FeedClient.Query()
        query.start = .last(settings.window.alerts)
        let reading = try FeedClient(
            query, settings.reader, provinces: provinces,
            tell: { [log] in log(.link, .notice, $0) }, news: { [board] in board.take($0) })
        client.withLock { $0 = reading }
        api.shown.withLock { $0 = { [weak reading] in reading?.shown($0) } }
        defer {
            api.shown.withLock { $0 = nil }
            client.withLock { $0 = nil }
            reading.close()
        }
        // What was shown before this reading began comes again.
        if board.read({ $0.window.count > 0 }) { board.clear(settings.window) }
        guard !isStopping.load(ordering: .acquiring) else { return }
        var isDirty = false
        while let batch = try reading.next(atMost: isDirty ? AlertThread.pause : .seconds(1)) {
            let now = reading.hubTime
            let isQuiet = batch.first == nil && batch.looked == nil
            board.change { state in
                for alert in batch.alerts { state.window.take(alert, at: now) }
                state.window.expire(at: now)
                if state.head == nil, isQuiet, state.welcome != nil || !batch.alerts.isEmpty {
                    state.head = state.window.last
                }
                if let through = batch.through, state.head != nil {
                    state.head = max(through, state.head ?? 0)
                }
            }
            if isQuiet {
                board.stir()
                isDirty = false
            } else {
                isDirty = true
            }
        }
    }
}

extension Board {
    /// News of the link. On the reading thread.
    func take(_ news: FeedNews) {
        let clock = wallClockMilliseconds()
        let isTold = change { state -> Bool in
            switch news {
            case .welcomed(let welcome):
                state.welcome = welcome
                state.skew = welcome.time.milliseconds &- clock
                state.link.heard = clock
                guard !state.link.isUp else { return false }
                state.link = Link(isUp: true, since: clock, reason: nil, heard: clock)
            case .lost:
                guard state.link.isUp else { return false }
                state.link = Link(isUp: false, since: clock, reason: nil, heard: state.link.heard)
            case .obstacle(let words):
                if state.link.isUp { state.link.since = clock }
                (state.link.isUp, state.link.reason) = (false, words)
            case .heard:
                state.link.heard = clock
                return false
            case .vouched(let checkpoint):
                state.vouched = Vouched(
                    log: HexNumber(checkpoint.log).description, offset: checkpoint.offset,
                    time: checkpoint.time.milliseconds)
                return false
            case .escalated(let entry):
                state.escalations.append(entry)
                return true
            }
            state.linkChange += 1
            return true
        }
        if isTold { stir() }
    }
}
