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
    /// The window is read anew so often: the hub erases what is past its time, and so it is gone here too.
    static let renewal = Duration.seconds(86_400)
    /// Between two looks at what has expired.
    static let expiring = Duration.seconds(1)

    private let settings: ConsoleSettings
    private let provinces: ProvinceDirectory
    private let board: Board
    private let api: PageAPI
    private let log: Log<ConsoleEvent>
    private let client = Mutex<FeedClient?>(nil)
    private let thread: StoppableThread
    /// What was said last of an end.
    private let told = Mutex<String?>(nil)

    init(
        _ settings: ConsoleSettings, _ provinces: ProvinceDirectory, _ board: Board, _ api: PageAPI,
        _ log: Log<ConsoleEvent>
    ) throws(PlatformError) {
        (self.settings, self.provinces, self.board, self.api, self.log) = (
            settings, provinces, board, api, log
        )
        thread = try StoppableThread()
    }

    func start() throws(PlatformError) { try thread.start("alerts") { [self] in run() } }

    func stop() {
        thread.askToStop()
        client.withLock { $0 }?.close()
        thread.stop()
    }

    private func run() {
        while !thread.isStopping {
            do { try read() } catch let failure as ReaderFailure {
                end(failure)
                guard failure.operation != .verify else { return thread.wait() }
            } catch {
                end(ReaderFailure(.keep, "the console's files", "\(error)", status: .osError))
            }
            guard !thread.isStopping else { return }
            thread.wait(atMost: AlertThread.again)
        }
    }

    /// What was shown may not be read any more where the grant has changed or is gone: it is forgotten. A log that is not what the
    /// hub has signed for is not read on: that takes a person.
    private func end(_ failure: ReaderFailure) {
        let isNew = told.withLock { told in
            defer { told = failure.description }
            return told != failure.description
        }
        if isNew { log(.readingEnded, .error, "alerts are not read: \(failure)") }
        board.change { state in
            state.isWelcomed = false
            state.link(isUp: false, failure.description, wallClockMilliseconds())
        }
        if failure.exitStatus == .noPermission { board.clear(settings.window) }
        board.stir()
    }

    private func read() throws {
        var query = FeedClient.Query()
        query.start = .last(settings.window.alerts)
        query.watchesSilence = true
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
        told.withLock { $0 = nil }
        // What was shown before this reading began comes again.
        if board.read({ $0.window.count > 0 }) { board.clear(settings.window) }
        guard !thread.isStopping else { return }
        try follow(reading)
    }

    /// Until the reading is closed, or is to begin anew.
    private func follow(_ reading: FeedClient) throws {
        let end = steadyClock() + AlertThread.renewal
        // What has come and no page was told of yet.
        var isDirty = false
        var nextStir = Duration.zero
        var nextExpiry = Duration.zero
        while true {
            let wait = isDirty ? max(nextStir - steadyClock(), .zero) : AlertThread.expiring
            guard let batch = try reading.next(atMost: wait) else { return }
            let (now, hubTime) = (steadyClock(), reading.hubTime)
            let isExpiring = now >= nextExpiry
            if isExpiring { nextExpiry = now + AlertThread.expiring }
            let isChanged = board.change { state in
                let before = (state.window.change, state.head)
                for alert in batch.alerts { state.window.take(alert, at: hubTime) }
                if isExpiring { state.window.expire(at: hubTime) }
                if state.head == nil, batch.isCaughtUp { state.head = state.window.last }
                if let head = state.head, let through = batch.through { state.head = max(through, head) }
                return before != (state.window.change, state.head)
            }
            isDirty = isDirty || isChanged || !batch.alerts.isEmpty
            if isDirty, now >= nextStir {
                board.stir()
                isDirty = false
                nextStir = now + AlertThread.pause
            }
            if now >= end { return }
        }
    }
}

extension Board {
    /// News of the link. On the reading thread.
    func take(_ news: FeedNews) {
        let clock = wallClockMilliseconds()
        let isTold = change { state -> Bool in
            let before = state.linkChange
            switch news {
            case .welcomed(let welcome):
                state.welcome = welcome
                state.skew = welcome.time.milliseconds &- clock
                state.link.heard = clock
                state.isWelcomed = true
                state.link(isUp: true, nil, clock)
            case .lost:
                state.isWelcomed = false
                state.link(isUp: false, nil, clock)
            case .obstacle(let words): state.link(isUp: false, words, clock)
            case .heard:
                state.link.heard = clock
                if state.isWelcomed { state.link(isUp: true, nil, clock) }
            case .silent(let posts):
                state.silent = posts
                state.silentChange += 1
                return true
            case .vouched(let checkpoint):
                state.vouched = Vouched(
                    log: HexNumber(checkpoint.log).description, offset: checkpoint.offset,
                    time: checkpoint.time.milliseconds)
            case .escalated(let entry):
                // Another reading is told of it again.
                guard !state.escalations.latest.contains(where: { $0.number == entry.number }) else {
                    return false
                }
                state.escalations.append(entry)
                return true
            }
            return state.linkChange != before
        }
        if isTold { stir() }
    }

    /// Milliseconds without a word of the hub, which says one each second, after which the link counts as down.
    static let silence: Int64 = 15_000

    /// Looks whether the hub has fallen silent. Now and then.
    func tend() {
        let clock = wallClockMilliseconds()
        change { state in
            guard state.link.isUp, let heard = state.link.heard, clock - heard > Board.silence else { return }
            state.link(isUp: false, "nothing was heard of the hub for \(Board.silence / 1_000) s", clock)
        }
    }
}
