internal import AlertFeed
internal import AlertPost
internal import Alerts
internal import HTTP
internal import Platform
internal import Synchronization
internal import Wire

/// What the console knows by now, and the pages that are told of it. From any thread.
final class Board: Sendable {
    /// Escalations kept for who comes later: the latest.
    static let mostEscalations = 256
    /// The same of what became of alerts of this page's own.
    static let mostMine = 500

    struct Link: Sendable, Equatable {
        var isUp = false
        var since: Int64
        var reason: String?
        /// When the feed was last heard; nil: never.
        var heard: Int64?
    }

    struct Vouched: Sendable, Equatable {
        /// The log's number.
        var log: String
        var offset: UInt64
        var time: Int64
    }

    struct State: Sendable {
        var window: Window
        var welcome: FeedWelcome?
        /// The hub's clock less this machine's, in milliseconds.
        var skew: Int64 = 0
        var link: Link
        /// The hub's latest word for its log that agrees with what was read.
        var vouched: Vouched?
        /// The log's last offset, as far as known; nil before the backlog is through.
        var head: UInt64?
        /// Goes up where all that was shown is to be forgotten.
        var generation = 0
        /// Counted, so that each page knows what it lacks.
        var escalations = Tail<Escalations.Entry>(most: Board.mostEscalations)
        var mine = Mine(most: Board.mostMine)
        /// Posts that the hub does not hear of; nil: not known here.
        var silent: [SilentPost]?
        var silentChange = 0
        var post: PostStatus?
        var postChange = 0
        /// Goes up with each change that a page is told of at once.
        var linkChange = 0
        /// The hub has let the reader in, and that connection lasts.
        var isWelcomed = false

        /// - reason: nil: none is known.
        mutating func link(isUp: Bool, _ reason: String?, _ clock: Int64) {
            let since = isUp == link.isUp ? link.since : clock
            let new = Link(isUp: isUp, since: since, reason: reason, heard: link.heard)
            guard new != link else { return }
            link = new
            linkChange += 1
        }
    }

    private let state: Mutex<State>
    private let streams = Mutex<[ObjectIdentifier: (stream: EventStream, session: UInt64)]>([:])

    init(_ bounds: Window.Bounds, now: Int64) {
        state = Mutex(State(window: Window(bounds), link: Link(since: now)))
    }

    func read<Result: Sendable>(_ body: (State) -> Result) -> Result { state.withLock { body($0) } }

    /// Changes what is known; the pages are told with ``stir()``.
    func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }

    /// Everything that was shown is forgotten: another log, or nothing that may be read any more.
    func clear(_ bounds: Window.Bounds) {
        change { state in
            state.window = Window(bounds)
            state.head = nil
            state.generation += 1
        }
        stir()
    }

    // MARK: Pages

    func add(_ stream: EventStream, session: UInt64) {
        streams.withLock { $0[ObjectIdentifier(stream)] = (stream, session) }
    }

    /// Has every page ask for what it lacks.
    func stir() {
        let open = streams.withLock { streams in
            for (id, entry) in streams where entry.stream.isOver { streams[id] = nil }
            return streams.values.map(\.stream)
        }
        for stream in open { stream.stir() }
    }

    /// Ends the streams of sessions that are over.
    func close(unless isOpen: (UInt64) -> Bool) {
        let over = streams.withLock { streams in
            let over = streams.filter { !isOpen($0.value.session) }
            for id in over.keys { streams[id] = nil }
            return over.values.map(\.stream)
        }
        for stream in over { stream.close() }
    }
}

/// What has become of alerts of this page's own: the latest word on each, numbered as it came.
struct Mine: Sendable {
    private let most: Int
    private(set) var count = 0
    private var latest: [(number: Int, news: DraftNews)] = []

    init(most: Int) { self.most = most }

    /// A word that is older than what is known, as a second desk's may be, changes nothing.
    mutating func put(_ news: DraftNews) {
        if let place = latest.firstIndex(where: { $0.news.id == news.id }) {
            guard latest[place].news != news, news.state != .queued else { return }
            latest.remove(at: place)
        }
        count += 1
        latest.append((count, news))
        if latest.count > most { latest.removeFirst() }
    }

    func after(_ number: Int) -> [DraftNews] { latest.filter { $0.number > number }.map(\.news) }
}

/// The latest of something, each with its number from 1.
struct Tail<Element: Sendable>: Sendable {
    private let most: Int
    private(set) var count = 0
    private(set) var latest: [Element] = []

    init(most: Int) { self.most = most }

    mutating func append(_ element: Element) {
        count += 1
        latest.append(element)
        if latest.count > most { latest.removeFirst() }
    }

    /// Those after the one of a number, as far as they are kept.
    func after(_ number: Int) -> ArraySlice<Element> { latest.suffix(max(0, count - number)) }
}
