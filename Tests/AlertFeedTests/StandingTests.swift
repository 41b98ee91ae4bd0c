import Alerts
import LogProof
import Testing
import Wire

@testable import AlertFeed

/// What stands, from headers alone.
@Suite("How an alert stands")
struct StandingTests {
    private static let early = Timestamp(milliseconds: 1_000)
    private static let end = Timestamp(milliseconds: 2_000)

    private func id(_ number: UInt8) -> [UInt8] {
        AlertID(time: Self.early, random: [0, 0, 0, 0, 0, 0, 0, 0, 0, number]).bytes
    }

    private func header(
        _ number: UInt8, _ type: UInt8 = MessageType.alert.code, _ references: [UInt8] = [],
        by post: String = "koh-kong", kind: Kind = .movement
    ) -> PostHeader {
        PostHeader(
            post: post, epoch: 1, sequence: UInt64(number), queued: Self.early,
            facts: AlertFacts(
                id: id(number), kind: kind.code, messageType: type, status: Status.test.code,
                expires: Self.end, references: references.map(id)))
    }

    private func standing(_ number: UInt8, in standings: Standings, at now: Timestamp = early) -> Standing? {
        AlertID(bytes: id(number)).flatMap { standings.standing(of: $0, at: now) }
    }

    private func state(_ number: UInt8, in standings: Standings) -> Standing.State? {
        standing(number, in: standings)?.state
    }

    @Test("its author's Update and Cancel, the operator's withdrawal and time end it")
    func ended() {
        var standings = Standings()
        for number: UInt8 in 1...4 { standings.take(header(number), isSigned: true) }
        standings.take(header(5, MessageType.update.code, [1]), isSigned: true)
        standings.take(header(6, MessageType.cancel.code, [2]), isSigned: true)
        standings.take(header(7, NoticeCode.withdrawal, [3], by: "hub"), isSigned: true)
        #expect(state(1, in: standings) == .updated)
        #expect(standing(1, in: standings)?.replacedBy?.bytes == id(5))
        #expect(state(2, in: standings) == .cancelled)
        #expect(state(3, in: standings) == .withdrawn)
        #expect(state(4, in: standings) == .active)
        #expect(standing(4, in: standings, at: Self.end)?.state == .expired)
        #expect(state(5, in: standings) == .active)
        #expect(standing(9, in: standings) == nil)
    }

    @Test("another's Cancel, one whose seal does not verify, and a notice by who is not the hub end nothing")
    func notEnded() {
        var standings = Standings()
        standings.take(header(1), isSigned: true)
        standings.take(header(2, MessageType.cancel.code, [1], by: "prey-veng"), isSigned: true)
        standings.take(header(3, MessageType.cancel.code, [1]), isSigned: false)
        standings.take(header(4, NoticeCode.withdrawal, [1], by: "hub"), isSigned: false)
        standings.take(header(5, MessageType.ack.code, [1]), isSigned: true)
        #expect(state(1, in: standings) == .active)
    }

    @Test("who cancels or updates an alert by its first id means what has updated it too")
    func versions() {
        var standings = Standings()
        standings.take(header(1), isSigned: true)
        standings.take(header(2, MessageType.update.code, [1]), isSigned: true)
        standings.take(header(3, MessageType.update.code, [1]), isSigned: true)
        #expect(state(2, in: standings) == .updated)
        #expect(standing(2, in: standings)?.replacedBy?.bytes == id(3))
        standings.take(header(4, MessageType.cancel.code, [1]), isSigned: true)
        #expect([1, 2, 3].map { state($0, in: standings) } == [.cancelled, .updated, .cancelled])
        standings.take(header(5, MessageType.update.code, [1]), isSigned: true)
        #expect(state(1, in: standings) == .cancelled)
        #expect(state(5, in: standings) == .active)
    }

    @Test("a rogue mistaken hides nothing: it names who says so, until its author takes it back")
    func disputed() {
        var standings = Standings()
        standings.take(header(1), isSigned: true)
        func sighting(_ number: UInt8, by post: String) -> PostHeader {
            header(number, MessageType.alert.code, [1], by: post, kind: .sighting)
        }
        standings.take(sighting(2, by: "pursat"), isSigned: true, isMistaken: true)
        standings.take(sighting(3, by: "kandal"), isSigned: true, isMistaken: true)
        standings.take(sighting(4, by: "kandal"), isSigned: true, isMistaken: true)
        standings.take(sighting(5, by: "prey-veng"), isSigned: false, isMistaken: true)
        standings.take(sighting(6, by: "takeo"), isSigned: true)
        #expect(standing(1, in: standings) == Standing(disputedBy: ["kandal", "pursat"]))
        standings.take(
            header(7, MessageType.cancel.code, [2], by: "pursat", kind: .sighting), isSigned: true)
        #expect(standing(1, in: standings)?.disputedBy == ["kandal"])
    }

    @Test("references that go in a circle end")
    func circle() {
        var standings = Standings()
        for number: UInt8 in 1...3 { standings.take(header(number), isSigned: true) }
        standings.take(header(1, MessageType.update.code, [2]), isSigned: true)
        standings.take(header(2, MessageType.update.code, [1]), isSigned: true)
        standings.take(header(3, MessageType.cancel.code, [1, 3]), isSigned: true)
        #expect(state(1, in: standings) == .cancelled)
        #expect(state(2, in: standings) == .cancelled)
    }

    @Test("what is read of a backlog leaves once all of it was read, in order; live nothing waits")
    func lookahead() {
        var lookahead = Lookahead()
        lookahead.put(FeedBatch(first: 1, head: 9))
        #expect(lookahead.take()?.first == 1, "there is nothing in it that could change")
        #expect(lookahead.isEmpty && lookahead.take() == nil)
        lookahead.end()
        lookahead.put(FeedBatch(first: 2, head: 9))
        lookahead.put(FeedBatch(first: 3, head: 9))
        #expect([lookahead.take()?.first, lookahead.take()?.first, lookahead.take()?.first] == [2, 3, nil])
    }
}
