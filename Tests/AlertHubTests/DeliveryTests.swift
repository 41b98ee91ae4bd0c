import Alerts
import AlertStore
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

/// What shares a delivery and what ends one. Each commit here holds everything staged before it.
@Suite("Deliveries of several alerts")
struct DeliveryTests {
    let post = Actor("koh-kong", publish: Reference.grant("all"))
    let national = Actor("national", read: Reference.grant("all"))
    let local = Actor("local", read: Reference.grant("koh-kong"))

    @Test("alerts that follow each other on one topic share a delivery, as the post sent them")
    func shared() throws {
        var hub = try Hub([post, national])
        let alerts = (UInt64(1)...5).map { post.alert($0) }
        for alert in alerts { hub.ingest(alert, from: post) }
        let deliveries = try messages(of: national, try hub.commit()).deliveries
        let delivery = try #require(deliveries.first)
        #expect(deliveries.count == 1)
        #expect(delivery.firstSequence == 1)
        #expect(delivery.heads == Heads())
        #expect(delivery.alerts.map(\.offset) == [1, 2, 3, 4, 5])
        #expect(delivery.alerts.map(\.signed.header) == alerts.map(\.header))
        #expect(delivery.alerts.map(\.signed.payload) == alerts.map(\.payload))
        #expect(delivery.alerts.map(\.signed.signature) == alerts.map(\.signature))
    }

    @Test("the next commit begins another delivery, whose sequence and heads go on")
    func nextCommit() throws {
        var hub = try Hub([post, national])
        for sequence in UInt64(1)...2 { hub.ingest(post.alert(sequence), from: post) }
        _ = try hub.commit()
        for sequence in UInt64(3)...4 { hub.ingest(post.alert(sequence), from: post) }
        let deliveries = try messages(of: national, try hub.commit()).deliveries
        #expect(deliveries.map(\.firstSequence) == [3])
        #expect(deliveries.map(\.heads) == [Heads([.init(topic: 1, sequence: 2)])])
        #expect(deliveries.map { $0.alerts.map(\.offset) } == [[3, 4]])
    }

