import Alerts
import Foundation
import Testing
import Wire

@testable import AlertHub

@Suite("What the hub knows of time")
struct HubTimeTests {
    private static let day: Int64 = 86_400_000
    /// In 2026, and the steady clock of a machine that has been up for an hour.
    private static let start: Int64 = 1_795_476_600_000
    private static let up = Duration.seconds(3_600)

    private func moment(_ days: Double, seconds: Int64 = 0) -> Timestamp {
        Timestamp(milliseconds: HubTimeTests.start + Int64(days * 86_400_000) + seconds * 1_000)
    }

    /// A hub whose clock shows so many days after the time when it last ran.
    private func hub(_ days: Double, confirmed: Bool = true, received: Timestamp? = nil) -> HubTime {
        HubTime(
            wall: moment(days), steady: HubTimeTests.up, lastRun: (moment(0), confirmed), received: received)
    }

    /// Posts whose clocks show so many days after the time when the hub last ran.
    private func hear(_ days: [Double], _ time: inout HubTime, after seconds: Int64 = 10) {
        let now = time.now(steady: HubTimeTests.up + .seconds(seconds))
        for (index, days) in days.enumerated() {
            time.heard(
                "post-\(index)", clock: moment(days, seconds: seconds).milliseconds, at: now)
        }
    }

    private func read(_ days: Double, _ time: inout HubTime, after seconds: Int64 = 10) {
        time.read(wall: moment(days, seconds: seconds), steady: HubTimeTests.up + .seconds(seconds))
    }

    @Test("a clock two months ahead of the last run erases nothing, and stamps with the time since then")
    func ahead() {
        for confirmed in [true, false] {
            var time = hub(62, confirmed: confirmed)
            read(62, &time)
            #expect(time.doubt == .ahead(by: 62 * HubTimeTests.day, of: .lastRun))
            #expect(time.erasing == nil)
            #expect(time.time == moment(0, seconds: 10))
            #expect(time.certain == moment(0, seconds: 10))
            // It stays so from one start to the next.
            let again = HubTime(
                wall: moment(62), steady: .zero, lastRun: time.known, received: moment(0, seconds: 10))
            #expect(again.erasing == nil)
        }
    }

    @Test("the log's last time counts where nothing else is known, and an empty log has nothing to lose")
    func log() {
        let known = HubTime(wall: moment(62), steady: .zero, received: moment(0))
        #expect(known.doubt == .ahead(by: 62 * HubTimeTests.day, of: .log))
        let new = HubTime(wall: moment(62), steady: .zero)
        #expect(new.doubt == nil)
        #expect(new.time == moment(62))
    }

    @Test("a hub that was off for two months goes on when three posts' clocks agree with its own")
    func off() {
        var time = hub(62)
        hear([62, 62], &time)
        read(62, &time)
        #expect(time.erasing == nil, "two don't count")
        hear([62, 62, 62], &time)
        read(62, &time)
        #expect(time.doubt == nil)
        #expect(time.time == moment(62, seconds: 10))
        #expect(time.erasing == moment(61, seconds: 10))
        // And stays so when the posts are gone.
        read(62.1, &time, after: 500)
        #expect(time.doubt == nil)
        #expect(time.known.isConfirmed)
    }

    @Test("one post can neither force nor block anything, wherever it is")
    func onePost() {
        for lie in [-20_000, -62, 62, 26_000.0] {
            // The hub's clock is right, and two posts' too.
            var honest = hub(0.1)
            hear([lie, 0, 0], &honest)
            read(0.1, &honest)
            #expect(honest.doubt == nil)
            // The hub's clock is wrong.
            var wrong = hub(62)
            hear([lie, 0, 0], &wrong)
            read(62, &wrong)
            #expect(wrong.erasing == nil)
            #expect(wrong.time.milliseconds <= moment(1).milliseconds)
            // A post alone.
            var alone = hub(62)
            hear([lie], &alone)
            read(62, &alone)
            #expect(alone.erasing == nil)
            #expect(alone.known.time <= moment(1))
        }
    }

    @Test("no number of posts moves a clock that agrees with what the hub remembers; they only stop erasing")
    func manyPosts() {
        var time = hub(0.1)
        hear([26_000, 26_000, 26_000, 0], &time)
        read(0.1, &time)
        #expect(time.time == moment(0.1, seconds: 10))
        #expect(time.erasing == moment(-1, seconds: 10))
        hear([-300, -300, -300, -300], &time)
        read(0.1, &time)
        #expect(time.time == moment(0.1, seconds: 10))
        #expect(time.erasing == nil)
        #expect(time.doubt == .ahead(by: Int64(300.1 * 86_400_000), of: .posts))
    }

    @Test("one post that agrees with the clock is enough for a stamp, and for nothing else")
    func stamp() {
        var time = hub(62)
        hear([62], &time)
        read(62, &time)
        #expect(time.time == moment(62, seconds: 10))
        #expect(time.erasing == nil)
        #expect(time.certain == moment(0, seconds: 10))
        #expect(time.known.time == moment(0, seconds: 10))
    }

    @Test("a new hub with a wrong clock follows its posts")
    func new() {
        for days in [-300.0, 62, 26_000] {
            var time = HubTime(wall: moment(days), steady: HubTimeTests.up)
            read(days, &time)
            hear([0, 0, 0], &time)
            read(days, &time)
            #expect(time.time == moment(0, seconds: 10), "\(days)")
            #expect(time.doubt != nil)
            #expect(time.erasing.map { $0 < moment(0) } ?? true)
        }
    }

