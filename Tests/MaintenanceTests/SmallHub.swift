import Alerts
import AlertStore
import Foundation
import Identity
import LogProof
import Notation
import Platform
import Provinces
import Settings
import SQLite
import Testing
import Wire

@testable import AlertHub

/// A hub without sockets, in a directory of its own that goes with the object: alerts are sealed, checked, chained and
/// committed as in the daemon.
final class SmallHub {
    static let start = Timestamp(milliseconds: 1_795_476_600_000)
    static let provinces = Result {
        let overlay = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("config/provinces.toml")
        return try ReferenceData.provinces(overlay: overlay.path)
    }

    let directory: String
    let posts = ["koh-kong", "prey-veng"].map { IdentityKeys(name: $0) }
    let keys = IdentityKeys(name: "hub")
    var now = SmallHub.start
    private(set) var core: HubCore
    let log: any LogBackend
    let store: any AlertWriter
    private var sequences: [String: UInt64] = [:]
    private var random: UInt8 = 0

    var path: String { directory + "/alerts.db" }
    var keyring: PublicKeyring { PublicKeyring(posts.map(\.publicKeys)) }

    /// The hub's own: it signs notices, and no checkpoint that a test would look at.
    let signing = SigningKey()

    init() throws {
        directory = NSTemporaryDirectory() + "borderwire-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        let provinces = try SmallHub.provinces.get()
        let grant = try Grant(["all"], provinces: provinces)
        log = SQLiteBackend(directory: directory)
        store = try log.writer()
        core = HubCore(
            try store.load(),
            registry: Registry(
                posts.map { EnrolledIdentity(keys: $0.publicKeys, publish: grant, read: grant) }),
            provinces: provinces, operatorUser: "operator", started: SmallHub.start, signing: signing)
        for (index, post) in posts.enumerated() {
            let hello = Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 1_000_000)
            core.controlled(
                Request.hello(hello).frames(), from: [UInt8(index)],
                user: post.publicKeys.curve.hex, at: SmallHub.start)
        }
        _ = core.takeActions()
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    struct Sent {
        var id: AlertID
        var frames: [[UInt8]]
    }

    /// The next alert of a post, sealed and not yet given to the hub.
    func alert(
        from post: Int = 0, kind: Kind = .movement, status: Status = .actual,
        provinces: [String] = ["Koh Kong"],
        references: [AlertID] = [], type: String = "Update", isSafe: Bool = false,
        of answered: AlertID? = nil,
        life: Int64 = 86_400_000
    ) throws -> Sent {
        let keys = posts[post]
        random &+= 1
        let id = AlertID(time: now, random: Array(repeating: random, count: AlertID.randomLength))
        var draft: [String: Any] = [
            "kind": kind.rawValue, "provinces": provinces, "headline": "An invented van at the pier",
            "status": status.rawValue,
            "expires": Timestamp(milliseconds: now.milliseconds + life).rfc3339(),
        ]
        switch kind {
        case .movement: draft["movement"] = ["mode": "road", "direction": "out"]
        case .suspect: draft["suspect"] = ["role": "transporter"]
        case .sighting:
            draft["sighting"] = [
                "of": (answered ?? id).description, "outcome": "seen", "identifiers": ["plate"],
                "time": now.rfc3339(),
            ]
        }
        if !references.isEmpty {
            draft["references"] = references.map(\.description)
            draft["msgType"] = type
            if isSafe { draft["resolution"] = "safe" }
        }
        let directory = try SmallHub.provinces.get()
        let (alert, payload) = try AlertDraft(
            Array(try JSONSerialization.data(withJSONObject: draft))
        ).completed(
            sender: keys.name, now: now, id: { id }, provinces: directory)
        sequences[keys.name, default: 0] += 1
        let header = PostHeader(
            post: keys.name, epoch: 7, sequence: sequences[keys.name] ?? 0, queued: now,
            facts: AlertFacts(alert)
        ).encoded()
        let topic = try #require(alert.topics(in: directory).first)
        return Sent(
            id: id,
            frames: IngestMessage.frames(
                topic: topic,
                SignedAlert(
                    header: header, payload: payload,
                    signature: Seal.sign([(header, Seal.digest(of: payload))], with: keys.signing)[0])))
    }

    /// The hub takes what posts sent, in one batch.
    func take(_ sent: [Sent], from post: Int = 0) throws {
        let reader = try log.reader()
        for message in sent {
            core.ingested(
                message.frames, excess: 0, user: posts[post].publicKeys.curve.hex, at: now, log: reader)
        }
        let closed = core.closeBatch()
        try store.commit(try #require(closed))
        core.committed(at: now)
        _ = core.takeActions()
    }

    /// The operator's word on one alert, in a batch of its own.
    func order(_ action: HubNotice.Action, of alert: AlertID) throws {
        let order = Request.Order(request: 1, alerts: [alert.description], reason: "Order of the court")
        let request = action == .erasure ? Request.erase(order) : .withdraw(order)
        core.controlled(request.frames(), from: [99], user: "operator", at: now)
        let reader = try log.reader()
        random &+= 1
        let error = core.carryOutOrders(at: now, log: reader) { Array(repeating: random, count: $0) }
        #expect(error == nil)
        let closed = core.closeBatch()
        try store.commit(try #require(closed))
        core.committed(at: now)
        _ = core.takeActions()
    }

    /// Alerts of both posts in turn, each in a batch of its own; every fifth is one that the hub refuses.
    func fill(_ count: Int) throws -> [AlertID] {
        try (0..<count).map { index in
            now.milliseconds += 1_000
            let post = index % 2
            var sent = try alert(
                from: post, kind: index % 3 == 0 ? .suspect : .movement,
                provinces: index % 4 == 0 ? ["Koh Kong", "Pursat"] : ["Prey Veng"])
            if index % 5 == 4 { sent.frames[0] = Array("kh.kep.movement.".utf8) }
            try take([sent], from: post)
            return sent.id
        }
    }

    /// What someone who has the file could do to it.
    func tamper(_ sql: String) throws {
        let connection = try Connection(path: path, mode: .readWrite, busyTimeout: .seconds(5))
        try connection.execute(sql)
        try connection.close()
    }

    /// Makes both chains anew over changed rows, as someone could who has the file and knows the format.
    func rewrite(_ rows: inout [Record], from first: Int) throws {
        var hash = first > 0 ? rows[first - 1].hash : Chain.origin
        var chains: [UInt32: [UInt8]] = [:]
        let topics = try log.inspector().outline().topics
        for index in rows.indices {
            let row = rows[index]
            let body = row.body(digest: row.payloadDigest)
            var remade: [UInt8] = []
            for delivery in row.deliveries {
                let before = chains[delivery.topic] ?? Chain.origin(of: topics[delivery.topic] ?? "")
                let chain = Chain.topic(after: before, sequence: delivery.sequence, body)
                chains[delivery.topic] = chain
                remade += chain
            }
            guard index >= first else { continue }
            hash = row.hash(after: hash, body)
            rows[index].hash = hash
            let erased = row.erased.map { "x'\($0.hex)'" } ?? "NULL"
            try tamper(
                "UPDATE alerts SET hash = x'\(hash.hex)', chains = x'\(remade.hex)', received = "
                    + "\(row.received.milliseconds), payload = x'\(row.signed.payload.hex)', erased = \(erased) "
                    + "WHERE offset = \(row.offset)")
        }
    }

    func verify(from: UInt64? = nil, through: UInt64? = nil) throws -> VerificationReport {
        try Verify.log(log, keyring, from: from, through: through)
    }
}