    @Test("an alert of another topic splits a delivery on the feeds that carry it, and on no other")
    func otherTopic() throws {
        var hub = try Hub([post, national, local])
        hub.ingest(post.alert(1), from: post)
        hub.ingest(post.alert(2), from: post)
        hub.ingest(post.alert(3, provinces: ["KH-14"]), from: post)
        hub.ingest(post.alert(4), from: post)
        let actions = try hub.commit()
        let all = try messages(of: national, actions)
        #expect(all.offsets == [[1, 2], [3], [4]])
        #expect(all.deliveries.map(\.firstSequence) == [1, 1, 3])
        #expect(
            all.deliveries.map(\.heads) == [
                Heads(), Heads([.init(topic: 1, sequence: 2)]),
                Heads([.init(topic: 1, sequence: 2), .init(topic: 2, sequence: 1)]),
            ])
        #expect(try messages(of: local, actions).offsets == [[1, 2, 4]])
    }

    @Test("an alert on two topics of the feed stands alone; where the feed carries one of them it shares")
    func twoTopics() throws {
        var hub = try Hub([post, national, local])
        hub.ingest(post.alert(1), from: post)
        hub.ingest(post.alert(2, provinces: ["KH-9", "KH-14"]), from: post)
        hub.ingest(post.alert(3), from: post)
        let actions = try hub.commit()
        let all = try messages(of: national, actions)
        #expect(all.offsets == [[1], [2], [2], [3]])
        #expect(all.deliveries.map(\.firstSequence) == [1, 2, 1, 3])
        #expect(all.deliveries[1].heads == all.deliveries[2].heads)
        #expect(try messages(of: local, actions).offsets == [[1, 2, 3]])
    }

    @Test("a delivery holds as many alerts as its bound allows, and not one more")
    func countBound() throws {
        let topic = Reference.topic("KH-9", .suspect)
        var feeds = Feeds(LogEnd(try MemoryStore().load()), Registry([national.registered]))
        let bound = UInt64(WireLimits.deliveryAlerts)
        let records = (1...2 * bound + 1).map { number in
            Record(
                offset: number, post: "koh-kong", epoch: 7, sequence: number,
                received: Timestamp(milliseconds: 0), alert: [], references: [],
                deliveries: [Record.Delivery(topic: 1, sequence: number)],
                signed: SignedAlert(header: [], payload: [1], signature: []), hash: [])
        }
        let messages = feeds.deliveries(of: records) { _ in topic }
        let found = try messages.map { try FeedMessage(frames: $0.frames) }
        #expect(found.offsets.map(\.count) == [WireLimits.deliveryAlerts, WireLimits.deliveryAlerts, 1])
        #expect(found.offsets.flatMap(\.self) == Array(1...2 * bound + 1))
        #expect(found.deliveries.map(\.firstSequence) == [1, bound + 1, 2 * bound + 1])
    }

    @Test("a delivery ends before the alert that would take it over its bytes; a larger one stands alone")
    func byteBound() throws {
        var hub = try Hub([post, national])
        let half = WireLimits.deliveryBytes / 2
        let sizes = [half, half / 2, half, 2 * WireLimits.deliveryBytes, 100, 100]
        for (index, size) in sizes.enumerated() {
            hub.ingest(long(UInt64(index) + 1, adding: size), from: post)
        }
        let found = try messages(of: national, try hub.commit())
        #expect(found.offsets == [[1, 2], [3], [4], [5, 6]])
        for delivery in found.deliveries where delivery.alerts.count > 1 {
            #expect(delivery.encoded().count <= WireLimits.deliveryBytes)
        }
    }

    @Test("the largest alert fits a frame behind the heads of every topic there is, at their largest")
    func largestFrame() {
        let topics = UInt32(Reference.provinces.provinces.count * Kind.allCases.count)
        let header = PostHeader(
            post: String(repeating: "a", count: WireLimits.postName), epoch: 1, sequence: 1,
            queued: Timestamp(milliseconds: 0),
            facts: AlertFacts(
                id: [UInt8](repeating: 1, count: 16), kind: 1, messageType: 1, status: 1,
                expires: Timestamp(milliseconds: 0),
                references: Array(
                    repeating: [UInt8](repeating: 2, count: 16), count: PostHeader.mostReferences))
        ).encoded()
        let delivery = Delivery(
            log: 1, topicNumber: 1, firstSequence: 1,
            heads: Heads((1...topics).map { Heads.Entry(topic: $0, sequence: WireLimits.number) }),
            alerts: [
                Delivery.Item(
                    offset: 1, received: Timestamp(milliseconds: 0),
                    signed: SignedAlert(
                        header: header, payload: [UInt8](repeating: 0, count: WireLimits.payload),
                        signature: [UInt8](repeating: 0, count: WireLimits.seal)))
            ])
        #expect(topics > 100)
        #expect(delivery.encoded().count <= WireLimits.requestFrame)
    }

    private func messages(of actor: Actor, _ actions: [Action]) throws -> [FeedMessage] {
        try #require(try published(actions)[Feed.domain(of: actor.read)])
    }

    /// An alert with a long description: letters of six bytes each, as JSON can write them.
    private func long(_ sequence: UInt64, adding count: Int) -> PostedAlert {
        let letters = String(repeating: #"\u0078"#, count: min(count / 6, 4_000))
        var payload = samplePayload(sequence, sender: post.name, provinces: ["KH-9"], kind: .suspect)
        payload.insert(contentsOf: Array(#""description":{"en":"\#(letters)"},"#.utf8), at: 1)
        return post.sign(payload, sequence, epoch: 7, topic: Reference.topic("KH-9", .suspect))
    }
}
