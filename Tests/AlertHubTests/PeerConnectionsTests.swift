import Platform
import Settings
import Testing

@testable import AlertHub

@Suite("Whose connection it is, and what it holds") struct PeerConnectionsTests {
    /// A kernel's connection as far as the value sees it.
    private struct Peer {
        var descriptor: Int32
        var cookie: UInt64
        var received: UInt64 = 551
        var sent: UInt64 = PeerConnections.handshakeBytes
        var acknowledged: UInt64 = 234

        var facts: TCPConnection {
            TCPConnection(
                descriptor: descriptor, cookie: cookie, received: received, sent: sent,
                acknowledged: acknowledged)
        }
    }

    private static let address = "192.0.2.7"
    private let start = Duration.seconds(100)

    private func limits(connections: Int = 2, replyBytes: Int = 1_000) -> PeerConnections {
        var limits = HubLimits()
        limits.connections = connections
        limits.replyBytes.bytes = replyBytes
        return PeerConnections(limits)
    }

    /// A connection that is let in and named.
    private func join(
        _ peers: inout PeerConnections, _ account: String, _ descriptor: Int32, _ domain: String = "control",
        cookie: UInt64? = nil
    ) -> Peer {
        var peer = Peer(descriptor: descriptor, cookie: cookie ?? UInt64(descriptor))
        peers.accepted(peer.facts, domain: domain, address: Self.address, at: start)
        let verdict = peers.ask(account, domain: domain, address: Self.address, at: start)
        #expect(verdict == .letIn)
        peer.sent += 50
        #expect(peers.look([(descriptor, peer.facts)], at: start).isEmpty)
        return peer
    }

    @Test("an identity has so many connections to each socket, and one that ended makes room")
    func most() {
        var peers = limits()
        _ = join(&peers, "koh-kong", 10)
        _ = join(&peers, "koh-kong", 11)
        _ = join(&peers, "koh-kong", 12, "ingest")
        #expect(peers.ask("koh-kong", domain: "control", address: Self.address, at: start) == .full)
        _ = join(&peers, "prey-veng", 13)
        #expect(peers.used(by: "koh-kong", at: start)[.connections] == 2)
        // The descriptor's number is somebody else's by now.
        _ = peers.look([(11, Peer(descriptor: 11, cookie: 999).facts)], at: start)
        #expect(peers.ask("koh-kong", domain: "control", address: Self.address, at: start) == .letIn)
        #expect(peers.ask("koh-kong", domain: "control", address: Self.address, at: start) == .full)
    }

    @Test("a handshake that was let in and never came about is not counted for long")
    func lost() {
        var peers = limits(connections: 1)
        let peer = Peer(descriptor: 10, cookie: 1)
        peers.accepted(peer.facts, domain: "control", address: Self.address, at: start)
        #expect(peers.ask("koh-kong", domain: "control", address: Self.address, at: start) == .letIn)
        #expect(peers.ask("koh-kong", domain: "control", address: Self.address, at: start) == .full)
        _ = peers.look([(10, nil)], at: start)
        #expect(peers.ask("koh-kong", domain: "control", address: Self.address, at: start) == .letIn)
    }

    @Test("behind one address each connection gets the name that was let in on it, strangers or not")
    func sameAddress() {
        var peers = limits()
        var mine = Peer(descriptor: 10, cookie: 1)
        var other = Peer(descriptor: 11, cookie: 2)
        var stranger = Peer(descriptor: 12, cookie: 3)
        for peer in [mine, other, stranger] {
            peers.accepted(peer.facts, domain: "control", address: Self.address, at: start)
        }
        func ask(_ account: String) -> PeerConnections.Verdict {
            peers.ask(account, domain: "control", address: Self.address, at: start)
        }
        func look() { _ = peers.look([mine, other, stranger].map { ($0.descriptor, $0.facts) }, at: start) }
        #expect(ask(PeerConnections.strangers) == .letIn)
        #expect(ask("koh-kong") == .wait)
        stranger.sent += 30
        look()
        #expect(ask("koh-kong") == .letIn)
        #expect(ask("prey-veng") == .wait)
        look()
        #expect(ask("prey-veng") == .wait, "not seen yet")
        other.sent += 50
        look()
        #expect(ask("prey-veng") == .letIn)
        mine.sent += 50
        look()
        peers.took(from: 10, route: [1], at: start)
        peers.took(from: 11, route: [2], at: start)
        #expect(peers.account(of: [1]) == "prey-veng")
        #expect(peers.account(of: [2]) == "koh-kong")
        #expect(peers.accounts == ["koh-kong", "prey-veng"])
    }

