internal import HubLink
internal import Identity
internal import LogProof
internal import Platform
internal import Settings
internal import Wire
internal import ZeroMQ

/// The reading thread's loop: the only place where a link waits and acts.
final class FeedLoop {
    /// Messages taken from one socket per tick.
    static let mostPerTick = 1_000
    /// A socket that libzmq has given up is made anew so soon.
    static let longestWait = Duration.seconds(1)

    private var link: FeedLink
    private let sockets: FeedSockets
    private let queue: FeedQueue
    private let hub: KnownHub
    /// nil: checkpoints are kept in memory only.
    private let checkpoints: CheckpointFile?
    /// Nothing is emitted before it has returned.
    private let begun: (FeedLink.Beginning) throws -> Void
    private let tell: (String) -> Void
    private let news: (FeedNews) -> Void
    private var isLinkUp = false
    private let receiver = Receiver(mostFrames: WireLimits.frames)
    private var isCaughtUp = false

    init(
        _ link: FeedLink, sockets: FeedSockets, queue: FeedQueue, hub: KnownHub, checkpoints: CheckpointFile?,
        begun: @escaping (FeedLink.Beginning) throws -> Void, tell: @escaping (String) -> Void,
        news: @escaping (FeedNews) -> Void
    ) {
        self.link = link
        self.sockets = sockets
        self.queue = queue
        self.hub = hub
        self.checkpoints = checkpoints
        self.begun = begun
        self.tell = tell
        self.news = news
    }

    /// Runs until it is told to stop, or the backlog is through unless the link follows.
    func run() throws {
        while queue.farewell == nil, link.plan.follows || !isCaughtUp {
            try wait(takesFeed: link.takesFeed, until: link.nextTick)
            let now = steadyClock()
            queue.forReader.clear()
            try takeEvents(now)
            try takeReplies(now)
            try takeFeed(now)
            link.shown(queue.takeShown())
            try act(link.tick(hasRoom: !queue.isFull, now))
            for entry in link.takeEscalations() { news(.escalated(entry)) }
            if let posts = link.silence.take() { news(.silent(posts)) }
            queue.note(repairs: link.stream?.repairs ?? 0)
        }
        try sayFarewell()
    }

    /// What was read is all given out, and some of it may still come before the user's eyes: until the reading is closed, and
    /// for the farewell's time after that. A hub that doesn't answer in time learns less.
    func sayWhatWasShown() {
        var end: Duration?
        do {
            while true {
                link.shown(queue.takeShown())
                if let farewell = queue.farewell {
                    end = end ?? steadyClock() + farewell
                    guard link.owesReport, let end, steadyClock() < end else { return }
                }
                let now = steadyClock()
                try act(link.report(isLast: end != nil, now))
                try wait(takesFeed: false, until: end ?? now + FeedLoop.longestWait)
                queue.forReader.clear()
                try takeEvents(steadyClock())
                try takeReplies(steadyClock())
            }
        } catch { return }
    }

    /// Has the hub vouch for the last position. A hub that doesn't answer in time hinders nobody: the next run goes on from the
    /// last checkpoint that it vouched for.
    private func sayFarewell() throws {
        let began = steadyClock()
        while link.owesVouching {
            let now = steadyClock()
            let end = began + (queue.farewell ?? FeedLink.patience)
            guard now < end else { return }
            try act(link.vouchAtEnd(now))
            try wait(takesFeed: false, until: end)
            queue.forReader.clear()
            try takeEvents(steadyClock())
            try takeReplies(steadyClock())
        }
    }

    private func wait(takesFeed: Bool, until next: Duration) throws(ZeroMQError) {
        var items = [
            PollItem(descriptor: queue.forReader.descriptor),
            PollItem(sockets.control.watched.socket), PollItem(sockets.control.watched.events),
        ]
        items += sockets.route.descriptors.map { PollItem(descriptor: $0) }
        if let feed = sockets.feed {
            items.append(PollItem(feed.watched.events))
            if takesFeed { items.append(PollItem(feed.watched.socket)) }
        }
        let wait = min(next, sockets.nextTick) - steadyClock()
        _ = try poll(&items, timeout: max(min(wait, FeedLoop.longestWait), .zero))
    }

    // MARK: What arrives

    private func takeEvents(_ now: Duration) throws {
        while let event = try sockets.controlEvent(receiver, at: now) {
            switch event {
            case .handshakeSucceeded: try act(link.controlUp(now))
            case .disconnected:
                if isLinkUp { news(.lost) }
                isLinkUp = false
                try act(link.controlDown())
            case .refused: try act(link.keyRefused(isLast: sockets.isKeyRefused))
            case .connected, .handshakeFailed, .retrying: break
            }
        }
        while let event = try sockets.feedEvent(receiver, at: now) {
            if event == .refused { try act(link.feedRefused(now)) }
        }
        if try sockets.tend(isWelcomed: link.isLinked, at: now) {
            // The former hub's connection went without a word.
            if isLinkUp { news(.lost) }
            isLinkUp = false
            try act(link.controlDown())
        }
        while let obstacle = sockets.route.news() {
            tell("no link to the hub: \(obstacle); trying again")
            news(.obstacle(obstacle.description))
        }
    }

    private func takeReplies(_ now: Duration) throws {
        for _ in 0..<FeedLoop.mostPerTick {
            guard let message = try receiver.receive(from: sockets.control.watched.socket) else { return }
            let reply: Reply
            do throws(Malformed) { reply = try Reply(frames: message.frames) } catch {
                throw ReaderFailure.broken(error.description)
            }
            if case .refused(let refused) = reply { sockets.refused(refused, at: now) }
            if case .welcome(let welcome) = reply {
                let former = hub.successor
                sockets.learn(welcome.successor)
                link.verifier.trust(hub.keys.map(\.signing))
                isLinkUp = true
                news(.welcomed(FeedWelcome(welcome)))
                if hub.successor != former { try act(link.tookOver()) }
            }
            if case .page(let page, _) = reply {
                try act(link.announce(page, hasRoom: !queue.isFull, now))
            }
            try act(link.replied(reply, now))
        }
    }

    private func takeFeed(_ now: Duration) throws {
        var isHeard = false
        defer { if isHeard { news(.heard) } }
        for _ in 0..<FeedLoop.mostPerTick {
            guard link.takesFeed, let feed = sockets.feed,
                let message = try receiver.receive(from: feed.watched.socket)
            else { return }
            isHeard = true
            try act(link.published(message.frames, hasRoom: !queue.isFull, now))
        }
    }

    // MARK: What is done

    private func act(_ actions: [FeedLink.Action]) throws {
        for action in actions {
            switch action {
            case .ask(let request):
                let told = request.told(time: nil, successor: hub.successor?.signing.bytes)
                _ = try sockets.control.watched.socket.send(told.frames())
            case .connectFeed(let port, let selection): try sockets.connectFeed(port: port, selection)
            case .begin(let beginning):
                try begun(beginning)
                queue.begin(beginning)
            case .emit(let alert): queue.put(alert)
            case .see(let head): queue.see(head: head)
            case .caughtUp:
                if !isCaughtUp { queue.catchUp() }
                isCaughtUp = true
            case .keep(let signed):
                try checkpoints?.write(signed)
                if let latest = signed.map(\.checkpoint).max(by: { $0.time < $1.time }) {
                    news(.vouched(latest))
                }
            case .tell(let words): tell(words)
            case .fail(let failure): throw failure
            case .giveUp: throw sockets.unreachable
            }
        }
    }
}