    @Test("a clock without a battery is not believed, though nothing else is known")
    func battery() {
        var time = HubTime(wall: Timestamp(milliseconds: 946_684_800_000), steady: HubTimeTests.up)
        guard case .behind(_, .program) = time.doubt else {
            Issue.record("\(String(describing: time.doubt))")
            return
        }
        #expect(time.time >= Timestamp(milliseconds: HubTime.earliest))
        #expect(time.latestSent == nil, "no alert is refused for its time")
        hear([0, 0, 0], &time)
        #expect(time.latestSent.map { $0 > moment(0) } == true)
    }

    @Test("a clock that is set while the hub runs is not followed, however often")
    func jumps() {
        var time = hub(0)
        for (step, days) in [62, -62, 26_000, -20_000, 1.5].enumerated() {
            read(days, &time, after: Int64(step) * 60)
            #expect(time.time == moment(0, seconds: Int64(step) * 60), "\(days)")
            #expect(time.erasing.map { $0 < moment(-0.9) } ?? true)
        }
        // Steps that are borne don't add up.
        for step in 0..<100 { read(Double(step) * 0.9, &time, after: 600 + Int64(step)) }
        #expect(time.time < moment(1.1))
        read(0, &time, after: 900)
        #expect(time.doubt == nil)
    }

    @Test("a clock that is further ahead with each start is not followed for more than a day in all")
    func creeping() {
        var time = hub(0)
        for start in 1...100 {
            let ahead = 0.8 * Double(start)
            time = HubTime(
                wall: moment(ahead), steady: HubTimeTests.up, lastRun: time.known, received: time.time)
            read(ahead, &time, after: 1)
            #expect(time.time <= moment(1.1), "start \(start)")
            #expect(time.erasing.map { $0 <= moment(0.1) } ?? true)
        }
        #expect(time.erasing == nil)
    }

    @Test("a synchronised clock makes up for the time that the hub was off, for less than a day at once")
    func synchronised() {
        var time = hub(0)
        for start in 1...10 {
            time = HubTime(
                wall: moment(0.8 * Double(start)), steady: HubTimeTests.up, lastRun: time.known,
                isSynchronised: true)
            #expect(time.doubt == nil, "start \(start)")
        }
        let long = HubTime(
            wall: moment(62), steady: HubTimeTests.up, lastRun: time.known, isSynchronised: true)
        #expect(long.erasing == nil)
    }

    @Test("a clock that was set back erases nothing wrongly, and by a clock that is right again all goes on")
    func back() {
        var time = hub(-400)
        #expect(time.doubt == .behind(by: 400 * HubTimeTests.day, of: .lastRun))
        #expect(time.erasing == moment(-401))
        read(0.01, &time)
        #expect(time.doubt == nil)
        #expect(time.erasing == moment(-0.99, seconds: 10))
    }

    @Test("the operator's word is for this clock: what jumps afterwards is not believed again")
    func word() {
        var time = hub(62)
        hear([0, 0, 0], &time)
        read(62, &time)
        time.accept()
        #expect(time.doubt == nil)
        #expect(time.erasing == moment(61, seconds: 10))
        read(26_000, &time, after: 20)
        #expect(time.erasing == nil)
        #expect(time.time == moment(62, seconds: 20))
    }

    @Test("a log that was stamped ahead of the clock is told, and what comes later is not erased by it")
    func logAhead() {
        let received = moment(26_000)
        var time = hub(0.1, received: received)
        read(0.1, &time)
        #expect(time.doubt == nil)
        #expect(time.ahead(of: received).map { $0 / HubTimeTests.day } == 25_999)
        #expect(time.ahead(of: moment(0)) == nil)
        var keeping = Timekeeping()
        #expect(keeping.look(time, received: received).map(\.event) == [.logAhead])
        #expect(keeping.look(time, received: received).isEmpty)
        // From a hub that kept no time of its own: the clock that is right is told to be behind.
        let old = HubTime(wall: moment(0), steady: .zero, received: received)
        #expect(old.doubt == .behind(by: 26_000 * HubTimeTests.day, of: .log))
        #expect(old.erasing == moment(-1))
    }

    @Test("each state of the clock is told once at its begin and once at its end")
    func told() {
        var keeping = Timekeeping()
        var time = hub(0)
        #expect(keeping.look(time, received: moment(0)).isEmpty)
        read(62, &time, after: 10)
        let notices = keeping.look(time, received: moment(0))
        #expect(notices.map(\.event) == [.clockDoubted])
        #expect(notices.first?.message.contains("62 days ahead of its own time at the start") == true)
        #expect(notices.first?.message.contains("borderwire-hub clock accept") == true)
        #expect(keeping.look(time, received: moment(0)).isEmpty)
        read(0, &time, after: 20)
        #expect(keeping.look(time, received: moment(0)).map(\.event) == [.clockTrusted])
    }

    @Test("what a post says of its clock is a number, whatever it is")
    func numbers() {
        var time = hub(0)
        for clock in [Int64.min, -1, 0, .max, HubTime.latest, HubTime.latest + 1] {
            time.heard("post", clock: clock, at: time.now(steady: HubTimeTests.up))
        }
        read(0, &time)
        #expect(time.doubt == nil)
    }
}
