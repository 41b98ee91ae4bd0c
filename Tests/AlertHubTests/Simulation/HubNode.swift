import AlertStore
import Alerts
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

/// A hub without sockets: the real turn over a log that survives crashes, its own or one that it shares.
final class HubNode {
    let world: World
    let name: String
    let memory: MemoryLog
    let signing = SigningKey()
    private(set) var registry: Registry
    private(set) var turn: HubTurn?
    private var store: MemoryStore?
    private let reader: MemoryReader
    /// nil: the log is its own.
    private(set) var session: SessionNode?
    /// What happens to a stopped hub waits until it is woken.
    private(set) var isStopped = false
    private var missed: [() -> Void] = []
    var connections: [ControlConnection] = []
    var dataConnections: [DataConnection] = []
    var feedReaders: [(domain: String, deliver: ([[UInt8]]) -> Void, connection: DataConnection)] = []
    /// When the content of an alert was erased, by its id.
    private(set) var erased: [[UInt8]: Int64] = [:]
    private(set) var life = 0
    private var peers: UInt32 = 0
    private var control: [PeerMessage] = []
    private var ingest: [PeerMessage] = []
    private var answers: [LogAnswer] = []
    /// Alerts that the next turn takes at most.
    private var allowance = 0
    private var finished: CommitOutcome?
    private var isTicking = false
    private var isBeatDue = false
    private var wakes = 0

    /// - name: under which it shares the log; nil: the log is its own.
    init(_ world: World, _ registry: Registry, _ memory: MemoryLog, sharedBy name: String? = nil) {
        self.world = world
        self.registry = registry
        self.memory = memory
        self.name = name ?? "hub"
        reader = MemoryReader(memory)
        if name != nil { session = SessionNode(self) }
        start()
    }

    var isRunning: Bool { turn != nil }
    static let epoch: Int64 = 1_800_000_000_000
    var clock: Timestamp { Timestamp(milliseconds: HubNode.epoch + world.now) }

    func newPeer() -> [UInt8] {
        peers += 1
        return withUnsafeBytes(of: peers.bigEndian, Array.init)
    }

    // MARK: Life

    private func start() {
        life += 1
        do {
            let state = try session?.open() ?? own()
            var core = HubCore(
                state, registry: registry, provinces: Reference.provinces, operatorUser: "operator",
                hub: name, started: clock, signing: signing)
            if let store { core.begin(try start(store, outage: nil), at: clock) }
            core.bound(HubCore.Domain.ingest, 1)
            for (index, feed) in core.feeds.feeds.enumerated() { core.bound(feed.domain, 10 + index) }
            turn = session == nil ? HubTurn(core) : HubTurn(core, sharedBy: name)
        } catch {
            guard let error = error as? StoreError, error.cause == .unreachable else {
                return world.fail("load: \(error)")
            }
            return world.after(100) { [self] in start() }
        }
        beat(life)
        tickSoon()
        // What a former life did not get to.
        erase { try OrderedErasure.carryOutAll($0) }
    }

    private func own() throws -> LogState {
        let store = MemoryStore(memory)
        self.store = store
        return try store.load()
    }

    /// What is needed to write.
    func start(_ store: MemoryStore, outage: Outage?) throws(StoreError) -> WriterStart {
        // As many ids as may be staged: after each start the index is asked for what came before.
        try WriterStart(
            try store.load(), reader, EscalationSettings(), WriterStart.Clock(now: clock), outage: outage,
            kept: 2 * Ingest.largestBatch)
    }

    func write(to store: MemoryStore?) { self.store = store }

    /// Some time later, unless the hub is killed before: as its purge does.
    private func erase(_ work: @escaping (any AlertEraser) throws -> Void) {
        world.after(world.number(0...300)) { [self, life] in
            guard life == self.life else { return }
            whenAwake { [self] in
                do { try work(memory.eraser()) } catch { world.fail("an erasure: \(error)") }
                let page = try? reader.page(
                    after: 0, topics: Set(turn?.core.end.heads.map(\.number) ?? []), limit: .max, bytes: .max
                )
                for record in page?.records ?? [] where record.erased != nil {
                    erased[record.alert] = erased[record.alert] ?? world.now
                }
            }
        }
    }

