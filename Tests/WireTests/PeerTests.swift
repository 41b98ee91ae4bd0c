import AlertFeed
import Alerts
import AlertStore
import Foundation
import Identity
import MemoryStore
import Notation
import Platform
import Provinces
import Settings
import Testing
import Wire

@testable import AlertHub

/// What PROTOCOL.md promises to a peer, of the hub and the reader that answer it.
@Suite("Promises to peers")
struct PeerTests {
    private static let now = Timestamp(milliseconds: 1_795_476_600_000)
    private static let facts = AlertFacts(
        id: Array(repeating: 1, count: 16), kind: Kind.suspect.code, messageType: MessageType.alert.code,
        status: Status.test.code, expires: PeerTests.now)
    private let post = IdentityKeys(name: "koh-kong")
    private let connection: [UInt8] = [1]

    private func hub() throws -> HubCore {
        let overlay = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("config/provinces.toml")
        let provinces = try ReferenceData.provinces(overlay: overlay.path)
        let grant = try Grant(["koh-kong"], provinces: provinces)
        return HubCore(
            try MemoryStore().load(),
            registry: Registry([EnrolledIdentity(keys: post.publicKeys, publish: grant, read: grant)]),
            provinces: provinces, operatorUser: "operator", started: PeerTests.now)
    }

    private var user: String { post.curve.publicKey.hex }

    /// An alert whose payload may be anything, sealed.
    private func frames(epoch: UInt64, sequence: UInt64, payload: String) -> [[UInt8]] {
        let header = PostHeader(
            post: post.name, epoch: epoch, sequence: sequence, queued: PeerTests.now, facts: PeerTests.facts
        ).encoded()
        let bytes = Array(payload.utf8)
        return IngestMessage.frames(
            topic: Topic(country: "kh", province: "koh-kong", kind: .suspect),
            SignedAlert(
                header: header, payload: bytes,
                signature: Seal.sign([(header, Seal.digest(of: bytes))], with: post.signing)[0]))
    }

    private func replies(_ actions: [Action]) -> [Reply] {
        actions.compactMap { if case .reply(_, let reply) = $0 { reply } else { nil } }
    }

