import Testing
import Wire

@testable import AlertPost

@Suite("Link: alerts whose seal the hub does not take")
struct LinkSealTests {
    private func refused(_ sequence: UInt64, digest: String = "aa") -> Reply {
        var refused = Reply.Refused(request: nil, code: .signature, reason: "it does not verify")
        refused.epoch = HexNumber(LinkFixture.epoch)
        refused.sequence = sequence
        refused.alert = digest
        return .refused(refused)
    }

    private func sending() -> LinkFixture {
        var fixture = LinkFixture(waiting: 1...3)
        _ = fixture.rise()
        _ = fixture.send(1...3)
        return fixture
    }

    @Test("one of its own is given up under its number, and the ones behind it are sent again as they are")
    func own() {
        var fixture = sending()
        #expect(
            fixture.reply(refused(2)) == [.compare(sequence: 2, digest: "aa", isGivenUp: false)])
        let fetch = LinkFixture.fetch(fixture.link.compared(2, isOurs: true, fixture.now))
        #expect(fetch?.after == 1)
        let entries = LinkFixture.entries(2...3)
        #expect(
            fixture.link.fetched(entries, asked: 256, fixture.now) == [
                .giveUp(entries[0]), .send(entries[1]),
            ]
        )
    }

    @Test("another program's under this name: nothing is given up, the operator is told, not with each")
    func foreign() {
        var fixture = sending()
        #expect(fixture.warnings(fixture.link.compared(2, isOurs: false, fixture.now), .foreignAlert) == 1)
        #expect(fixture.warnings(fixture.link.compared(2, isOurs: false, fixture.now), .foreignAlert) == 0)
        #expect(
            fixture.link.word == "up" && fixture.link.window.givenUp.isEmpty && fixture.link.window.sent == 3)
        fixture.now += LinkAccount.foreignAgain
        #expect(fixture.warnings(fixture.link.compared(2, isOurs: false, fixture.now), .foreignAlert) == 1)
    }

    @Test("where what gives it up is not taken either, the key is wrong: nothing is lost, a person is asked")
    func wrongKey() {
        var fixture = sending()
        _ = fixture.link.compared(1, isOurs: true, fixture.now)
        _ = fixture.send(1...3)
        #expect(fixture.reply(refused(1)) == [.compare(sequence: 1, digest: "aa", isGivenUp: true)])
        _ = fixture.link.compared(1, isOurs: true, fixture.now)
        guard case .refused(.hub(.signature), let reason, _) = fixture.link.state else {
            Issue.record("\(fixture.link.state)")
            return
        }
        #expect(reason.contains("signing key"))
        // Once the right key is enrolled all of them are as good as ever.
        fixture.now += PostLink.refusedPause
        let hello = LinkFixture.hello(fixture.link.tick(fixture.now))
        _ = fixture.reply(fixture.welcome(hello?.request ?? 0, through: 0))
        #expect(fixture.send(1...3) == [1, 2, 3])
    }

    @Test("a word of another epoch, or of what is answered or not sent, leads to nothing")
    func stale() {
        var fixture = sending()
        _ = fixture.acknowledge(through: 1, stored: [[1, 1, 1]])
        #expect(fixture.reply(refused(1)) == [])
        #expect(fixture.reply(refused(4)) == [])
        var other = Reply.Refused(request: nil, code: .signature, reason: "")
        (other.epoch, other.sequence, other.alert) = (HexNumber(1), 2, "aa")
        #expect(fixture.reply(.refused(other)) == [])
    }

    @Test(
        "a hub that has the post wait for a reason: its operator is told once, its officers as long as it lasts"
    )
    func held() {
        var fixture = sending()
        var resume = Reply.Resume(epoch: HexNumber(LinkFixture.epoch), from: 2, wait: 90_000)
        resume.reason = "too much"
        _ = fixture.reply(.resume(resume))
        #expect(fixture.news().map(\.event) == [.heldBack])
        _ = fixture.reply(.resume(resume))
        #expect(fixture.news().isEmpty)
        #expect(fixture.link.held == "too much")
        _ = fixture.acknowledge(through: 2, stored: [[1, 1, 2]])
        #expect(fixture.link.held == nil)
    }
}