    /// Killed: whatever is not committed is gone, and every connection with it.
    func crash() {
        guard turn != nil else { return }
        turn = nil
        (control, ingest, answers, finished, missed, isStopped) = ([], [], [], nil, [], false)
        session?.end()
        if session != nil { store = nil }
        for connection in connections { connection.cut() }
        for connection in dataConnections { connection.cut() }
        world.after(world.number(20...3_000)) { [self] in start() }
    }

    /// It stands still for a while, as a machine does that is paused; its connections stand.
    func stop() {
        guard turn != nil, !isStopped else { return }
        isStopped = true
        world.after(world.number(500...8_000)) { [self, life] in
            guard life == self.life, isStopped else { return }
            isStopped = false
            let missed = missed
            self.missed = []
            for one in missed { one() }
            tickSoon()
        }
    }

    /// It is told to stop, and starts again later.
    func leave() {
        guard turn != nil, !isStopped else { return }
        turn?.leave(self)
        session?.leave()
        crash()
    }

    /// Once the hub is not stopped any more; not if it is killed before.
    func whenAwake(_ work: @escaping () -> Void) {
        guard turn != nil else { return }
        if isStopped { missed.append(work) } else { work() }
    }

    private func beat(_ life: Int) {
        world.after(1_000) { [self] in
            guard life == self.life, turn != nil else { return }
            whenAwake { [self] in
                isBeatDue = true
                tickSoon()
            }
            beat(life)
        }
    }

    func follow(_ registry: Registry) {
        self.registry = registry
        turn?.core.follow(registry)
        tickSoon()
    }

    // MARK: What arrives

    func controlArrived(_ frames: [[UInt8]], from peer: [UInt8], user: String) {
        guard turn != nil else { return }
        control.append(PeerMessage(frames: frames, peer: peer, user: user))
        tickSoon()
    }

    func ingestArrived(_ frames: [[UInt8]], user: String) {
        guard turn != nil else { return }
        ingest.append(PeerMessage(frames: frames, user: user))
        tickSoon()
    }

    func tickSoon(after wait: Int64 = 0) {
        guard !isTicking else { return }
        isTicking = true
        world.after(wait + world.number(0...3)) { [self] in
            isTicking = false
            tick()
        }
    }

    /// What the loop's timeout is for.
    private func wakeAgain() {
        guard let next = turn?.nextTick(world.steady) else { return }
        wakes += 1
        let due = wakes
        let (seconds, rest) = max(next - world.steady, .milliseconds(1)).components
        guard seconds < 1_000 else { return }
        world.after(seconds * 1_000 + rest / 1_000_000_000_000_000) { [self] in
            if due == wakes { whenAwake { [self] in tickSoon() } }
        }
    }

    private func tick() {
        guard turn != nil, !isStopped else { return }
        allowance = Int(world.number(1...40))
        do {
            try turn?.run(self, at: moment)
            if isBeatDue {
                isBeatDue = false
                turn?.core.beat(at: clock)
                try turn?.act(self, moment)
            }
        } catch is Killed {
            return crash()
        } catch { world.fail("a turn: \(error)") }
        if !ingest.isEmpty, turn?.takesAlerts ?? false { tickSoon() }
        wakeAgain()
    }

    /// In the middle of a turn.
    private struct Killed: Error {}

    private var moment: Moment { Moment(steady: steady(), now: clock) }

