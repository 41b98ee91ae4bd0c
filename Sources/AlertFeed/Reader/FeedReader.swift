internal import Alerts
internal import Glibc
internal import HubLink
internal import Platform
internal import Printable
internal import Settings
internal import Wire
internal import LogProof
internal import ZeroMQ

/// The reading thread's loop: keeps the link, feeds the stream with what arrives, hands alerts to the queue.
final class FeedReader {
    /// Without a heartbeat for this long the link counts as lost, and the hub is greeted anew.
    static let silence = Duration.seconds(5)
    /// The hub is greeted so often over a link that lasts: its welcome tells of keys that will follow its own.
    static let greeting = Duration.seconds(3_600)
    /// A request without a reply for this long is asked again.
    static let patience = Duration.seconds(5)
    /// A reader that doesn't follow gives up when the hub can't be reached for this long.
    static let reach = Duration.seconds(10)
    /// A reader that doesn't follow gives up when nothing it asked for has come for this long.
    static let standstill = Duration.seconds(30)
    /// Messages taken from one socket per tick.
    static let mostPerTick = 1_000
    /// Told to stop, it waits so long for the hub to vouch for what was read.
    static let farewell = Duration.seconds(1)

    struct Plan {
        var wanted: Wanted
        var start: Start
        var follows: Bool
        var directory: ProvinceDirectory
        var keeper: CheckpointKeeper
        /// Called once the place is known after which the stream begins, before anything comes of it: with its offset and
        /// log.
        var begun: ((UInt64, UInt64) throws -> Void)?
    }

    let plan: Plan
    let sockets: FeedSockets
    private let queue: PrintQueue
    private let log: LogBox
    let tell: (String) -> Void
    private let receiver = Receiver(mostFrames: WireLimits.frames)
    var stream: FeedStream?
    private var welcome: Reply.Welcome?
    var request: UInt64 = 0
    /// A page to ask for once the queue has room.
    private var deferred: Request.Replay?
    /// The page or offset asked for last, and when: a late reply to an earlier request must not end the waiting.
    private var asked: (request: UInt64, at: Duration)?
    private var heard = steadyClock()
    private var greeted = steadyClock()
    private let began = steadyClock()
    /// When an answer last brought the reading on, and why the hub last said that it can't.
    private var progressed = steadyClock()
    private var excuse: String?
    private var isLinkUp = false
    private var isCaughtUp = false
    /// From a hello to its welcome nothing is taken from the feed, where the hub's later alerts may overtake the welcome: its
    /// log would seem to end before what we have.
    private var isGreeting = false
    /// What the hub was asked to vouch for and has not answered yet.
    var question: CheckpointQuestion?
    /// The chains at a checkpoint that was kept, as the hub proved them anew.
    var proven: (offset: UInt64, marks: [UInt32: TopicMark])?
    /// The stream is verified up to this offset.
    var vouchedThrough: UInt64 = 0
    var nextVouching = Duration.zero

    init(_ plan: Plan, sockets: FeedSockets, queue: PrintQueue, log: LogBox, tell: @escaping (String) -> Void)
    {
        self.plan = plan
        self.sockets = sockets
        self.queue = queue
        self.log = log
        self.tell = tell
    }

    /// Runs until the backlog is through (unless it follows), the queue wants no more, or a signal asks for the end.
    /// - Returns: false when it was a signal.
    func run(_ signals: borrowing SignalSource) throws -> Bool {
        defer { queue.complete() }
        while queue.end == nil, plan.follows || !isCaughtUp {
            var items = [
                PollItem(descriptor: signals.descriptor), PollItem(descriptor: queue.forReader.descriptor),
                PollItem(sockets.control.watched.socket), PollItem(sockets.control.watched.events),
                PollItem(endOf: STDOUT_FILENO),
            ]
            items += sockets.route.descriptors.map { PollItem(descriptor: $0) }
            if let feed = sockets.feed {
                items.append(PollItem(feed.watched.events))
                if !isGreeting { items.append(PollItem(feed.watched.socket)) }
            }
            let wait = max(min(sockets.route.nextTick - steadyClock(), .seconds(1)), .zero)
            _ = try poll(&items, timeout: wait)
            let now = steadyClock()
            // Whoever read the output has gone: that shows here long before there is something to write.
            if items[4].isReady { queue.finish(.closed) }
            while let signal = signals.next() {
                guard signal == .stop else { continue }
                try vouchAtEnd(FeedReader.farewell)
                return false
            }
            queue.forReader.clear()
            try takeEvents(now)
            try takeReplies(now)
            try takeFeed(now)
            try askDeferred(now)
            try keepTime(now)
        }
        if queue.end == nil { try vouchAtEnd(FeedReader.patience) }
        return true
    }

    /// Has the hub vouch for the last position before the end, that a later rewriting of it shows. A hub that doesn't answer
    /// in time hinders nobody: the next run goes on from the last checkpoint that it vouched for.
    private func vouchAtEnd(_ patience: Duration) throws {
        let end = steadyClock() + patience
        while isLinkUp, steadyClock() < end {
            let now = steadyClock()
            if question == nil, try !vouch(now) { return }
            var items = [
                PollItem(sockets.control.watched.socket), PollItem(sockets.control.watched.events),
            ]
            _ = try poll(&items, timeout: end - now)
            try takeEvents(steadyClock())
            try takeReplies(steadyClock())
        }
    }

