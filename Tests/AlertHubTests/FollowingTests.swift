import Alerts
import AlertStore
import MemoryStore
import Testing
import Wire

@testable import AlertHub

/// A core that follows what another hub writes.
@Suite("A hub that follows")
struct FollowingTests {
    private let post = Actor("koh-kong", publish: Reference.grant("koh-kong", "prey-veng"), read: .all)
    private let reader = Actor("reader", read: .all)

    /// A hub that has written some alerts, and one that shares its log and knows nothing yet.
    private func pair(_ alerts: UInt64 = 3) throws -> (
        writer: Hub, follower: HubCore, records: FollowedRecords
    ) {
        var writer = try Hub([post, reader])
        var follower = writer.core
        follower.share()
        follower.hear(true)
        for sequence in 1...alerts {
            writer.ingest(post.alert(sequence, provinces: ["KH-9", "KH-14"]), from: post)
        }
        _ = try writer.commit()
        _ = follower.takeActions()
        return (writer, follower, try MemoryFollower(writer.log).records(after: 0, limit: 100))
    }

    private func published(_ actions: [Action]) -> [[[UInt8]]] {
        actions.compactMap { if case .publish(_, let frames) = $0 { frames } else { nil } }
    }

    private func refusals(_ actions: [Action]) -> [Reply.Refused] {
        actions.compactMap { action in
            guard case .reply(_, .refused(let refused)) = action else { return nil }
            return refused
        }
    }