    /// Writes the batch, or fails to.
    private func write(_ batch: Batch, to store: MemoryStore?) throws -> CommitOutcome {
        guard let store else {
            world.fail("\(name) commits without a lease")
            return (nil, .zero)
        }
        if session?.isCut ?? false { return (SessionNode.unreachable("commit"), .zero) }
        if session != nil, world.oneIn(40) { memory.loseNextAnswer() }
        if world.oneIn(30) {
            memory.failNextCommit(
                with: StoreError(operation: "commit", path: "memory", cause: .full, detail: "no room"))
        }
        // Killed before or after the commit, in either case before anybody was told.
        if world.oneIn(300) { throw Killed() }
        do throws(StoreError) {
            try store.commit(batch)
        } catch {
            return (error, .zero)
        }
        if world.oneIn(300) { throw Killed() }
        return (nil, .zero)
    }
}

/// The world around the hub's core, as messages of the simulated one.
extension HubNode: HubOutside {
    var isShortOfDescriptors: Bool { false }
    var log: any AlertReader { reader }

    func nextHandshake() -> Handshake? { nil }
    func nextRequest() -> PeerMessage? { control.isEmpty ? nil : control.removeFirst() }
    func took(_ request: PeerMessage, of account: String) {}

    func nextAlert() -> PeerMessage? {
        guard allowance > 0, !ingest.isEmpty else { return nil }
        allowance -= 1
        return ingest.removeFirst()
    }

    func collect() -> (answers: [LogAnswer], arrivals: [(Handshake.Arrival, isRecorded: Bool)]) {
        defer { answers = [] }
        return (answers, [])
    }

    func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(world.number(0...255)) } }
    func steady() -> Duration { .milliseconds(world.now) }

    /// At once, or some time later, while the hub goes on.
    func commit(_ batch: Batch) throws -> CommitOutcome? {
        if world.oneIn(3) { return try write(batch, to: store) }
        // What a stopped hub has sent is committed all the same; that it was it learns later.
        world.after(session != nil && world.oneIn(60) ? world.number(500...2_000) : world.number(0...20)) {
            [self, life, store] in
            guard life == self.life, turn != nil else { return }
            do {
                let outcome = try write(batch, to: store)
                whenAwake { [self] in
                    finished = outcome
                    tickSoon()
                }
            } catch { return crash() }
        }
        return nil
    }

    func nextNews() -> SharedNews? { session?.next() }
    func order(_ order: SharedOrder) { session?.order(order) }
    func reopenLog() {}

    func finishedCommit() -> CommitOutcome? {
        defer { finished = nil }
        return finished
    }

    func perform(_ action: Action, at moment: Moment) -> Consequence? {
        switch action {
        case .publish(let domain, let frames):
            for reader in feedReaders where reader.domain == domain {
                reader.connection.channel.send { reader.deliver(frames) }
            }
        case .reply(let peer, let reply): self.reply(reply.frames(), to: peer)
        case .send(let peer, let frames): self.reply(frames, to: peer)
        case .look(let peer, let reply, let pending):
            self.reply(reply.frames(), to: peer)
            return .session(pending, isThere: connections.contains { $0.isOpen(for: peer) })
        case .read(let query): look(up: query)
        case .rebind(let domain), .close(let domain):
            for reader in feedReaders where reader.domain == domain { reader.connection.cut() }
        case .erase(let offsets):
            if offsets.isEmpty { erase { try OrderedErasure.carryOutAll($0) } }
            erase { [reader] log in
                for offset in offsets {
                    guard let record = try reader.record(at: offset) else { continue }
                    _ = try OrderedErasure.carryOut(record, log)
                }
            }
        case .open, .log, .identify, .place, .record, .answer: break
        }
        return nil
    }

    private func reply(_ frames: [[UInt8]], to peer: [UInt8]) {
        for connection in connections { connection.reply(frames, to: peer) }
    }

    private func look(up query: LogQuery) {
        let asked = life
        world.after(world.oneIn(20) ? world.number(0...7_000) : world.number(0...20)) { [self] in
            guard asked == life, turn != nil else { return }
            whenAwake { [self] in
                do {
                    let reply = try QueryRunner(log: reader, query: query).reply()
                    answers.append(
                        LogAnswer(asker: query.asker, request: query.request, frames: reply.frames()))
                } catch { world.fail("a look-up: \(error)") }
                tickSoon()
            }
        }
    }
}