    // MARK: What arrives

    private func takeEvents(_ now: Duration) throws {
        while let event = try sockets.controlEvent(receiver, at: now) {
            switch event {
            case .handshakeSucceeded:
                if !isLinkUp, welcome != nil { tell("the link to the hub is back") }
                isLinkUp = true
                try greet(now)
            case .disconnected:
                if isLinkUp { tell("the link to the hub is lost; trying again") }
                isLinkUp = false
            case .refused: throw ReaderFailure.notAuthorised
            case .connected, .handshakeFailed, .retrying: break
            }
        }
        while let event = try sockets.feedEvent(receiver, at: now) {
            switch event {
            // Revoked, or granted otherwise: the hub says which in its answer.
            case .refused: try greet(now)
            case .handshakeSucceeded, .disconnected, .connected, .handshakeFailed, .retrying: break
            }
        }
        try sockets.tend(at: now)
        while let obstacle = sockets.route.news() { tell("no link to the hub: \(obstacle); trying again") }
    }

    private func takeReplies(_ now: Duration) throws {
        for _ in 0..<FeedReader.mostPerTick {
            guard let message = try receiver.receive(from: sockets.control.watched.socket) else { return }
            do {
                try take(try Reply(frames: message.frames), now)
            } catch let error as Malformed {
                throw ReaderFailure("the hub does not keep to the protocol: \(error)", status: .software)
            }
        }
    }

    private func take(_ reply: Reply, _ now: Duration) throws {
        switch reply {
        case .welcome(let welcome) where welcome.request == request:
            sockets.learn(welcome.successor)
            plan.keeper.followKeys()
            try doubt(welcome, now)
        case .checkpoint(let answer) where answer.request == question?.request: try vouched(answer, now)
        case .located(let located) where located.request == request:
            guard let welcome, stream == nil else { return }
            asked = nil
            progress(now)
            try begin(after: located.after, log: nil, welcome, now)
        case .page(let page, let bytes):
            if asked?.request == page.request { asked = nil }
            progress(now)
            queue.see(head: page.head)
            let records: [PageRecord]
            do throws(Malformed) { records = try PageRecord.decode(bytes) } catch {
                throw ReaderFailure("the hub does not keep to the protocol: \(error)", status: .software)
            }
            try act(stream?.received(page, records) ?? [], now)
        case .refused(let refused): try refuse(refused, now)
        case .welcome, .located, .checkpoint, .alive, .acknowledged, .resume, .status, .noticed, .compromised:
            break
        }
    }

    private func takeFeed(_ now: Duration) throws {
        guard let feed = sockets.feed, !isGreeting else { return }
        for _ in 0..<FeedReader.mostPerTick {
            guard let message = try receiver.receive(from: feed.watched.socket) else { return }
            heard = now
            // Let go while nobody reads our output: the stream finds the gap and replays it when there is room.
            guard !queue.isFull else { continue }
            // A message that isn't understood is as good as lost: the heads of the next one show what is missing.
            guard let parsed = try? FeedMessage(frames: message.frames) else { continue }
            if case .heartbeat(let heartbeat) = parsed, stream?.log == heartbeat.log {
                try plan.keeper.check(heartbeat.checkpoint)
            }
            try act(stream?.received(parsed) ?? [], now)
        }
    }

    // MARK: What is done

    func greet(_ now: Duration) throws {
        request += 1
        heard = now
        greeted = now
        question = nil
        isGreeting = true
        _ = try sockets.control.watched.socket.send(
            Request.hello(Request.Hello(request: request, program: "borderwire \(programVersion)")).frames())
    }

    func welcomed(_ welcome: Reply.Welcome, _ now: Duration) throws {
        isGreeting = false
        if let stream, stream.log == welcome.log.value, welcome.offset < stream.position {
            throw ReaderFailure(
                "the hub's log ends at offset \(welcome.offset), and it had gone to \(stream.position): alerts are gone",
                remedy: "tell the hub's operator", status: .dataError)
        }
        guard let grant = Grant(slugs: welcome.read), !grant.isEmpty, let port = welcome.feed else {
            throw ReaderFailure(
                "\(welcome.identity) may not read anything", remedy: "ask the hub's operator for a grant",
                status: .noPermission)
        }
        let selection = try selection(of: welcome, grant)
        if let stream, stream.selection != selection {
            throw ReaderFailure(
                "the grant of \(welcome.identity) has changed", remedy: "start again", status: .noPermission)
        }
        self.welcome = welcome
        if stream == nil { log.set(welcome.log.value, hubTime: welcome.time) }
        try sockets.connectFeed(port: port, selection)
        if var stream {
            let actions = stream.welcomed(welcome)
            self.stream = stream
            return try act(actions, now)
        }
        switch plan.start {
        case .now: try begin(after: welcome.offset, log: nil, welcome, now)
        case .after(let offset, let log): try begin(after: offset, log: log, welcome, now)
        case .since(let moment): try locate(moment, now)
        case .ago(let span): try locate(Timestamp(milliseconds: welcome.time).before(span), now)
        }
    }

