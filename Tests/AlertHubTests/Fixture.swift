import Alerts
import AlertStore
import Foundation
import Identity
import MemoryStore
import Notation
import Platform
import Provinces
import Settings
import Wire

@testable import AlertHub

/// The repository's own provinces, read as the programs read them.
enum Reference {
    static let provinces: ProvinceDirectory = {
        let overlay = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("config/provinces.toml")
        do {
            return try ReferenceData.provinces(overlay: overlay.path)
        } catch {
            preconditionFailure("the provinces can't be read: \(error)")
        }
    }()

    static func grant(_ texts: String...) -> Grant { Grant(slugs: texts) ?? .none }

    static func topic(_ code: String, _ kind: Kind) -> Topic {
        guard let province = provinces.province(code: code) else {
            preconditionFailure("\(code) is no province")
        }
        return Topic(country: province.country, province: province.slug, kind: kind)
    }
}

/// An invented identity with keys of its own, and what it signs.
struct Actor: Sendable {
    let keys: IdentityKeys
    var publish: Grant
    var read: Grant
    var address: Grant?
    var duty = Grant.none
    var may: Set<Permission> = []

    init(_ name: String, publish: Grant = .none, read: Grant = .none) {
        keys = IdentityKeys(name: name)
        self.publish = publish
        self.read = read
    }

    var name: String { keys.name }
    var registered: EnrolledIdentity {
        EnrolledIdentity(
            keys: keys.publicKeys, publish: publish, read: read, address: address, duty: duty, may: may)
    }
    var user: String { keys.curve.publicKey.hex }

    /// An alert as its post sends it; the payload is invented.
    /// - number: of its id; nil: one that no other post, epoch and sequence gets. references: numbers of others; with any it
    ///   is a Cancel.
    func alert(
        _ sequence: UInt64, epoch: UInt64 = 7, provinces: [String] = ["KH-9"], kind: Kind = .suspect,
        number: UInt64? = nil, sender: String? = nil, references: [UInt64] = [],
        headline: String = sampleHeadline
    ) -> PostedAlert {
        let salt = name == "koh-kong" ? 0 : name.utf8.reduce(1) { ($0 &* 31 &+ UInt64($1)) & 0xFFFF }
        let own = sequence &+ (epoch &- 7) &* 100_000 &+ salt << 32
        let payload = samplePayload(
            number ?? own & 0xFFFF_FFFF_FFFF, sender: sender ?? name, provinces: provinces, kind: kind,
            references: references, headline: headline)
        return sign(payload, sequence, epoch: epoch, topic: Reference.topic(provinces[0], kind))
    }

    func sign(_ payload: [UInt8], _ sequence: UInt64, epoch: UInt64, topic: Topic) -> PostedAlert {
        let header = PostHeader(
            post: name, epoch: epoch, sequence: sequence, queued: Timestamp(milliseconds: 1),
            facts: facts(of: payload)
        ).encoded()
        return PostedAlert(
            topic: topic, header: header, payload: payload,
            signature: Seal.sign([(header, Seal.digest(of: payload))], with: keys.signing)[0])
    }
}

/// What a payload says of itself; of one that can't be read, whatever a header may say.
func facts(of payload: [UInt8]) -> AlertFacts {
    if let alert = try? Alert.decode(payload, provinces: Reference.provinces) { return AlertFacts(alert) }
    return AlertFacts(
        id: [UInt8](repeating: 1, count: 16), kind: Kind.suspect.code,
        messageType: MessageType.alert.code, status: Status.test.code,
        expires: Timestamp(milliseconds: 1_800_086_400_000))
}

struct PostedAlert: Sendable, Equatable {
    var topic: Topic
    var header: [UInt8]
    var payload: [UInt8]
    var signature: [UInt8]

    var signed: SignedAlert { SignedAlert(header: header, payload: payload, signature: signature) }
    var frames: [[UInt8]] {
        IngestMessage.frames(topic: topic, signed)
    }
}

/// The id of the invented alert with this number.
func sampleID(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return "01a20abe-b4c0-7abc-8def-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
}

/// What the hub says of a run of invented alerts.
func sampleSum(_ numbers: ClosedRange<UInt64>) -> AlertSum {
    AlertSum(numbers.compactMap { AlertID(sampleID($0))?.bytes })
}

let sampleHeadline = "Invented for a test"

func samplePayload(
    _ number: UInt64, sender: String, provinces: [String], kind: Kind, references: [UInt64] = [],
    headline: String = sampleHeadline
) -> [UInt8] {
    let section =
        switch kind {
        case .suspect: #""suspect":{"role":"recruiter","sex":"male","ageRange":{"min":35,"max":45}}"#
        case .movement: #""movement":{"mode":"road","direction":"out","people":9,"minors":0}"#
        case .sighting:
            #""sighting":{"of":"\#(sampleID(1))","outcome":"seen","identifiers":["plate"],"time":"2026-11-24T06:30:00+07:00"}"#
        }
    let targets = references.map { "\"\(sampleID($0))\"" }.joined(separator: ",")
    let refers =
        references.isEmpty ? #""msgType":"Alert""# : #""msgType":"Cancel","references":[\#(targets)]"#
    let codes = provinces.map { "\"\($0)\"" }.joined(separator: ",")
    return Array(
        """
        {"id":"\(sampleID(number))","sender":"\(sender)","sent":"2026-11-24T06:30:00+07:00","status":"Test",\
        \(refers),"kind":"\(kind.rawValue)","urgency":"Expected","severity":"Severe","certainty":"Likely",\
        "expires":"2026-11-25T06:30:00+07:00","handling":"TLP:RED","provinces":[\(codes)],\
        "headline":{"en":"\(headline)"},\(section)}
        """.utf8)
}

