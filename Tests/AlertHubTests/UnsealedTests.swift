import Alerts
import AlertStore
import Identity
import MemoryStore
import Notation
import Testing
import Wire

@testable import AlertHub

@Suite("Alerts that their post has not sealed")
struct UnsealedTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))

    private func forged(_ sequence: UInt64, epoch: UInt64 = 7) -> PostedAlert {
        var alert = post.alert(sequence, epoch: epoch, number: 99)
        alert.signature[5] ^= 1
        return alert
    }

    @Test(
        "a seal that does not verify uses up no number: the post's own alert of that number is stored after it",
        arguments: 0..<3)
    func number(_ kind: Int) throws {
        var hub = try Hub([post])
        var alert = forged(1)
        switch kind {
        case 0: break
        case 1: alert.signature = Array(post.alert(1).signature.dropLast())
        default: alert = Actor("koh-kong").alert(1, number: 99)
        }
        hub.ingest(alert, from: post)
        #expect(hub.core.closeBatch() == nil, "nothing to write down")
        #expect(hub.core.drops.counts == ["signature": 1])
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        #expect(try hub.records().map(\.signed.payload) == [post.alert(1).payload])
        #expect(try MemoryReader(hub.log).refusals(limit: 5).isEmpty)
    }

    @Test("garbage begins no epoch, however much of it comes, and the epoch that was goes on")
    func epochs() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1, epoch: 7), from: post)
        _ = try hub.commit()
        for epoch in UInt64(100)..<130 { hub.ingest(forged(1, epoch: epoch), from: post) }
        #expect(hub.core.closeBatch() == nil)
        #expect(hub.core.end.positions["koh-kong"]?.epoch == 7)
        hub.ingest(post.alert(2, epoch: 7), from: post)
        _ = try hub.commit()
        #expect(try hub.records().map(\.sequence) == [1, 2])
    }

    @Test("garbage under a used number is no conflict, and behind a hole it asks for nothing again")
    func words() throws {
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        hub.ingest(forged(1), from: post)
        hub.ingest(forged(9), from: post)
        let actions = hub.answers()
        #expect(replies(actions).isEmpty, "\(actions)")
        #expect(!actions.contains { if case .read = $0 { true } else { false } })
    }

    @Test(
        "the post is told which bytes they were, once a second for a number, and of each number in its turn")
    func told() throws {
        var hub = try Hub([post])
        hub.ingest(forged(1), from: post)
        hub.ingest(forged(1), from: post)
        let words = replies(hub.answers())
        guard case .refused(let refused)? = words.first, words.count == 1 else {
            Issue.record("\(words)")
            return
        }
        #expect(refused.code == .signature && refused.request == nil)
        #expect(refused.epoch == HexNumber(7) && refused.sequence == 1)
        let alert = forged(1)
        #expect(refused.alert == blake2b(alert.header, alert.payload, alert.signature).hex)
        hub.now.milliseconds += Links.unsealedAgain
        hub.ingest(forged(1), from: post)
        #expect(replies(hub.answers()).count == 1)
        hub.ingest(post.alert(1), from: post)
        hub.ingest(forged(2), from: post)
        #expect(replies(hub.answers()).count == 1)
    }

    @Test("a post gives an alert up by a sealed message without a payload, and the queue goes on behind it")
    func givenUp() throws {
        var hub = try Hub([post])
        hub.ingest(forged(1), from: post)
        let topic = Reference.topic("KH-9", .suspect)
        hub.ingest(post.sign([], 1, epoch: 7, topic: topic), from: post)
        hub.ingest(post.alert(2), from: post)
        guard case .acknowledged(let answer)? = replies(try hub.commit()).last else {
            Issue.record("no answer")
            return
        }
        #expect(answer.through == 2)
        #expect(answer.refused.map(\.code) == [.signature])
        #expect(answer.stored == [[2, 1, 1]])
    }
}

@Suite("Alerts of who was not welcomed")
struct SessionTests {
    let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))

    private func hello(_ instance: UInt64, epoch: UInt64) -> Request {
        .hello(
            Request.Hello(
                request: 1, program: "test", epoch: HexNumber(epoch), last: 9, instance: HexNumber(instance)))
    }

    @Test(
        "before a hello nothing is taken, after a start of the hub either; then what was sent is sent again")
    func beforeHello() throws {
        var hub = try Hub([post])
        hub.send(post.alert(1), from: post)
        #expect(hub.core.closeBatch() == nil)
        #expect(hub.core.drops.counts == ["session": 1])
        hub.ingest(post.alert(1), from: post)
        _ = try hub.commit()
        var again = try Hub([post], log: hub.log)
        again.send(post.alert(2), from: post)
        #expect(again.core.closeBatch() == nil)
        again.ingest(post.alert(2), from: post)
        _ = try again.commit()
        #expect(try again.records().map(\.sequence) == [1, 2])
    }

    @Test("a process that was refused under a name begins no epoch there, and the one that has it goes on")
    func second() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(1, epoch: 7), as: post, from: [1])
        hub.send(post.alert(1, epoch: 7), from: post)
        let looked = hub.ask(hello(2, epoch: 8), as: post, from: [2])
        for case .look(_, _, let pending) in looked {
            hub.core.contended(pending, isSessionThere: true, at: hub.now)
        }
        hub.send(post.alert(1, epoch: 8, number: 11), from: post)
        hub.send(post.alert(2, epoch: 7), from: post)
        _ = try hub.commit()
        #expect(try hub.records().map(\.epoch) == [7, 7])
        #expect(hub.core.drops.counts["session"] == 1)
    }

    @Test("a process that lost its name to another is told so, and nothing more of its epoch is taken")
    func takenOver() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(1, epoch: 7), as: post, from: [1])
        hub.send(post.alert(1, epoch: 7), from: post)
        _ = try hub.commit()
        hub.now.milliseconds += Links.lease
        let actions = hub.ask(hello(2, epoch: 8), as: post, from: [2])
        var told: [[UInt8]: ReasonCode] = [:]
        for case .reply(let peer, .refused(let refused)) in actions { told[peer] = refused.code }
        #expect(told == [[1]: .inUse])
        hub.send(post.alert(2, epoch: 7), from: post)
        #expect(hub.core.closeBatch() == nil)
        #expect(hub.core.drops.counts["session"] == 1)
    }

    @Test("a process that comes back over a new connection is not told that it lost its name")
    func reconnected() throws {
        var hub = try Hub([post])
        _ = hub.ask(hello(1, epoch: 7), as: post, from: [1])
        let actions = hub.ask(hello(1, epoch: 7), as: post, from: [2])
        #expect(replies(actions).count == 1)
    }
}
