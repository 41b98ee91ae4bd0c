import Alerts
import HubLink
import Identity
import LogProof
import Testing
import Wire

@testable import AlertFeed
@testable import AlertHub

/// A reader's loop without sockets: FeedLink, started again from what it has given out and the checkpoints that it has kept.
final class ReaderNode {
    let world: World
    let actor: Actor
    let selection: Selection
    private let wanted: Wanted
    private let hubs: [HubNode]
    private var choice: HubChoice
    private let hubKeys: [VerifyingKey]
    private(set) var start: UInt64?
    private(set) var given: [StreamedAlert] = []
    /// What its user has had before their eyes, as the hub numbers it; and of that what the program had told or was about to
    /// tell when it last ended: whatever it had not told by then, nobody ever will.
    private(set) var shown: [UInt32: Set<UInt64>] = [:]
    private(set) var shownLast: [UInt32: Set<UInt64>] = [:]
    private var kept: [SignedCheckpoint] = []
    private var earlierRepairs: UInt64 = 0
    var repairs: UInt64 { earlierRepairs + (link.stream?.repairs ?? 0) }
    private var control: ControlConnection
    private var data: DataConnection
    private var link: FeedLink
    /// What the feed's socket holds.
    private var arrived: [[[UInt8]]] = []
    private var isFull = false
    private var timer = 0

    /// - start: nil: from the moment when the hub first answers.
    init(_ world: World, _ hubs: [HubNode], _ actor: Actor, _ wanted: Wanted, start: UInt64?) {
        self.world = world
        self.actor = actor
        self.wanted = wanted
        self.start = start
        self.hubs = hubs
        hubKeys = hubs.map(\.signing.verifyingKey)
        choice = HubChoice(hubs.map(\.name), at: world.steady)
        selection =
            if case .topics(let topics) = wanted.selection(actor.read, Reference.provinces) {
                topics
            } else {
                .everything
            }
        control = ControlConnection(world, hubs[0], user: actor.user)
        data = DataConnection(world, hubs[0], loss: 12)
        link = ReaderNode.link(wanted, hubKeys, start: start, [], at: world.steady)
        connected()
        handle { _, _ in [] }
    }

    private func connected() {
        control.onUp = { [weak self] in self?.handle { $0.controlUp($1) } }
        control.onDown = { [weak self] in
            if let self { choice.lost(world.steady) }
            self?.handle { link, _ in link.controlDown() }
        }
        control.onRetry = { [weak self] in
            if let self { choice.lost(world.steady) }
            self?.handle { _, _ in [] }
        }
        control.onReply = { [weak self] reply in
            if let self, case .refused(let refused) = reply { choice.refused(refused, world.steady) }
            self?.handle { link, now in
                guard case .page(let page, _) = reply else { return link.replied(reply, now) }
                return link.announce(page, hasRoom: true, now) + link.replied(reply, now)
            }
        }
        hubs[choice.current].feedReaders.append(
            (Feed.domain(of: actor.read), { [weak self] frames in self?.receive(frames) }, data))
    }

    /// To the hub of its choice.
    private func move() {
        control.close()
        data.close()
        arrived = []
        control = ControlConnection(world, hubs[choice.current], user: actor.user)
        data = DataConnection(world, hubs[choice.current], loss: 12)
        connected()
        act(link.controlDown())
    }

    private static func link(
        _ wanted: Wanted, _ hub: [VerifyingKey], start: UInt64?, _ kept: [SignedCheckpoint], at now: Duration
    ) -> FeedLink {
        let plan = FeedLink.Plan(
            wanted: wanted, start: start.map { .after($0, log: 42) } ?? .now, follows: true,
            directory: Reference.provinces)
        return FeedLink(plan, CheckpointVerifier(hub: hub, kept: kept), at: now)
    }

    var account: String {
        "\(actor.name): \(given.count) given, at \(link.stream?.position ?? 0), \(link.state)"
    }

    // MARK: What happens to it

    /// The program ends and starts again after the last alert that it gave out.
    func restart() {
        control.cut()
        data.unwant()
        earlierRepairs = repairs
        arrived = []
        shownLast = [:]
        link = ReaderNode.link(wanted, hubKeys, start: given.last?.offset ?? start, kept, at: world.steady)
        handle { _, _ in [] }
    }

    func cutControl() { control.cut() }
    func cutFeed() { data.cut() }

    // MARK: Its loop

    private func receive(_ frames: [[UInt8]]) {
        // SUB gives only what is subscribed to.
        if case .delivery(let topic, _)? = try? FeedMessage(frames: frames), !selection.contains(topic) {
            return
        }
        arrived.append(frames)
        handle { _, _ in [] }
    }

    /// In the order of the real loop: replies, then the feed, then the time.
    private func handle(_ event: (inout FeedLink, Duration) -> [FeedLink.Action]) {
        let now = world.steady
        act(event(&link, now))
        choice.note(isWelcomed: link.isLinked, now)
        if choice.tick(now) { move() }
        while link.takesFeed, !arrived.isEmpty {
            act(link.published(arrived.removeFirst(), hasRoom: !isFull, now))
        }
        act(link.tick(hasRoom: !isFull, now))
        let next = min(link.nextTick, choice.nextTick)
        if next <= now { world.fail("\(actor.name) spins: \(link.state), a tick was due at \(next)") }
        timer += 1
        let armed = timer
        let (seconds, rest) = (next - now).components
        guard seconds < 1_000_000 else { return }
        // A loop wakes after the time is over, never before.
        world.after(seconds * 1_000 + (rest + 999_999_999_999_999) / 1_000_000_000_000_000) { [weak self] in
            if let self, timer == armed { handle { _, _ in [] } }
        }
    }

    private func act(_ actions: [FeedLink.Action]) {
        for action in actions {
            switch action {
            case .emit(let alert): give(alert)
            case .ask(.replay(var replay)):
                // Small pages, so that there are many.
                replay.limit = Int(world.number(1...5))
                control.ask(.replay(replay))
            case .ask(let request): control.ask(request)
            case .connectFeed: data.want()
            case .begin(let beginning): start = start ?? beginning.offset
            case .keep(let signed): kept = signed
            case .fail(let failure): world.fail("\(actor.name): \(failure)")
            case .giveUp: world.fail("\(actor.name) gives up")
            case .caughtUp, .see, .tell: break
            }
        }
    }

    private func give(_ alert: StreamedAlert) {
        if let last = given.last, alert.offset <= last.offset {
            world.fail("\(actor.name) got offset \(alert.offset) after \(last.offset)")
        }
        given.append(alert)
        // Most are looked at; what goes to a page without a visible tab is not.
        if !world.oneIn(6) {
            link.shown(alert.places)
            for place in alert.places {
                shown[place.topic, default: []].insert(place.sequence)
                shownLast[place.topic, default: []].insert(place.sequence)
            }
        }
        // Now and then nobody takes what there is for a while.
        guard world.oneIn(100), !isFull else { return }
        isFull = true
        world.after(world.number(0...3_000)) { [weak self] in
            self?.isFull = false
            self?.handle { _, _ in [] }
        }
    }
}
