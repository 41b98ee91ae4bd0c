import Alerts
import HubLink
import Identity
import LogProof
import Testing
import Wire

@testable import AlertHub
@testable import AlertPost

/// A post's loop without sockets: PostLink over an outbox in memory that survives the daemon.
final class PostNode {
    let world: World
    let actor: Actor
    private let hubs: [HubNode]
    private var choice: HubChoice
    private var control: ControlConnection
    private var data: DataConnection
    private var link: PostLink
    /// What a file would hold of the checkpoints that it has seen.
    private var kept: [SignedCheckpoint] = []
    private var outbox: OutboxModel
    private var timer = 0
    private var life: UInt64 = 1
    private var topics: [UInt64: Topic] = [:]
    /// What the hub says that its alerts may be related to.
    var onRelated: (Reply.Related) -> Void = { _ in }

    /// What an outbox file would hold.
    struct OutboxModel {
        var epoch: UInt64
        var last: UInt64 = 0
        var waiting: [Outbox.Entry] = []
        /// By the alert's number; what its post was told of it.
        var answers: [UInt64: Outbox.Answer] = [:]
        var summary: Outbox.Summary {
            Outbox.Summary(
                epoch: epoch, last: last, depth: waiting.count,
                oldest: waiting.first.map { Outbox.Summary.Oldest(sequence: $0.sequence, queued: $0.queued) },
                rejected: 0)
        }
    }

    /// - hubs: in the order in which it tries them.
    init(_ world: World, _ hubs: [HubNode], _ actor: Actor) {
        self.world = world
        self.hubs = hubs
        choice = HubChoice(hubs.map(\.name), at: world.steady)
        self.actor = actor
        outbox = OutboxModel(epoch: UInt64(world.number(1...1_000_000)))
        let verifier = CheckpointVerifier(hub: hubs.map(\.signing.verifyingKey), kept: [])
        link = PostLink(outbox.summary, verifier, instance: HexNumber(1))
        control = ControlConnection(world, hubs[0], user: actor.user)
        data = DataConnection(world, hubs[0], loss: 150)
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
                link.replied(reply, clock: Timestamp(milliseconds: 0), now)
            }
        }
        data.onChange = { [weak self] isUp in self?.handle { $0.ingestChanged(isUp: isUp, $1) } }
    }

    /// To the hub of its choice.
    private func move() {
        control.close()
        data.close()
        control = ControlConnection(world, hubs[choice.current], user: actor.user)
        data = DataConnection(world, hubs[choice.current], loss: 150)
        connected()
        act(link.controlDown())
        act(link.ingestChanged(isUp: false, world.steady))
    }

    var isSettled: Bool { outbox.waiting.isEmpty }
    var answers: [UInt64: Outbox.Answer] { outbox.answers }
    var account: String {
        "\(actor.name): \(link.state), \(outbox.waiting.count) waiting, consumed \(link.consumed)"
    }

    // MARK: What happens to it

    func publish(_ number: UInt64, _ draft: Draft) {
        outbox.last += 1
        let alert = actor.sign(
            draft.payload(number, sender: actor.name), outbox.last, epoch: outbox.epoch, topic: draft.own[0])
        topics[number] = alert.topic
        outbox.waiting.append(entry(alert, number, outbox.last))
        handle { [outbox] in $0.outboxChanged(outbox.summary, $1) }
    }

    /// The daemon ends and starts again over the same outbox.
    func restart() {
        control.cut()
        data.cut()
        life += 1
        let verifier = CheckpointVerifier(hub: hubs.map(\.signing.verifyingKey), kept: kept)
        link = PostLink(outbox.summary, verifier, instance: HexNumber(life))
        handle { _, _ in [] }
    }

    func cutControl() { control.cut() }
    func cutIngest() { data.cut() }

    /// The operator begins a new epoch; what waits is signed anew.
    func startNewEpoch() {
        outbox.epoch += 1
        outbox.last = 0
        for index in outbox.waiting.indices {
            outbox.last += 1
            let old = outbox.waiting[index]
            let number = number(of: old)
            guard let topic = topics[number] else { continue }
            let alert = actor.sign(old.signed.payload, outbox.last, epoch: outbox.epoch, topic: topic)
            outbox.waiting[index] = entry(alert, number, outbox.last)
        }
        handle { [outbox] in $0.outboxChanged(outbox.summary, $1) }
    }

    private func entry(_ alert: PostedAlert, _ number: UInt64, _ sequence: UInt64) -> Outbox.Entry {
        Outbox.Entry(
            sequence: sequence, queued: Timestamp(milliseconds: 1),
            id: withUnsafeBytes(of: number.bigEndian, Array.init), origin: "", signed: alert.signed)
    }

    private func number(of entry: Outbox.Entry) -> UInt64 {
        entry.id.reduce(0) { $0 << 8 | UInt64($1) }
    }

    // MARK: Its loop

    private func handle(_ event: (inout PostLink, Duration) -> [PostLink.Action]) {
        let wasRefused = if case .refused = link.state { true } else { false }
        act(event(&link, world.steady))
        choice.note(isWelcomed: link.isWelcomed, world.steady)
        if choice.tick(world.steady) { move() }
        act(link.tick(world.steady))
        if case .refused(let refusal, let reason, _) = link.state, !wasRefused {
            world.fail("\(actor.name) takes itself for refused (\(refusal)): \(reason)")
        }
        let next = min(link.nextTick, choice.nextTick)
        if next <= world.steady {
            world.fail("\(actor.name) spins: \(link.state), a tick was due at \(next)")
        }
        timer += 1
        let armed = timer
        let (seconds, rest) = (next - world.steady).components
        guard seconds < 1_000_000 else { return }
        let wait = seconds * 1_000 + rest / 1_000_000_000_000_000
        world.after(wait) { [weak self] in
            if let self, timer == armed { handle { _, _ in [] } }
        }
    }

    private func act(_ actions: [PostLink.Action]) {
        for action in actions {
            switch action {
            case .ask(let request): control.ask(request)
            case .connectIngest: data.want()
            case .fetch(let after, let limit):
                let entries = Array(outbox.waiting.drop { $0.sequence <= after }.prefix(limit))
                act(link.fetched(entries, asked: limit, world.steady))
            case .send(let entry):
                guard let topic = topics[number(of: entry)] else { continue }
                let frames = IngestMessage.frames(topic: topic, entry.signed)
                data.channel.send { [hub = hubs[choice.current], actor] in
                    hub.ingestArrived(frames, user: actor.user)
                }
            case .resolve(let answers, _):
                // A full disk, say: the loop lets the rest of the actions go.
                if world.oneIn(60) { return }
                for answer in answers { note(answer) }
                act(link.resolved(outbox.summary, world.steady))
            case .giveUp, .compare: world.fail("\(actor.name) has a seal that the hub does not take")
            case .keep(let signed): kept = signed
            case .note(let related): onRelated(related)
            case .reopen, .findStored, .compareStored, .answered, .warn, .tell: break
            }
        }
    }

    private func note(_ answer: Outbox.Answer) {
        let sequence =
            switch answer {
            case .stored(let sequence, _), .rejected(let sequence, _, _): sequence
            }
        guard let index = outbox.waiting.firstIndex(where: { $0.sequence == sequence }) else { return }
        outbox.answers[number(of: outbox.waiting.remove(at: index))] = answer
    }
}