    @Test("a connection through its handshake without a name is cut, so that none escapes the count")
    func stray() {
        var peers = limits()
        var peer = Peer(descriptor: 10, cookie: 1)
        peers.accepted(peer.facts, domain: "control", address: Self.address, at: start)
        peer.sent += 50
        #expect(peers.look([(10, peer.facts)], at: start).isEmpty)
        let later = start + PeerConnections.patience + .milliseconds(1)
        #expect(peers.look([(10, peer.facts)], at: later).map(\.connection.descriptor) == [10])
    }

    @Test("a message that does not end is cut at its bound, over all connections, and one taken begins anew")
    func endless() {
        var peers = limits()
        var one = join(&peers, "koh-kong", 10)
        var two = join(&peers, "koh-kong", 11)
        let most = PeerConnections.mostUntaken[.control] ?? 0
        one.received += most / 2
        two.received += most / 2
        func look() -> [PeerConnections.Breach] {
            peers.look([one, two].map { ($0.descriptor, $0.facts) }, at: start)
        }
        #expect(look().isEmpty)
        peers.took(from: 10, route: [1], at: start)
        one.received += most / 2
        #expect(look().isEmpty)
        two.received += 1
        #expect(look().map(\.resource) == [.messageBytes, .messageBytes])
    }

    @Test("heartbeats for a year are no endless message")
    func heartbeats() {
        var peers = limits()
        var post = join(&peers, "koh-kong", 10, "ingest")
        let year: UInt64 = 365 * 86_400
        // A PING and a PONG of 42 encrypted bytes every five seconds.
        post.received += year / 5 * 84
        #expect(peers.look([(10, post.facts)], at: start + .seconds(Int64(year))).isEmpty)
    }

    @Test("subscriptions are counted by their bytes, over all feeds of an identity")
    func subscriptions() {
        var peers = limits(connections: 4)
        var one = join(&peers, "analyst", 10, "feed-1")
        var two = join(&peers, "analyst", 11, "feed-1")
        one.received += 140_000
        #expect(peers.look([(10, one.facts)], at: start).isEmpty)
        two.received += 140_000
        #expect(peers.look([(11, two.facts)], at: start).map(\.resource) == [.subscriptions])
    }

    @Test("answers that are not read count over all connections until they are taken or the connection ends")
    func unread() {
        var peers = limits()
        var one = join(&peers, "analyst", 10)
        let two = join(&peers, "analyst", 11)
        peers.took(from: 10, route: [1], at: start)
        peers.took(from: 11, route: [2], at: start)
        let first = peers.send(600, to: [1])
        let second = peers.send(600, to: [2])
        #expect(first && !second)
        #expect(!peers.isBehind("analyst"))
        let third = peers.send(400, to: [2])
        #expect(third && peers.isBehind("analyst"))
        // What libzmq did not take is not unsent.
        peers.unsend(400, to: [2])
        #expect(!peers.isBehind("analyst"))
        let again = peers.send(400, to: [2])
        #expect(again)
        one.acknowledged += 500
        _ = peers.look([(10, one.facts), (11, two.facts)], at: start)
        #expect(peers.used(by: "analyst", at: start)[.replyBytes] == 500)
        _ = peers.look([(11, nil)], at: start)
        #expect(peers.used(by: "analyst", at: start)[.replyBytes] == 100)
        // What is larger than the limit goes while nothing else is unsent.
        one.acknowledged += 100
        _ = peers.look([(10, one.facts)], at: start)
        let large = peers.send(5_000, to: [1])
        #expect(large)
    }
}
