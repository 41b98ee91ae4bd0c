import Alerts
import Testing
import Wire

@testable import AlertFeed
@testable import AlertHub

/// A reader's loop without sockets: FeedStream, started again from what it has given out.
final class ReaderNode {
    static let patience: Int64 = 5_000
    static let silence: Int64 = 5_000

    let world: World
    let actor: Actor
    let selection: Selection
    private(set) var start: UInt64?
    private(set) var given: [StreamedAlert] = []
    private var earlierRepairs: UInt64 = 0
    var repairs: UInt64 { earlierRepairs + (stream?.repairs ?? 0) }
    private let control: ControlConnection
    private let data: DataConnection
    private var stream: FeedStream?
    private var request: UInt64 = 0
    private var asked: (request: UInt64, time: Int64)?
    private var heard: Int64 = 0
    private var isLinkUp = false
    private var restarts = 0

    /// - start: nil: from the moment when the hub first answers.
    init(_ world: World, _ hub: HubNode, _ actor: Actor, _ selection: Selection, start: UInt64?) {
        self.world = world
        self.actor = actor
        self.selection = selection
        self.start = start
        control = ControlConnection(world, hub, user: actor.user)
        data = DataConnection(world, hub, loss: 12)
        control.onUp = { [weak self] in
            self?.isLinkUp = true
            self?.greet()
        }
        control.onDown = { [weak self] in self?.isLinkUp = false }
        control.onReply = { [weak self] in self?.take($0) }
        hub.feedReaders.append(
            (
                Feed.domain(of: actor.read),
                { [weak self] frames in self?.receive(frames) }, data
            ))
        keepTime()
    }

    var account: String { "\(actor.name): \(given.count) given, at \(stream?.position ?? 0)" }

    // MARK: What happens to it

    /// The program ends and starts again after the last alert that it gave out.
    func restart() {
        control.cut()
        data.unwant()
        earlierRepairs = repairs
        stream = nil
        asked = nil
        isLinkUp = false
        restarts += 1
    }

    func cutControl() { control.cut() }
    func cutFeed() { data.cut() }

    // MARK: Its loop

    private func keepTime() {
        world.after(250) { [weak self] in
            guard let self else { return }
            if let asked, world.now - asked.time >= ReaderNode.patience {
                self.asked = nil
                act(stream?.askAgain() ?? [])
            }
            if isLinkUp, world.now - heard >= ReaderNode.silence { greet() }
            keepTime()
        }
    }

    private func greet() {
        request += 1
        heard = world.now
        control.ask(.hello(Request.Hello(request: request, program: "simulated")))
    }

    private func take(_ reply: Reply) {
        switch reply {
        case .welcome(let welcome) where welcome.request == request:
            data.want()
            if stream == nil {
                let after = given.last?.offset ?? start ?? welcome.offset
                if start == nil { start = welcome.offset }
                // From the beginning each link of the chains is recomputed.
                stream = FeedStream(
                    selection, after: after, log: 42, chains: after == 0 ? TopicChains([:]) : nil)
            }
            act(stream?.welcomed(welcome) ?? [])
        case .page(let page, let bytes):
            if asked?.request == page.request { asked = nil }
            do {
                act(stream?.received(page, try PageRecord.decode(bytes)) ?? [])
            } catch { world.fail("a page: \(error)") }
        case .refused(let refused):
            if refused.code != .busy { world.fail("\(actor.name) is refused: \(refused.reason)") }
        default: break
        }
    }

    private func receive(_ frames: [[UInt8]]) {
        heard = world.now
        do {
            let message = try FeedMessage(frames: frames)
            // SUB gives only what is subscribed to.
            if case .delivery(let topic, _) = message, !selection.contains(topic) { return }
            act(stream?.received(message) ?? [])
        } catch { world.fail("a feed message: \(error)") }
    }

    private func act(_ actions: [FeedStream.Action]) {
        for action in actions {
            switch action {
            case .emit(let alert):
                if let last = given.last, alert.offset <= last.offset {
                    world.fail("\(actor.name) got offset \(alert.offset) after \(last.offset)")
                }
                given.append(alert)
            case .replay(let replay):
                // Small pages, so that there are many.
                let small = Request.Replay(
                    request: replay.request, after: replay.after, topics: replay.topics,
                    limit: Int(world.number(1...5)))
                asked = (replay.request, world.now)
                control.ask(.replay(small))
            case .caughtUp: break
            case .otherLog(let log): world.fail("\(actor.name) is told of another log, \(log)")
            case .forked(let words), .broken(let words): world.fail("\(actor.name): \(words)")
            }
        }
    }
}