    @Test(
        "a refusal repeats the number of a request that can't be read otherwise",
        arguments: [("launch", #"{"request":7}"#, "unknown"), ("replay", #"{"request":7}"#, "malformed")])
    func numberedRefusal(verb: String, body: String, code: String) throws {
        var hub = try hub()
        let header: [UInt8] = [0x42, 0x57, 0x02, 0x10]
        hub.controlled(
            [header, Array(verb.utf8), Array(body.utf8)], from: connection, user: user, at: PeerTests.now)
        guard case .refused(let refused)? = replies(hub.takeActions()).first else {
            Issue.record("no refusal")
            return
        }
        #expect(refused.request == 7)
        #expect(refused.code.rawValue == code)
    }

    @Test("a version that the hub doesn't speak is refused with its code, on its own version")
    func futureVersion() throws {
        var hub = try hub()
        hub.controlled([[0x42, 0x57, 0x03, 0x10]], from: connection, user: user, at: PeerTests.now)
        let reply = try #require(replies(hub.takeActions()).first)
        guard case .refused(let refused) = try Reply(frames: reply.frames()) else {
            Issue.record("no refusal")
            return
        }
        #expect(refused.code == .version)
    }

    @Test("as many refusals as one answer can hold fit into its frame")
    func refusalsFit() throws {
        var hub = try hub()
        hub.controlled(
            Request.hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 0)).frames(),
            from: connection, user: user, at: PeerTests.now)
        // Each with as many problems as are named.
        let fields = (0..<60).map { #""\#(String(repeating: "x", count: 36))\#($0)":1"# }.joined(
            separator: ",")
        var sequence: UInt64 = 0
        while !hub.isBatchFull {
            sequence += 1
            hub.ingested(
                frames(epoch: 7, sequence: sequence, payload: "{\(fields)}"), excess: 0, user: user,
                at: PeerTests.now, log: MemoryReader(MemoryLog()))
        }
        _ = hub.takeActions()
        _ = hub.closeBatch()
        hub.committed(at: PeerTests.now)
        let reply = try #require(replies(hub.takeActions()).first)
        guard case .acknowledged(let answer) = reply else {
            Issue.record("no answer")
            return
        }
        #expect(answer.refused.count == Ingest.largestBatch)
        #expect(answer.refused.allSatisfy { $0.reason.utf8.count <= WireLimits.reason })
        // As long as a reason may ever be; what outcomes may ask for is twice as much.
        var longest = answer
        longest.refused = answer.refused.map { refused in
            Reply.RefusedSequence(
                sequence: refused.sequence, code: refused.code,
                reason: String(repeating: "x", count: WireLimits.reason))
        }
        let frames = Reply.acknowledged(longest).frames()
        #expect((frames.map(\.count).max() ?? 0) * 2 < WireLimits.replyFrame)
    }

    @Test("a thread of many large updates is cut before it is larger than a reply may be, and says so")
    func largeThread() throws {
        let store = MemoryStore()
        let id = [UInt8](repeating: 1, count: 16)
        let topic = Topic(country: "kh", province: "koh-kong", kind: .suspect)
        var batch = Batch()
        batch.newTopics = [TopicHead(number: 1, topic: topic, sequence: 0)]
        batch.records = (1...100).map { offset in
            Record(
                offset: offset, post: post.name, epoch: 7, sequence: offset, received: PeerTests.now,
                alert: offset == 1 ? id : [UInt8](repeating: UInt8(offset), count: 16),
                references: offset == 1 ? [] : [id],
                deliveries: [Record.Delivery(topic: 1, sequence: offset)],
                signed: SignedAlert(
                    header: [1], payload: [UInt8](repeating: 0x20, count: WireLimits.payload), signature: [2]),
                hash: [UInt8](repeating: 0, count: 32))
        }
        batch.positions = [Position(post: post.name, epoch: 7, through: 100)]
        try store.commit(batch)
        let query = LogQuery(
            asker: Asker(peer: connection, user: "", account: "analyst", read: .none), request: 1,
            offset: 100,
            log: 1,
            subject: .thread(
                alert: id, part: nil, after: 0, granted: [1: topic], all: [:],
                at: Timestamp(milliseconds: 0)))
        guard
            case .page(let page, let bytes) = try QueryRunner(log: MemoryReader(store.log), query: query)
                .reply()
        else {
            Issue.record("no page")
            return
        }
        let records = try PageRecord.decode(bytes)
        #expect(bytes.count < WireLimits.replyFrame)
        #expect((2..<100).contains(records.count) && page.count == records.count)
        #expect(page.through == records.last?.offset && page.head == 100)
    }

    @Test("a page with fewer records than it counts, or beyond what it speaks for, is not taken for whole")
    func brokenPages() throws {
        let topic = Topic(country: "kh", province: "koh-kong", kind: .suspect)
        let topics = [Reply.TopicSequence(topic: topic.name, number: 1, sequence: 2)]
        func record(_ offset: UInt64) -> PageRecord {
            PageRecord(
                offset: offset, received: PeerTests.now,
                deliveries: [Heads.Entry(topic: 1, sequence: offset)],
                signed: SignedAlert(header: [], payload: [], signature: []))
        }
        for (count, records) in [
            (2, [record(1)]), (2, [record(1), record(3)]), (2, [record(1), record(2)]),
        ] {
            var stream = FeedStream(.everything, after: 0, log: nil)
            let actions = stream.welcomed(
                Reply.Welcome(
                    request: 1, identity: "test", log: HexNumber(9), offset: 2, time: 0, publish: [],
                    read: ["all"], ingest: nil, feed: 1, through: nil, topics: topics))
            guard case .replay(let request)? = actions.first else {
                Issue.record("no replay")
                return
            }
            let page = Reply.Page(
                request: request.request, log: HexNumber(9), after: 0, through: 2, head: 2, count: count,
                topics: topics)
            let isWhole = records.map(\.offset) == [1, 2]
            let isBroken = stream.received(page, records).contains {
                if case .broken = $0 { true } else { false }
            }
            #expect(isBroken != isWhole)
            #expect(stream.position == (isWhole ? 2 : 0))
        }
    }
}
