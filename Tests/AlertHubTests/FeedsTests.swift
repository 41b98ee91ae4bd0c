import Alerts
import AlertStore
import Identity
import MemoryStore
import Testing
import Wire

@testable import AlertHub

@Suite("Feeds and admission")
struct FeedsTests {
    let post = Actor("koh-kong", publish: Reference.grant("all"))
    let national = Actor("national", read: Reference.grant("all"))
    let local = Actor("local", read: Reference.grant("koh-kong"))
    let twin = Actor("twin", read: Reference.grant("koh-kong"))

    @Test("each distinct grant has one feed, whoever shares it")
    func perGrant() throws {
        let hub = try Hub([post, national, local, twin])
        #expect(hub.core.feeds.feeds.count == 2)
        #expect(hub.core.feeds.feeds.first { $0.grant == local.read }?.users == [local.user, twin.user])
    }

    @Test("a feed's domain depends on the grant only, not on how it is written or on the start")
    func domains() {
        let written = Reference.grant("prey-veng/suspect", "koh-kong")
        #expect(
            Feed.domain(of: written)
                == Feed.domain(of: Reference.grant("koh-kong", "prey-veng/suspect", "koh-kong/movement")))
        #expect(Feed.domain(of: Reference.grant("koh-kong")) == "feed-9836cc7386447996")
    }

    @Test("an alert goes to the feeds that may carry it, with the heads before it, once per topic")
    func deliveries() throws {
        var hub = try Hub([post, national, local])
        hub.ingest(post.alert(1, provinces: ["KH-14"]), from: post)
        hub.ingest(post.alert(2, provinces: ["KH-14", "KH-9"]), from: post)
        let messages = try published(try hub.commit())
        let all = try #require(messages[Feed.domain(of: national.read)])
        let some = try #require(messages[Feed.domain(of: local.read)])
        #expect(all.count == 3)
        #expect(some.count == 1)
        let parts = all.deliveries
        #expect(parts.map { $0.alerts.map(\.offset) } == [[1], [2], [2]])
        #expect(parts.map(\.firstSequence) == [1, 2, 1])
        #expect(parts[0].heads == Heads())
        #expect(parts[1].heads == Heads([.init(topic: 1, sequence: 1)]))
        #expect(parts[2].heads == parts[1].heads)
        guard case .delivery(let topic, let delivery) = some[0] else { return }
        #expect(topic == Reference.topic("KH-9", .suspect))
        #expect(delivery.heads == Heads(), "what the feed does not carry is not in its heads")
    }

    @Test("a heartbeat carries the heads of its feed's topics, after a restart too")
    func heartbeats() throws {
        var hub = try Hub([post, national, local])
        hub.ingest(post.alert(1, provinces: ["KH-14"]), from: post)
        hub.ingest(post.alert(2, provinces: ["KH-9"]), from: post)
        _ = try hub.commit()
        for log in [hub.log, nil] {
            var hub = hub
            if let log { hub = try Hub([post, national, local], log: log) }
            hub.core.beat(at: hub.now)
            let messages = try published(hub.core.takeActions())
            guard case .heartbeat(let all) = messages[Feed.domain(of: national.read)]?.first,
                case .heartbeat(let some) = messages[Feed.domain(of: local.read)]?.first
            else {
                Issue.record("\(messages)")
                return
            }
            #expect(all.heads == Heads([.init(topic: 1, sequence: 1), .init(topic: 2, sequence: 1)]))
            #expect(some.heads == Heads([.init(topic: 2, sequence: 1)]))
            #expect(some.offset == 2)
        }
    }

    @Test("nothing is published of a commit that failed")
    func rollback() throws {
        var hub = try Hub([post, national])
        hub.ingest(post.alert(1, provinces: ["KH-14"]), from: post)
        _ = hub.core.closeBatch()
        hub.core.rolledBack(at: hub.now)
        hub.core.beat(at: hub.now)
        let messages = try published(hub.core.takeActions())
        guard case .heartbeat(let beat) = messages[Feed.domain(of: national.read)]?.first else { return }
        #expect(beat.heads == Heads())
        #expect(messages.values.flatMap(\.self).count == 1)
    }

    @Test(
        "a feed binds anew when a key goes, not when one comes; a new grant opens, the last one's end closes")
    func registryChanges() throws {
        var hub = try Hub([post, local, twin])
        let domain = Feed.domain(of: local.read)
        func change(_ actors: [Actor]) -> [String] {
            hub.core.follow(Registry(actors.map(\.registered)))
            return hub.core.takeActions().map { action in
                switch action {
                case .open(let feed): "open \(feed.domain)"
                case .close(let domain): "close \(domain)"
                case .rebind(let domain): "rebind \(domain)"
                default: "\(action)"
                }
            }
        }
        #expect(change([post, local]) == ["rebind \(domain)"])
        #expect(change([post, local, twin]) == [])
        #expect(change([post, local, twin, national]) == ["open \(Feed.domain(of: national.read))"])
        #expect(change([post, Actor("local", read: local.read), twin, national]) == ["rebind \(domain)"])
        #expect(change([post, national]) == ["close \(domain)"])
        #expect(hub.core.ports[domain] == nil)
    }

    @Test("a feed that opens later knows the topics from before")
    func lateFeed() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        hub.core.follow(Registry([post.registered, local.registered]))
        hub.core.beat(at: hub.now)
        let messages = try published(hub.core.takeActions())
        guard case .heartbeat(let beat) = messages[Feed.domain(of: local.read)]?.first else {
            Issue.record("\(messages)")
            return
        }
        #expect(beat.heads == Heads([.init(topic: 1, sequence: 1)]))
    }

    @Test("acknowledgements do not go to the connection of a key that is no longer the post's")
    func replacedKey() throws {
        var hub = try Hub([post])
        _ = hub.ask(
            .hello(Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 0)), as: post,
            from: [4])
        #expect(hub.core.links.routing(of: "koh-kong") == [4])
        let successor = Actor("koh-kong", publish: post.publish)
        hub.core.follow(Registry([successor.registered]))
        #expect(hub.core.links.routing(of: "koh-kong") == nil)
    }

    @Test("a handshake is let in only for a known key on a socket of its grant")
    func admission() throws {
        let hub = try Hub([post, national, local])
        func isLetIn(_ actor: Actor, _ domain: String) -> Bool {
            hub.core.admit(domain: domain, key: actor.keys.curve.publicKey).user == actor.user
        }
        #expect(isLetIn(post, "ingest"))
        #expect(isLetIn(post, "control"))
        #expect(!isLetIn(local, "ingest"))
        #expect(isLetIn(local, "control"))
        #expect(isLetIn(local, Feed.domain(of: local.read)))
        #expect(!isLetIn(local, Feed.domain(of: national.read)))
        #expect(!isLetIn(national, Feed.domain(of: local.read)), "a wider grant has a feed of its own")
        #expect(!isLetIn(post, Feed.domain(of: .none)))
        #expect(!isLetIn(Actor("stranger"), "control"))
        for domain in ["", "status", "feed-", "ingest "] { #expect(!isLetIn(post, domain)) }
        #expect(hub.core.admit(domain: "control", key: []).user == nil)
    }

    @Test("the operator's key is let in on control only")
    func operatorKey() throws {
        let hub = HubCore(
            try MemoryStore().load(), registry: Registry([local.registered]), provinces: Reference.provinces,
            operatorUser: post.user, started: Timestamp(milliseconds: 0))
        let key = post.keys.curve.publicKey
        #expect(hub.admit(domain: "control", key: key).user == post.user)
        #expect(hub.admit(domain: "ingest", key: key).user == nil)
        #expect(hub.admit(domain: Feed.domain(of: local.read), key: key).user == nil)
    }
}
