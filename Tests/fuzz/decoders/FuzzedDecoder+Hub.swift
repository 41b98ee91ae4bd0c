internal import AlertHub
internal import Alerts
internal import AlertStore
internal import Identity
internal import MemoryStore
internal import Wire

/// Enrolled peers that keep to nothing, before a hub.
extension FuzzedDecoder {
    /// Each message has a byte for who sends it and how, then frames: of ingest (four of them as they are, three without a
    /// seal, which is made here) or of control.
    func hub(_ messages: [[UInt8]]) -> String? {
        guard var hub = try? HubOnTrial() else { return "a log in memory can't be read" }
        for message in messages {
            guard let first = message.first else { continue }
            let frames = Frames.split(Array(message.dropFirst()))
            if let complaint = hub.receive(frames, from: Int(first & 3), isControl: first & 4 != 0) {
                return complaint
            }
            if first & 8 != 0, let complaint = hub.commit(fails: first & 16 != 0) { return complaint }
        }
        return hub.commit(fails: false)
    }
}

/// A hub's core over a log in memory, as its loop drives it. Whatever it says, its peers can read.
private struct HubOnTrial {
    private static let names = ["koh-kong", "prey-veng", "analyst"]
    private static let keys = (1...3).map { Sample.key($0) }
    /// No key of CURVE is used here, only told apart.
    private static let users = (1...3).map { String(repeating: "0\($0)", count: 32) }

    private let log = MemoryLog(log: 1)
    private let store: MemoryStore
    private var core: HubCore
    private var now = Timestamp(milliseconds: 1_764_028_800_123)

    private static let registry = Registry(
        names.indices.map { index in
            EnrolledIdentity(
                keys: PublicKeys(
                    name: names[index], curve: Array(repeating: UInt8(index + 1), count: 32),
                    signing: keys[index].verifyingKey),
                publish: index == 2 ? .none : Grant(slugs: [names[index]]) ?? .none,
                read: index == 1 ? .none : Grant(slugs: ["all"]) ?? .none)
        })

    init() throws {
        store = MemoryStore(log)
        core = HubCore(
            try store.load(), registry: HubOnTrial.registry, provinces: Sample.provinces,
            operatorUser: "operator",
            started: now, signing: Sample.signing)
        core.bound("ingest", 5)
    }

    mutating func receive(_ frames: [[UInt8]], from sender: Int, isControl: Bool) -> String? {
        now.milliseconds += 7
        let user = sender < 3 ? HubOnTrial.users[sender] : "operator"
        if isControl {
            core.controlled(frames, from: [UInt8(sender)], user: user, address: "192.0.2.1", at: now)
        } else {
            var frames = frames
            if frames.count == 3, sender < 3 {
                frames += Seal.sign([(frames[1], Seal.digest(of: frames[2]))], with: HubOnTrial.keys[sender])
            }
            if frames.count > 1, let header = try? PostHeader(decoding: frames[1]), header.sequence == 1 {
                greet(header.epoch, sender, user)
            }
            core.ingested(frames, excess: 0, user: user, at: now, log: MemoryReader(log))
        }
        return perform()
    }

    /// Of an epoch that no hello has named nothing is taken; a fuzzer does not find that out by itself.
    private mutating func greet(_ epoch: UInt64, _ sender: Int, _ user: String) {
        let hello = Request.Hello(
            request: 1, program: "fuzz", epoch: HexNumber(epoch), last: WireLimits.number)
        core.controlled(
            Request.hello(hello).frames(), from: [UInt8(sender)], user: user, address: "192.0.2.1", at: now)
    }

    mutating func commit(fails: Bool) -> String? {
        if let batch = core.closeBatch() {
            if fails {
                core.rolledBack(
                    StoreError(operation: "commit", path: "memory", cause: .full, detail: "no room"), at: now)
            } else {
                do { try store.commit(batch) } catch { return "makes a batch that no log takes" }
                core.committed(at: now)
            }
        }
        now.milliseconds += 1_000
        core.beat(at: now)
        return perform()
    }

    private mutating func perform() -> String? {
        for action in core.takeActions() {
            switch action {
            case .publish(_, let frames):
                guard (try? FeedMessage(frames: frames)) != nil else {
                    return "publishes what nobody can read"
                }
            case .reply(_, let reply), .look(_, let reply, _):
                if let complaint = complaint(about: reply) { return complaint }
                if case .look(_, _, let pending) = action {
                    core.contended(pending, isSessionThere: now.milliseconds % 2 == 0, at: now)
                    if let complaint = perform() { return complaint }
                }
            case .read(let query):
                _ = core.answered(query.asker)
                guard let reply = try? QueryRunner(log: MemoryReader(log), query: query).reply() else {
                    return "asks its log for what it has not"
                }
                if let complaint = complaint(about: reply) { return complaint }
            case .send, .open, .close, .rebind, .log, .erase, .identify, .place,
                .record, .answer:
                break
            }
        }
        return nil
    }

    private func complaint(about reply: Reply) -> String? {
        guard let read = try? Reply(frames: reply.frames()) else { return "answers what nobody can read" }
        guard case .page(let page, let bytes) = read else { return nil }
        guard let records = try? PageRecord.decode(bytes), records.count == page.count else {
            return "gives a page that nobody can read"
        }
        return nil
    }
}