    @Test("it publishes the very messages of the hub that writes, and has the same end")
    func same() throws {
        var writer = try Hub([post, reader])
        var follower = writer.core
        follower.share()
        for sequence in 1...UInt64(3) { writer.ingest(post.alert(sequence), from: post) }
        let closed = writer.core.closeBatch()
        try writer.store.commit(try #require(closed))
        writer.core.committed(at: writer.now)
        let own = published(writer.core.takeActions())
        try follower.follow(try MemoryFollower(writer.log).records(after: 0, limit: 100))
        #expect(!own.isEmpty)
        claim(published(follower.takeActions()) == own)
        #expect(follower.end == writer.core.end)
    }

    @Test(
        "what was erased before this hub came to it is not published: readers find the gap, and it in the log"
    )
    func erased() throws {
        var (_, follower, followed) = try pair()
        let erased = followed.records[1].payloadDigest
        followed.records[1].erased = erased
        followed.records[1].signed.payload = []
        try follower.follow(followed)
        let feeds = try AlertHubTests.published(follower.takeActions())
        let offsets = feeds.values.flatMap(\.offsets).joined()
        #expect(Set(offsets) == [1, 3])
        #expect(feeds.values.flatMap(\.deliveries).allSatisfy { $0.alerts.count == 1 })
        #expect(follower.end.offset == 3)
    }

    @Test("a record that does not continue the log is published nowhere, and ends the hub")
    func broken() throws {
        let changes: [(inout Record) -> Void] = [
            { $0.offset += 1 }, { $0.signed.payload.append(0x20) }, { $0.hash[0] ^= 1 },
            { $0.chains[40] ^= 1 },
            { $0.deliveries[0].sequence += 1 }, { $0.deliveries[1].topic = 9 },
            { $0.received = Timestamp(milliseconds: 1) },
        ]
        for change in changes {
            var (_, follower, followed) = try pair()
            change(&followed.records[1])
            let error = #expect(throws: StoreError.self) { try follower.follow(followed) }
            #expect(error?.cause == .damaged)
            claim(published(follower.takeActions()).isEmpty)
        }
    }

    @Test("a post is told which hub writes, and only once the store was asked after its hello")
    func elsewhere() throws {
        var (_, follower, _) = try pair()
        let hello = Request.hello(
            Request.Hello(request: 1, program: "test", epoch: HexNumber(7), last: 0, instance: HexNumber(1)))
        follower.controlled(hello.frames(), from: [1], user: post.user, at: follower.started)
        claim(refusals(follower.takeActions()).isEmpty)
        let greetings = follower.takeGreetings()
        #expect(greetings.count == 1)
        follower.observed(
            LeaseView(term: 2, holder: "hub-a", head: 3, hash: [], holderSeen: 9, isFree: false))
        for greeting in greetings { follower.meet(greeting, at: follower.started) }
        let told = refusals(follower.takeActions())
        let refused = try #require(told.first)
        #expect(refused.code == .elsewhere && refused.hub == "hub-a" && refused.request == 1)
        // Whose session is over is not named.
        follower.observed(
            LeaseView(term: 2, holder: "hub-a", head: 3, hash: [], holderSeen: 9, isFree: true))
        for greeting in greetings { follower.meet(greeting, at: follower.started) }
        let toldAgain = refusals(follower.takeActions())
        let second = try #require(toldAgain.first)
        #expect(second.code == .elsewhere && second.hub == nil)
    }

    @Test("a hub that does not hear its store refuses whatever is asked, and sends no heartbeats")
    func deaf() throws {
        var (_, follower, _) = try pair()
        follower.beat(at: follower.started)
        claim(!published(follower.takeActions()).isEmpty)
        follower.hear(false)
        follower.beat(at: follower.started)
        claim(published(follower.takeActions()).isEmpty)
        let requests: [Request] = [
            .hello(Request.Hello(request: 1, program: "test")),
            .replay(Request.Replay(request: 2, after: 0, topics: [], limit: nil)),
            .alive(Request.Alive(request: 3, depth: 0, oldest: nil)),
        ]
        for request in requests {
            follower.controlled(request.frames(), from: [2], user: reader.user, at: follower.started)
        }
        claim(refusals(follower.takeActions()).map(\.code) == [.unavailable, .unavailable, .unavailable])
    }

    @Test("status and metrics say who writes, in which term, and how far this hub is behind")
    func report() throws {
        let (writer, follower, _) = try pair()
        #expect(HubStatus(writer.core.report(at: writer.now), request: 1).cluster == nil)
        var behind = follower
        behind.observed(
            LeaseView(term: 4, holder: "hub-a", head: 3, hash: [], holderSeen: 9, isFree: false))
        let report = behind.report(at: writer.now)
        #expect(
            HubStatus(report, request: 1).cluster
                == HubStatus.Cluster(writes: false, hearsStore: true, term: 4, holder: "hub-a", head: 3))
        let lines = MetricsText.make(report, version: "1", .prometheus).split(separator: "\n")
        for line in [
            "borderwire_writer 0", "borderwire_store_heard 1", "borderwire_term 4",
            "borderwire_lease_holder{hub=\"hub-a\"} 1", "borderwire_offsets_behind 3",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
    }

    @Test("who has the lease no more tells its posts, and nothing of the batch under way")
    func lost() throws {
        var writer = try Hub([post, reader])
        writer.greet(post, epoch: 7)
        writer.core.share()
        writer.core.role = .writing
        writer.core.hear(true)
        writer.ingest(post.alert(1), from: post)
        let closed = writer.core.closeBatch()
        _ = try #require(closed)
        _ = writer.core.takeActions()
        writer.core.lostLease("a test")
        let actions = writer.core.takeActions()
        #expect(refusals(actions).map(\.code) == [.elsewhere])
        #expect(published(actions).isEmpty)
        #expect(writer.core.end.offset == 0 && writer.core.role == .following)
        writer.ingest(post.alert(1), from: post)
        #expect(writer.core.closeBatch() == nil)
    }

    @Test("a hello waits for what the store says after it, and for the log to be followed up to there")
    func barrier() {
        var barrier = Barrier()
        func greeting(_ number: UInt8) -> Greeting {
            Greeting(
                hello: Request.Hello(request: UInt64(number), program: "test"), peer: [number], user: "",
                address: "")
        }
        barrier.add([greeting(1)], after: 4)
        #expect(barrier.needsLook)
        barrier.observed(4, head: 10)
        claim(barrier.passed(through: 100).isEmpty, "that look had begun before")
        barrier.add([greeting(2)], after: 5)
        barrier.observed(5, head: 12)
        claim(barrier.passed(through: 11).isEmpty)
        claim(barrier.passed(through: 12).map(\.peer) == [[1]])
        barrier.observed(6, head: 13)
        claim(barrier.passed(through: 13).map(\.peer) == [[2]])
        #expect(barrier.isEmpty)
    }

    @Test(
        "what a reader was shown is confirmed once it is left for the writer, which counts it once however often it comes"
    )
    func shown() throws {
        var (writer, follower, followed) = try pair()
        try follower.follow(followed)
        let number = try #require(follower.end.heads.first?.number)
        let report = Request.Shown(
            request: 5, log: HexNumber(follower.end.log),
            topics: [.init(number: number, ranges: [[1, 2], [3, 9]])])
        follower.controlled(
            Request.shown(report).frames(), from: [2], user: reader.user, at: follower.started)
        func confirmed(_ actions: [Action]) -> [UInt64] {
            replies(actions).compactMap { if case .shown(let answer) = $0 { answer.request } else { nil } }
        }
        claim(confirmed(follower.takeActions()).isEmpty)
        let left = follower.handover.leave()
        let receipts = try #require(left)
        claim(follower.handover.leave() == nil)
        follower.handedOver()
        claim(confirmed(follower.takeActions()) == [5])

        let handed = receipts.enumerated().map {
            HandedReceipt(number: UInt64($0.offset) + 1, receipt: $0.element)
        }
        claim(writer.core.handover.ask() == 0)
        claim(writer.core.handover.ask() == nil, "it is being looked")
        for _ in 0..<2 { writer.core.take(handed, at: writer.now) }
        claim(writer.core.handover.remove() == nil, "it is not on disk")
        _ = try writer.commit()
        claim(writer.core.handover.remove() == 1)
        claim(writer.core.handover.remove() == nil)
        let stored = try #require(try writer.reader.receipts().first)
        #expect(
            try SequenceRanges(decoding: stored.ranges).ranges == [1...3], "what does not exist was not shown"
        )
        #expect(stored.identity == reader.name)
        #expect(try writer.reader.progress(after: 0, limit: 10).count == 3)
        writer.core.take(handed, at: writer.now)
        let further = writer.core.closeBatch()
        #expect(further == nil)
    }
}

/// As `#expect`, which takes nothing that changes a value.
private func claim(
    _ isSo: Bool, _ words: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(isSo, words, sourceLocation: sourceLocation)
}
