import AlertStore
import Testing

@testable import AlertHub

/// When a hub takes the lease, and when it has heard too little to answer anybody.
@Suite("The lease")
struct LeaseTests {
    /// A lease driven by a clock: each look is answered at once.
    private struct Driven {
        var lease = Lease("hub-b")
        var now = Duration.seconds(100)
        var view = LeaseView(
            term: 7, holder: "hub-a", head: 0, hash: [], holderSeen: 1, isFree: false)
        var isAway = false

        /// - holderCounts: whether the holder is alive.
        /// - Returns: what is asked within a time, without the looks.
        mutating func run(for time: Duration, holderCounts: Bool = true, every step: Int = 10) -> [Lease
            .Order]
        {
            let end = now + time
            var orders: [Lease.Order] = []
            while now < end {
                now += .milliseconds(step)
                if holderCounts { view.holderSeen += 1 }
                for order in lease.tick(canTake: true, now) {
                    guard order == .observe else {
                        orders.append(order)
                        continue
                    }
                    if isAway { lease.failed(now) } else { _ = lease.observed(view, now) }
                }
            }
            return orders
        }
    }

    @Test("as long as the holder counts, nobody takes it over")
    func counting() {
        var driven = Driven()
        claim(driven.run(for: .seconds(60)).isEmpty)
    }

    @Test(
        "it is taken when the holder's session is over, when it has resigned, and by who had it before, within one look"
    )
    func free() {
        for change in [
            { $0.isFree = true }, { $0.holder = "" }, { $0.holder = "hub-b" },
        ] as [(inout LeaseView) -> Void] {
            var driven = Driven()
            claim(driven.run(for: .seconds(5)).isEmpty)
            change(&driven.view)
            claim(driven.run(for: .milliseconds(230)) == [.take(after: 7)])
        }
    }

    @Test("it is taken once the holder has stood still for three seconds, and not before")
    func standstill() {
        var driven = Driven()
        _ = driven.run(for: .seconds(5))
        claim(driven.run(for: .milliseconds(2_990), holderCounts: false).isEmpty)
        claim(driven.run(for: .milliseconds(450), holderCounts: false) == [.take(after: 7)])
    }

    @Test("a time in which the store itself did not answer says nothing of the holder")
    func storeStandsStill() {
        var driven = Driven()
        _ = driven.run(for: .seconds(5))
        claim(driven.run(for: .seconds(2), holderCounts: false).isEmpty)
        driven.isAway = true
        claim(driven.run(for: .seconds(20), holderCounts: false).isEmpty)
        driven.isAway = false
        claim(driven.run(for: .milliseconds(2_500), holderCounts: false).isEmpty)
        // Nor looks that are far apart.
        claim(driven.run(for: .seconds(30), holderCounts: false, every: 700).isEmpty)
    }

    @Test("after the store was away who had the lease before takes it at once, another half a second later")
    func courtesy() {
        for (holder, isAtOnce) in [("hub-b", true), ("hub-a", false), ("", false)] {
            var driven = Driven()
            driven.view.holder = holder == "hub-b" ? "hub-a" : holder
            if holder.isEmpty { driven.view.holder = "hub-a" }
            _ = driven.run(for: .seconds(5))
            driven.isAway = true
            _ = driven.run(for: .seconds(5))
            (driven.isAway, driven.view.holder, driven.view.isFree) = (false, holder, true)
            claim(driven.run(for: .milliseconds(450)).isEmpty == !isAtOnce, "\(holder)")
            claim(driven.run(for: .milliseconds(450)).isEmpty == isAtOnce, "\(holder)")
        }
    }

    @Test("while something of a former term is under way, it is not taken")
    func busy() {
        var lease = Lease("hub-b")
        let view = LeaseView(term: 7, holder: "", head: 0, hash: [], holderSeen: 0, isFree: true)
        for second in 0..<10 {
            let now = Duration.seconds(second)
            claim(lease.tick(canTake: false, now) == [.observe])
            claim(!lease.observed(view, now))
        }
        claim(lease.tick(canTake: true, .seconds(9)) == [.take(after: 7)])
    }

    @Test("a hub that has not heard its store for a second knows it; what counts is when the look began")
    func deaf() {
        var lease = Lease("hub-b")
        let view = LeaseView(term: 7, holder: "hub-a", head: 0, hash: [], holderSeen: 0, isFree: false)
        #expect(lease.isDeaf(.zero))
        claim(lease.tick(canTake: true, .zero) == [.observe])
        claim(!lease.observed(view, .milliseconds(900)))
        #expect(!lease.isDeaf(.milliseconds(999)))
        #expect(lease.isDeaf(.seconds(1)))
        #expect(lease.nextTick(.milliseconds(900)) <= .seconds(1))
    }

    @Test("who sees a later term has lost it; what was taken before that is not this hub's to write")
    func fenced() {
        var lease = Lease("hub-b")
        var view = LeaseView(term: 7, holder: "", head: 0, hash: [], holderSeen: 0, isFree: true)
        claim(lease.tick(canTake: true, .zero) == [.observe])
        claim(!lease.observed(view, .zero))
        claim(lease.tick(canTake: true, .seconds(1)) == [.take(after: 7), .observe])
        (view.term, view.holder) = (8, "hub-b")
        claim(!lease.observed(view, .seconds(1)))
        claim(lease.took(8))
        #expect(lease.term == 8)
        claim(lease.tick(canTake: true, .seconds(2)) == [.observe])
        (view.term, view.holder, view.isFree) = (9, "hub-a", false)
        claim(lease.observed(view, .seconds(2)))
        #expect(lease.term == nil)
        claim(!lease.took(8), "too late")
    }

    @Test("a hub that stops gives it back, and takes it no more")
    func stopping() {
        var lease = Lease("hub-b")
        let view = LeaseView(term: 7, holder: "", head: 0, hash: [], holderSeen: 0, isFree: true)
        _ = lease.tick(canTake: true, .zero)
        _ = lease.observed(view, .zero)
        _ = lease.tick(canTake: true, .seconds(1))
        claim(lease.took(8))
        claim(lease.stop() == [.resign])
        claim(lease.tick(canTake: true, .seconds(9)).isEmpty)
    }
}

/// As `#expect`, which takes nothing that changes a value.
private func claim(
    _ isSo: Bool, _ words: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(isSo, words, sourceLocation: sourceLocation)
}