/// A core with a log in memory, driven as the loop drives it.
struct Hub {
    let log: MemoryLog
    let store: MemoryStore
    let reader: MemoryReader
    var core: HubCore
    var now = Timestamp(milliseconds: 1_800_000_000_000)

    init(
        _ actors: [Actor], log: MemoryLog = MemoryLog(log: 1), signing: SigningKey? = nil,
        started: Timestamp? = nil
    ) throws {
        if let started { now = started }
        self.log = log
        store = MemoryStore(log)
        reader = MemoryReader(log)
        core = HubCore(
            try store.load(), ids: KnownIDs(try reader.unindexedIDs(), kept: 4),
            registry: Registry(actors.map(\.registered)), provinces: Reference.provinces,
            operatorUser: "operator", started: now, signing: signing)
        core.restore(try Responses(reader))
        core.bound(HubCore.Domain.ingest, 5)
        for (index, feed) in core.feeds.feeds.enumerated() { core.bound(feed.domain, 10 + index) }
    }

    /// What the actions are, without the publications.
    mutating func answers() -> [Action] {
        core.takeActions().filter { if case .publish = $0 { false } else { true } }
    }

    /// As a post does it: not before it was welcomed with the alert's epoch.
    mutating func ingest(_ alert: PostedAlert, from actor: Actor) {
        if let header = try? PostHeader(decoding: alert.header), header.post == actor.name,
            core.links.epoch(of: actor.name) != header.epoch,
            !core.end.isFormer(epoch: header.epoch, of: actor.name)
        {
            greet(actor, epoch: header.epoch)
        }
        send(alert, from: actor)
    }

    /// Says hello, and leaves the actions that were there and not those that it leads to.
    mutating func greet(_ actor: Actor, epoch: UInt64, from peer: [UInt8] = [9]) {
        let before = core.takeActions()
        let hello = Request.Hello(request: 1, program: "test", epoch: HexNumber(epoch), last: 1_000_000)
        core.controlled(Request.hello(hello).frames(), from: peer, user: actor.user, at: now)
        _ = core.takeActions()
        for action in before { core.perform(action) }
    }

    /// Without a hello.
    mutating func send(_ alert: PostedAlert, from actor: Actor) {
        core.ingested(alert.frames, excess: 0, user: actor.user, at: now, log: reader)
    }

    /// Commits what is staged and gives the actions of the whole tick.
    mutating func commit() throws -> [Action] {
        if let batch = core.closeBatch() {
            try store.commit(batch)
            core.committed(in: .milliseconds(3), at: now)
        }
        return core.takeActions()
    }

    mutating func ask(_ request: Request, as actor: Actor, from peer: [UInt8] = [1]) -> [Action] {
        core.controlled(request.frames(), from: peer, user: actor.user, at: now)
        return core.takeActions()
    }

    /// As if the answers to its look-ups had left.
    mutating func finishReadings(of actor: Actor, count: Int = HubLimits().lookups) {
        let asker = Asker(peer: [1], user: actor.user, account: actor.name, read: actor.read)
        for _ in 0..<count { _ = core.answered(asker) }
    }

    /// The one reply among the actions, with look-ups made at once.
    func reply(_ actions: [Action]) throws -> Reply? {
        for action in actions {
            switch action {
            case .reply(_, let reply): return reply
            case .read(let query): return try QueryRunner(log: MemoryReader(log), query: query).reply()
            default: continue
            }
        }
        return nil
    }

    func records() throws -> [Record] {
        let reader = MemoryReader(log)
        var records: [Record] = []
        for offset in stride(from: UInt64(1), through: try reader.head(), by: 1) {
            if let record = try reader.record(at: offset) { records.append(record) }
        }
        return records
    }
}

extension HubCore {
    /// Of a full disk.
    mutating func rolledBack(at now: Timestamp) {
        rolledBack(
            StoreError(operation: "commit", path: "memory", cause: .full, detail: "no room"), at: now)
    }
}

func replies(_ actions: [Action]) -> [Reply] {
    actions.compactMap { if case .reply(_, let reply) = $0 { reply } else { nil } }
}

func notices(_ actions: [Action]) -> [Notice] {
    actions.compactMap { if case .log(let notice) = $0 { notice } else { nil } }
}

/// The feed messages of the actions, by domain.
func published(_ actions: [Action]) throws -> [String: [FeedMessage]] {
    var messages: [String: [FeedMessage]] = [:]
    for case .publish(let domain, let frames) in actions {
        messages[domain, default: []].append(try FeedMessage(frames: frames))
    }
    return messages
}

extension [FeedMessage] {
    var deliveries: [Delivery] {
        compactMap { if case .delivery(_, let delivery) = $0 { delivery } else { nil } }
    }

    /// The offsets that each delivery holds.
    var offsets: [[UInt64]] { deliveries.map { $0.alerts.map(\.offset) } }
}
