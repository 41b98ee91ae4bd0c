import AlertStore
import Alerts
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

/// The hub's loop without sockets: HubCore over a log that survives crashes.
final class HubNode {
    let world: World
    let log = MemoryLog(log: 42)
    let signing = SigningKey()
    private(set) var registry: Registry
    private var core: HubCore?
    private let store: MemoryStore
    private let reader: MemoryReader
    var connections: [ControlConnection] = []
    var dataConnections: [DataConnection] = []
    var feedReaders: [(domain: String, deliver: ([[UInt8]]) -> Void, connection: DataConnection)] = []
    private var life = 0
    private var peers: UInt32 = 0
    private var control: [(frames: [[UInt8]], peer: [UInt8], user: String)] = []
    private var ingest: [(frames: [[UInt8]], user: String)] = []
    private var answers: [(asker: Asker, frames: [[UInt8]])] = []
    private var isTicking = false
    private var isBeatDue = false

    init(_ world: World, _ registry: Registry) {
        self.world = world
        self.registry = registry
        store = MemoryStore(log)
        reader = MemoryReader(log)
        start()
    }

    var isRunning: Bool { core != nil }
    private var clock: Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + world.now) }

    func newPeer() -> [UInt8] {
        peers += 1
        return withUnsafeBytes(of: peers.bigEndian, Array.init)
    }

    // MARK: Life

    private func start() {
        do {
            var core = HubCore(
                try store.load(), ids: KnownIDs(try reader.unindexedIDs(), kept: 16), registry: registry,
                provinces: Reference.provinces,
                operatorUser: "operator",
                started: clock, signing: signing)
            core.ingestPort = 1
            for (index, domain) in core.feeds.feeds.keys.sorted().enumerated() {
                core.ports[domain] = 10 + index
            }
            self.core = core
        } catch { world.fail("load: \(error)") }
        life += 1
        beat(life)
    }

    /// Killed: whatever is not committed is gone, and every connection with it.
    func crash() {
        guard core != nil else { return }
        core = nil
        (control, ingest, answers) = ([], [], [])
        for connection in connections { connection.cut() }
        for connection in dataConnections { connection.cut() }
        world.after(world.number(20...3_000)) { [self] in start() }
    }

    private func beat(_ life: Int) {
        world.after(1_000) { [self] in
            guard life == self.life, core != nil else { return }
            isBeatDue = true
            tickSoon()
            beat(life)
        }
    }

    func follow(_ registry: Registry) {
        self.registry = registry
        core?.follow(registry)
        tickSoon()
    }

    // MARK: What arrives

    func controlArrived(_ frames: [[UInt8]], from peer: [UInt8], user: String) {
        guard core != nil else { return }
        control.append((frames, peer, user))
        tickSoon()
    }

    func ingestArrived(_ frames: [[UInt8]], user: String) {
        guard core != nil else { return }
        ingest.append((frames, user))
        tickSoon()
    }

    private func tickSoon() {
        guard !isTicking else { return }
        isTicking = true
        world.after(world.number(0...3)) { [self] in
            isTicking = false
            tick()
        }
    }

    /// In the order of the real loop.
    private func tick() {
        guard core != nil else { return }
        for message in control {
            core?.controlled(message.frames, from: message.peer, user: message.user, at: clock)
        }
        control = []
        for answer in answers {
            guard core?.answered(answer.asker) == nil else { continue }
            reply(answer.frames, to: answer.asker.peer)
        }
        answers = []
        let most = Int(world.number(1...40))
        for message in ingest.prefix(most) {
            core?.ingested(message.frames, excess: 0, user: message.user, at: clock, log: reader)
        }
        ingest.removeFirst(min(most, ingest.count))
        commit()
        act()
        if isBeatDue {
            isBeatDue = false
            core?.beat(at: clock)
            act()
        }
        if !ingest.isEmpty { tickSoon() }
    }

    /// Begins the commit of what is gathered; it is done some time later, and meanwhile the hub goes on.
    private func commit() {
        guard let batch = core?.closeBatch() else { return }
        world.after(world.oneIn(3) ? 0 : world.number(0...20)) { [self, life] in
            guard life == self.life, core != nil else { return }
            finish(batch)
        }
    }

    private func finish(_ batch: Batch) {
        if world.oneIn(30) {
            log.failNextCommit(
                with: StoreError(operation: "commit", path: "memory", cause: .full, detail: "no room"))
        }
        // Killed before or after the commit, in either case before anybody was told.
        if world.oneIn(300) { return crash() }
        do {
            try store.commit(batch)
            if world.oneIn(300) { return crash() }
            core?.committed()
        } catch {
            guard error.cause == .full else { return world.fail("commit: \(error)") }
            core?.rolledBack(at: clock)
        }
        act()
        tickSoon()
    }

    // MARK: What is done

    private func act() {
        // Feeds have no order among each other; sorted, the seed alone decides what is lost.
        let actions = (core?.takeActions() ?? []).enumerated().sorted { left, right in
            (left.element.domain, left.offset) < (right.element.domain, right.offset)
        }
        for (_, action) in actions {
            switch action {
            case .publish(let domain, let frames):
                for reader in feedReaders where reader.domain == domain {
                    reader.connection.channel.send { reader.deliver(frames) }
                }
            case .reply(let peer, let reply): self.reply(reply.frames(), to: peer)
            case .look(let peer, let reply, let pending):
                self.reply(reply.frames(), to: peer)
                let isThere = connections.contains { $0.isOpen(for: peer) }
                core?.contended(pending, isSessionThere: isThere, at: clock)
                tickSoon()
            case .read(let query): look(up: query)
            case .rebind(let domain), .close(let domain):
                for reader in feedReaders where reader.domain == domain { reader.connection.cut() }
            case .open, .log: break
            }
        }
    }

    private func reply(_ frames: [[UInt8]], to peer: [UInt8]) {
        for connection in connections { connection.reply(frames, to: peer) }
    }

    private func look(up query: LogQuery) {
        let asked = life
        world.after(world.oneIn(20) ? world.number(0...7_000) : world.number(0...20)) { [self] in
            guard asked == life, core != nil else { return }
            do {
                let reply = try QueryRunner(log: reader, query: query).reply()
                answers.append((query.asker, reply.frames()))
            } catch { world.fail("a look-up: \(error)") }
            tickSoon()
        }
    }
}

extension Action {
    /// Empty for what is no publication: those come first, in their order.
    fileprivate var domain: String {
        if case .publish(let domain, _) = self { domain } else { "" }
    }
}

extension HubNode {
    func topicNames() -> [UInt32: Topic] {
        let state = try? MemoryStore(log).load()
        return Dictionary(uniqueKeysWithValues: (state?.topics ?? []).map { ($0.number, $0.topic) })
    }
}
