public import Alerts
internal import Identity
internal import Platform
public import Settings
internal import Synchronization
internal import Wire
internal import ZeroMQ

/// `borderwire tail`: an exact stream on standard output. With words, `borderwire search`.
public struct Tail {
    public var wanted: Wanted
    public var filter: Filter
    /// nil: all alerts.
    public var words: SearchWords?
    /// nil: the cursor's place, or from now on; with `follows` false, from the beginning.
    public var start: Start?
    /// nil: to the log's end, and on if it follows.
    public var until: Until?
    public var follows: Bool
    /// End after this many; nil: never.
    public var count: Int?
    public var cursor: String?

    public init(
        wanted: Wanted, filter: Filter, words: SearchWords? = nil, start: Start?, until: Until? = nil,
        follows: Bool, count: Int?, cursor: String? = nil
    ) {
        self.wanted = wanted
        self.filter = filter
        self.words = words
        self.start = start
        self.until = until
        self.follows = follows
        self.count = count
        self.cursor = cursor
    }

    /// Told to stop, it waits so long for whoever reads its output.
    static let longestWrite = Duration.seconds(2)

    /// Call from the main thread before any other thread exists.
    /// - Returns: with words, `noInput` where none was found.
    public func run(
        _ settings: ReaderSettings, provinces: ProvinceDirectory, format: any AlertFormat
    ) throws -> ExitStatus {
        let signals = try SignalSource()
        let keys = try KeyFiles.readSecret(settings.key.path)
        let hub = try settings.knownHub()
        let keyring = try settings.keyring(with: hub)
        let cursor = try openCursor(settings)
        let place = cursor?.place
        let start =
            place.map { Start.after($0.offset, log: $0.log.value) } ?? self.start
            ?? (follows ? .now : .after(0, log: nil))
        let queue = try PrintQueue()
        let log = LogBox()
        let tell: @Sendable (String) -> Void = { StandardError.write(line: "borderwire: \($0)") }
        let (filter, words, until, count) = (filter, words, until, count)
        let progress = progress
        let isPrinted = try Wake()
        let printing = try NamedThread("print") {
            Printer(
                queue, format: format, keyring: { keyring.with(hub) }, hub: hub, provinces: provinces,
                filter: filter, words: words, until: until, cursor: cursor, count: count, log: log,
                progress: progress, tell: tell
            ).run()
            isPrinted.signal()
        }
        let result: Result<Bool, any Error>
        do {
            let sockets = try FeedSockets(settings.hub, keys, hub: hub, tell: tell)
            let keeper = try CheckpointKeeper(keptCheckpoint(settings), hub: hub)
            let plan = FeedReader.Plan(
                wanted: wanted, start: start, follows: follows, directory: provinces, keeper: keeper,
                begun: place == nil ? { try cursor?.begin(at: $0, log: $1) } : nil)
            result = .success(
                try FeedReader(plan, sockets: sockets, queue: queue, log: log, tell: tell).run(signals))
        } catch let error as ZeroMQError {
            result = .failure(ReaderFailure(error))
        } catch {
            result = .failure(error)
        }
        queue.complete()
        let isStopped = if case .success(false) = result { true } else { false }
        let isWritten = Tail.wait(for: isPrinted, signals, isStopped: isStopped)
        // Whatever it has not written it has not moved the cursor over.
        if isWritten { printing.join() } else { printing.abandon() }
        let isWhole = try result.get()
        guard isWritten else { return .ok }
        switch queue.end {
        case .failed(let words): throw ReaderFailure(words, status: .ioError)
        case .closed: return .ok
        case .complete, nil: return words != nil && isWhole && queue.printed == 0 ? .noInput : .ok
        }
    }

    /// Whoever reads the output may take as long as they like, until a signal comes.
    /// - Returns: false when it came and nobody took the output.
    private static func wait(for printed: Wake, _ signals: borrowing SignalSource, isStopped: Bool) -> Bool {
        var isStopped = isStopped
        while !isStopped {
            var items = [PollItem(descriptor: printed.descriptor), PollItem(descriptor: signals.descriptor)]
            guard (try? poll(&items, timeout: nil)) != nil else { break }
            if items[0].isReady { return true }
            while let signal = signals.next() { isStopped = isStopped || signal == .stop }
        }
        return printed.wait(atMost: longestWrite)
    }

    /// What is printed shows by itself on a terminal.
    private var progress: Progress? {
        if words != nil { return Progress("searching") }
        return follows
            ? nil : Progress("reading", isShown: StandardError.isTerminal && !StandardOutput.isTerminal)
    }

    /// Beside the cursor.
    private func keptCheckpoint(_ settings: ReaderSettings) -> String? {
        guard let cursor, let state = settings.state else { return nil }
        return Files.path("\(cursor).checkpoint", from: state.path)
    }

    private func openCursor(_ settings: ReaderSettings) throws -> Cursor? {
        guard let cursor else { return nil }
        guard let state = settings.state else {
            throw ReaderFailure(
                "--cursor needs a directory to keep it in", remedy: "set state in the settings",
                status: .config)
        }
        return try Cursor(cursor, directory: state.path)
    }
}

/// The log that a reader reads, and the hub's clock, known once the hub has said them.
final class LogBox: Sendable {
    private let log = Atomic<UInt64>(0)
    private let time = Atomic<Int64>(0)

    /// nil before the first welcome; a log's id is never 0.
    var value: UInt64? {
        let value = log.load(ordering: .acquiring)
        return value == 0 ? nil : value
    }

    /// At the first welcome.
    var hubTime: Timestamp { Timestamp(milliseconds: time.load(ordering: .acquiring)) }

    func set(_ value: UInt64, hubTime: Int64) {
        time.store(hubTime, ordering: .releasing)
        log.store(value, ordering: .releasing)
    }
}
