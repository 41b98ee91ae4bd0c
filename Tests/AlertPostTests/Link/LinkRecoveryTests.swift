import Alerts
import Identity
import LogProof
import Testing
import Wire

@testable import AlertPost

@Suite("A post's link when something is lost")
struct LinkRecoveryTests {
    @Test("without an answer to what is in flight the hub is greeted, and what it lacks is sent again")
    func patience() throws {
        var post = LinkFixture(waiting: 1...5)
        _ = post.rise()
        _ = post.send(1...5)
        _ = post.link.tick(post.now)
        #expect(post.link.nextTick == post.now + PostLink.patience)
        post.now += PostLink.patience
        let hello = try #require(LinkFixture.hello(post.link.tick(post.now)))
        let asked = try #require(
            LinkFixture.outcomes(post.reply(post.welcome(hello.request, through: 2))))
        #expect((asked.from, asked.through) == (1, 2))
        #expect(
            LinkFixture.fetch(post.link.resolved(LinkFixture.summary(waiting: 3...5), post.now))?.after == 2)
        #expect(post.send(3...5) == [3, 4, 5])
    }

    @Test("a lost welcome is asked for again")
    func lostWelcome() throws {
        var post = LinkFixture()
        let first = try #require(LinkFixture.hello(post.link.controlUp(post.now)))
        #expect(post.link.nextTick == post.now + PostLink.patience)
        post.now += PostLink.patience
        let second = try #require(LinkFixture.hello(post.link.tick(post.now)))
        #expect(second.request > first.request)
    }

    @Test("a lost acknowledgement is asked for when a later one shows it")
    func lostAcknowledgement() throws {
        var post = LinkFixture(waiting: 1...10)
        _ = post.rise()
        _ = post.send(1...10)
        _ = post.acknowledge(through: 10, stored: [[6, 6, 5]])
        let asked = try #require(
            LinkFixture.outcomes(post.link.resolved(LinkFixture.summary(waiting: 1...5, last: 10), post.now)))
        #expect((asked.from, asked.through) == (1, 10))
    }

    @Test("an outcome that the hub does not give is asked for once per sign, not in a circle")
    func unknownOutcome() {
        var post = LinkFixture(waiting: 1...10)
        _ = post.rise(through: 0)
        _ = post.send(1...10)
        _ = post.acknowledge(through: 10, stored: [[2, 2, 9]])
        let left = LinkFixture.summary(waiting: 1...1, last: 10)
        #expect(LinkFixture.outcomes(post.link.resolved(left, post.now)) != nil)
        #expect(LinkFixture.outcomes(post.link.resolved(left, post.now)) == nil)
        _ = post.link.tick(post.now)
        post.now = post.link.nextTick
        #expect(LinkFixture.outcomes(post.link.tick(post.now)) != nil)
        #expect(LinkFixture.outcomes(post.link.tick(post.now)) == nil)
    }

    @Test("an answer that could not be written down is asked for again at the next sign")
    func unwrittenAnswer() {
        var post = LinkFixture(waiting: 1...3)
        _ = post.rise()
        _ = post.send(1...3)
        // The outbox could not take it: the link hears nothing of a resolve.
        _ = post.acknowledge(through: 3, stored: [[1, 1, 3]])
        _ = post.link.tick(post.now)
        post.now += PostLink.sign
        #expect(LinkFixture.outcomes(post.link.tick(post.now))?.from == 1)
    }

    @Test("after a welcome, alerts that the hub has consumed are asked about, at most a thousand at once")
    func settles() throws {
        var post = LinkFixture(waiting: 1...5_000)
        let asked = try #require(LinkFixture.outcomes(post.rise(through: 4_000)))
        #expect((asked.from, asked.through) == (1, WireLimits.outcomes))
        let next = try #require(
            LinkFixture.outcomes(post.link.resolved(LinkFixture.summary(waiting: 1_001...5_000), post.now)))
        #expect((next.from, next.through) == (1_001, 2_000))
    }

    @Test("nothing is sent behind alerts that the hub may have others for, until it has said which it has")
    func settlesFirst() throws {
        var post = LinkFixture(waiting: 3...8)
        let welcomed = post.rise(through: 5)
        #expect(LinkFixture.outcomes(welcomed) != nil)
        #expect(LinkFixture.fetch(welcomed) == nil)
        // More is queued, another answer comes: still not.
        #expect(
            LinkFixture.fetch(post.link.outboxChanged(LinkFixture.summary(waiting: 3...9), post.now)) == nil)
        #expect(LinkFixture.fetch(post.link.resolved(LinkFixture.summary(waiting: 4...9), post.now)) == nil)
        #expect(LinkFixture.fetch(post.link.tick(post.now)) == nil)
        #expect(
            LinkFixture.fetch(post.link.resolved(LinkFixture.summary(waiting: 6...9), post.now))?.after == 5)
    }

    @Test("alerts that the hub has others for hold back all that follow them, for the operator's new epoch")
    func conflictBeforeSending() {
        var post = LinkFixture(waiting: 3...8)
        #expect(LinkFixture.fetch(post.rise(through: 5)) == nil)
        let actions = post.link.resolved(LinkFixture.summary(waiting: 3...8), conflict: 3...5, post.now)
        #expect(post.news().count == 1 && LinkFixture.fetch(actions) == nil)
        #expect(post.link.word != "up")
    }

    @Test("a hub that does not say what it has holds a post back for three seconds, and no longer")
    func settlesAtMost() {
        var post = LinkFixture(waiting: 3...8)
        _ = post.rise(through: 5)
        _ = post.link.tick(post.now)
        #expect(post.link.nextTick == post.now + PostLink.patience)
        post.now += PostLink.patience
        #expect(LinkFixture.fetch(post.link.tick(post.now))?.after == 5)
    }

    @Test("an outbox that begins anew is greeted for, and sends from its first sequence")
    func newEpoch() throws {
        var post = LinkFixture(waiting: 1...5)
        _ = post.rise()
        _ = post.send(1...5)
        let renewed = LinkFixture.summary(waiting: 1...2, epoch: 10)
        let hello = try #require(LinkFixture.hello(post.link.outboxChanged(renewed, post.now)))
        #expect(hello.epoch == HexNumber(10))
        #expect(LinkFixture.fetch(post.reply(post.welcome(hello.request, through: 0)))?.after == 0)
        #expect(post.acknowledge(through: 5, stored: [[1, 1, 5]]).isEmpty, "of the old epoch")
        #expect(post.link.consumed == 0)
    }

    @Test("a refused post says so once, waits, greets again, and goes on once it is let in")
    func refusedAndBack() throws {
        var post = LinkFixture(waiting: 1...5)
        _ = post.link.controlUp(post.now)
        let refusal = Reply.refused(
            Reply.Refused(request: 1, code: .outboxBehind, reason: "restored from an older copy"))
        _ = post.reply(refusal)
        #expect(post.news().count == 1)
        _ = post.reply(refusal)
        #expect(post.news().isEmpty)
        #expect(post.link.nextTick == post.now + PostLink.refusedPause)
        post.now = post.link.nextTick
        let hello = try #require(LinkFixture.hello(post.link.tick(post.now)))
        _ = post.reply(post.welcome(hello.request, through: 5))
        #expect(post.link.word == "welcomed")
    }

    @Test(
        "an unknown key is told of once, however often it is tried again, and stays the state until a try succeeds"
    )
    func keyRefused() {
        var post = LinkFixture(waiting: 1...5)
        post.link.keyRefused(post.now)
        #expect(post.news().count == 1)
        for _ in 0..<5 {
            #expect(post.link.controlDown().isEmpty)
            post.link.keyRefused(post.now)
            #expect(post.news().isEmpty)
            post.now += .seconds(60)
            #expect(post.link.tick(post.now).isEmpty)
            guard case .refused(.key, _, _) = post.link.state else {
                Issue.record("\(post.link.state)")
                return
            }
        }
        #expect(LinkFixture.hello(post.link.controlUp(post.now)) != nil)
    }

    private func reopened(_ missing: [ClosedRange<UInt64>] = []) -> Outbox.Reopened {
        Outbox.Reopened(count: 6, missing: missing)
    }

    @Test(
        "a hub that was restored from an older copy gets again what the outbox keeps, and the operator is told"
    )
    func hubBehind() {
        var post = LinkFixture(waiting: 6...8)
        #expect(post.rise(through: 2) == [.reopen(after: 2)])
        let actions = post.link.reopened(
            reopened(), LinkFixture.summary(waiting: 3...8), clock: Timestamp(milliseconds: 0), post.now)
        #expect(LinkFixture.fetch(actions)?.after == 2)
        #expect(
            actions.contains {
                if case .warn(_, let words) = $0 { words.contains("6 stored") } else { false }
            })
        #expect(post.send(3...8) == [3, 4, 5, 6, 7, 8])
    }

    @Test("what the outbox no longer keeps is named, and nothing is sent before the operator's word")
    func hubBehindLost() {
        var post = LinkFixture(waiting: 6...8)
        _ = post.rise(through: 2)
        _ = post.link.reopened(
            reopened([3...4]), LinkFixture.summary(waiting: 5...8), clock: Timestamp(milliseconds: 0),
            post.now)
        guard case .refused(.hubBehind, let reason, _) = post.link.state else {
            Issue.record("\(post.link.state)")
            return
        }
        #expect(reason.contains("sequences 3 to 4: they are lost"))
        #expect(reason.contains("borderwire-post new-epoch"))
        // The word: the link begins anew with the new epoch.
        let hello = LinkFixture.hello(
            post.link.outboxChanged(LinkFixture.summary(waiting: 1...4, epoch: 10), post.now))
        #expect(hello?.epoch?.value == 10)
        #expect(LinkFixture.fetch(post.reply(post.welcome(hello?.request ?? 0, through: 0)))?.after == 0)
    }

    @Test("a new epoch that comes while alerts are reopened begins the link anew")
    func hubBehindOvertaken() {
        var post = LinkFixture(waiting: 6...8)
        _ = post.rise(through: 2)
        let actions = post.link.reopened(
            reopened(), LinkFixture.summary(waiting: 1...3, epoch: 10), clock: Timestamp(milliseconds: 0),
            post.now)
        #expect(LinkFixture.hello(actions)?.epoch?.value == 10)
    }

    @Test("a hub that lost alerts under the name of the log that had them is refused")
    func hubBehindUnsaid() {
        let key = SigningKey()
        let kept = Checkpoint(
            log: 1, offset: 0, time: Timestamp(milliseconds: 0), hash: Array(repeating: 0, count: 32),
            root: Array(repeating: 0, count: 32)
        ).signed(by: key)
        var post = LinkFixture(waiting: 6...8)
        post.link = PostLink(post.summary, CheckpointVerifier(hub: key.verifyingKey, kept: [kept]))
        let question = post.rise(through: 2)
        guard case .ask(.checkpoint(let asked)) = question.first else {
            Issue.record("\(question)")
            return
        }
        _ = post.reply(.checkpoint(Reply.Checkpoint(request: asked.request, checkpoint: kept)))
        guard case .refused(.hubBehind, _, _) = post.link.state else {
            Issue.record("\(post.link.state)")
            return
        }
    }

    @Test("what a hub acknowledges while it is doubted is asked about later, and the hub has not lost it")
    func acknowledgedWhileDoubted() throws {
        let key = SigningKey()
        func checkpoint(_ offset: UInt64) -> SignedCheckpoint {
            Checkpoint(
                log: 1, offset: offset, time: Timestamp(milliseconds: 0),
                hash: Array(repeating: 0, count: 32),
                root: Array(repeating: 0, count: 32)
            ).signed(by: key)
        }
        var post = LinkFixture(waiting: 4...8)
        post.link = PostLink(post.summary, CheckpointVerifier(hub: key.verifyingKey, kept: [checkpoint(0)]))
        guard case .ask(.checkpoint(let asked)) = post.rise(through: 3).first else {
            Issue.record("the hub is not doubted")
            return
        }
        #expect(post.acknowledge(through: 5, stored: [[4, 4, 2]]).isEmpty)
        let actions = post.reply(
            .checkpoint(Reply.Checkpoint(request: asked.request, checkpoint: checkpoint(0))))
        #expect(LinkFixture.fetch(actions)?.after == 3)
        #expect(post.link.word == "up")
    }

    @Test(
        "an outbox that says so and then has not what the hub expects next sends no later alert in its place")
    func hole() {
        var post = LinkFixture(waiting: 3...8)
        _ = post.rise(through: 2)
        let actions = post.link.fetched(
            LinkFixture.entries(6...8), asked: WireLimits.window, post.now)
        #expect(LinkFixture.sent(actions).isEmpty)
        guard case .refused(.hubBehind, _, _) = post.link.state else {
            Issue.record("\(post.link.state)")
            return
        }
    }

    @Test("a clock that is far off is said loudly, once, and which way")
    func skew() throws {
        var post = LinkFixture(waiting: 1...5)
        let hour: Int64 = 3_600_000
        func greet(_ clock: Int64) throws -> [String] {
            let hello = try #require(LinkFixture.hello(post.link.controlUp(post.now)))
            _ = post.link.replied(
                post.welcome(hello.request, through: 0), clock: Timestamp(milliseconds: clock), post.now)
            return post.news().filter { $0.event == .clockSkewed }.map(\.words)
        }
        // The hub's welcome is of 3 s after the beginning of time.
        #expect(try greet(3_000 + PostStatus.mostSkew).isEmpty)
        #expect(try greet(3_000 + hour).first?.contains("3600 s ahead of the hub's") == true)
        #expect(try greet(3_000 + hour).isEmpty, "once")
        #expect(try greet(3_000).isEmpty)
        #expect(try greet(3_000 - hour).first?.contains("3600 s behind the hub's") == true)
    }

    @Test("a refused request leaves the link up")
    func busy() {
        var post = LinkFixture(waiting: 1...5)
        _ = post.rise()
        let busy = Reply.refused(Reply.Refused(request: 4, code: .busy, reason: "wait"))
        #expect(post.reply(busy).count == 1)
        #expect(post.link.word == "up")
    }

    @Test("with the link down nothing is due, and nothing is sent when alerts are queued")
    func down() {
        var post = LinkFixture()
        _ = post.rise()
        _ = post.link.controlDown()
        #expect(post.link.outboxChanged(LinkFixture.summary(waiting: 1...5), post.now).isEmpty)
        #expect(post.link.tick(post.now).isEmpty)
        #expect(post.link.nextTick > post.now + .seconds(1_000_000))
    }
}