    private func locate(_ moment: Timestamp, _ now: Duration) throws {
        request += 1
        asked = (request, now)
        _ = try sockets.control.watched.socket.send(
            Request.locate(Request.Locate(request: request, since: moment.milliseconds)).frames())
    }

    func selection(of welcome: Reply.Welcome, _ grant: Grant) throws(ReaderFailure) -> Selection {
        switch plan.wanted.selection(grant, plan.directory) {
        case .topics(let selection): return selection
        case .missing(let missing):
            throw ReaderFailure(
                "\(welcome.identity) may not read \(missing): it is granted \(grant.texts.joined(separator: ", "))",
                remedy: "ask the hub's operator for a grant", status: .noPermission)
        }
    }

    private func begin(after: UInt64, log: UInt64?, _ welcome: Reply.Welcome, _ now: Duration) throws {
        guard let grant = Grant(slugs: welcome.read) else { return }
        guard after <= welcome.offset else {
            throw ReaderFailure(
                "the hub's log ends at offset \(welcome.offset), before \(after)",
                remedy: "the hub was restored from an older copy, or --since is wrong", status: .dataError)
        }
        let selection = try selection(of: welcome, grant)
        if after == 0 || proven.map({ $0.offset <= after }) ?? false {
            let (start, marks) = proven.flatMap { $0.offset <= after ? $0 : nil } ?? (0, [:])
            return try begin(
                FeedStream(
                    selection, after: start, log: log, quietThrough: after, chains: TopicChains(marks)),
                welcome, now)
        }
        try ask(.start(welcome, log: log), at: after, of: selection, now)
    }

    func begin(_ stream: FeedStream, _ welcome: Reply.Welcome, _ now: Duration) throws {
        try plan.begun?(stream.beginning, welcome.log.value)
        var stream = stream
        let actions = stream.welcomed(welcome)
        self.stream = stream
        try act(actions, now)
    }

    func act(_ actions: [FeedStream.Action], _ now: Duration) throws {
        for action in actions {
            switch action {
            case .emit(let alert): queue.put(alert)
            case .replay(let replay): deferred = replay
            case .caughtUp: isCaughtUp = true
            case .otherLog:
                throw ReaderFailure(
                    "the hub has another log than before: it was restored from a copy, or set up anew, and offsets of "
                        + "the former log mean nothing there",
                    remedy: "begin a new cursor, with --since where its predecessor ended", status: .dataError
                )
            case .forked(let words): throw plan.keeper.refusal(words)
            case .broken(let words):
                throw ReaderFailure("the hub does not keep to the protocol: \(words)", status: .software)
            }
        }
    }

    func progress(_ now: Duration) {
        progressed = now
        excuse = nil
    }

    private func askDeferred(_ now: Duration) throws {
        guard let replay = deferred else { return }
        // Whoever reads our output may take as long as they like.
        guard !queue.isFull else { return progress(now) }
        deferred = nil
        asked = (replay.request, now)
        _ = try sockets.control.watched.socket.send(Request.replay(replay).frames())
    }

    private func refuse(_ refused: Reply.Refused, _ now: Duration) throws {
        switch refused.code {
        case .grant:
            throw ReaderFailure("the hub refuses: \(printable(refused.reason))", status: .noPermission)
        case .busy, .unavailable:
            // Asked again when its time is over.
            excuse = printable(refused.reason)
            tell("the hub can't answer now: \(printable(refused.reason))")
        default:
            throw ReaderFailure(
                "the hub refuses (\(printable(refused.code.rawValue))): \(printable(refused.reason))",
                status: .unavailable)
        }
    }

    private func keepTime(_ now: Duration) throws {
        if let pending = asked, now - pending.at >= FeedReader.patience {
            asked = nil
            // Without a stream it was its beginning that was asked for: the welcome leads there again.
            if let actions = stream?.askAgain() { try act(actions, now) } else { try greet(now) }
        }
        try keepVouching(now)
        if isLinkUp, now - heard >= FeedReader.silence || now - greeted >= FeedReader.greeting {
            try greet(now)
        }
        if welcome == nil, now - began >= FeedReader.reach, !plan.follows {
            throw sockets.unreachable
        }
        if welcome != nil, now - progressed >= FeedReader.standstill, !plan.follows {
            throw ReaderFailure(
                "no answer for \(FeedReader.standstill.components.seconds) s"
                    + (excuse.map { "; the hub says: \($0)" } ?? "")
                    + ": what was printed is exact, but not all of it",
                remedy: "try again later, from where this ended", status: .unavailable)
        }
    }
}

extension ReaderFailure {
    static let notAuthorised = ReaderFailure(
        "the hub does not know this key: key not authorised",
        remedy: "have the .pub file enrolled, and check the hub's key in the settings", status: .noPermission)
}
