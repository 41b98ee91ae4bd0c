import Alerts
import Testing

@testable import AlertHub

@Suite("Budgets of identities") struct BudgetTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func budgets(rate: Int = 100, lookups: Int = 16) -> Budgets {
        var limits = HubLimits()
        limits.rate = rate
        limits.lookups = lookups
        return Budgets(limits)
    }

    @Test("a flood is held at the rate, however long it lasts")
    func flood() {
        var budgets = budgets()
        var taken = 0
        // 50 alerts in each of 10,000 milliseconds.
        for now in Int64(0)..<10_000 {
            for _ in 0..<50 where budgets.take(of: .alerts, for: "koh-kong", at: at(now)) { taken += 1 }
        }
        // What was saved up, and ten seconds' worth.
        #expect(taken == 100 + 999)
    }

    @Test("a post that keeps to the rate never waits, and one post's flood is not another's")
    func others() {
        var budgets = budgets()
        for now in Int64(0)..<2_000 {
            _ = budgets.take(of: .alerts, for: "koh-kong", at: at(now))
            if now % 10 == 0 {
                let isThere = budgets.take(of: .alerts, for: "prey-veng", at: at(now))
                #expect(isThere)
            }
        }
    }

    @Test("a post that waits as long as it is told can send a window")
    func wait() {
        var budgets = budgets(rate: 1_000)
        while budgets.take(of: .alerts, for: "koh-kong", at: at(0)) {}
        let now = Int64(budgets.wait(for: 256, of: .alerts, by: "koh-kong", at: at(0)))
        for _ in 0..<256 {
            let isThere = budgets.take(of: .alerts, for: "koh-kong", at: at(now))
            #expect(isThere)
        }
    }

    @Test("a clock that is set back gives nothing")
    func clock() {
        var budgets = budgets(rate: 10)
        while budgets.take(of: .alerts, for: "koh-kong", at: at(5_000)) {}
        let isThere = budgets.take(of: .alerts, for: "koh-kong", at: at(1_000))
        #expect(!isThere)
    }

    @Test("what is used at once comes back only when it is given back, and never more of it")
    func levels() {
        var budgets = budgets(lookups: 2)
        for now in [Int64(0), 1] {
            let isThere = budgets.take(of: .lookups, for: "analyst", at: at(now))
            #expect(isThere)
        }
        let third = budgets.take(of: .lookups, for: "analyst", at: at(1_000_000_000))
        #expect(!third)
        for _ in 0..<5 { budgets.giveBack(of: .lookups, for: "analyst") }
        #expect(
            budgets.lines(of: "analyst", at: at(0)) == [
                Budgets.Line(resource: .lookups, used: 0, most: 2, refused: 1)
            ])
        var left = 0
        while budgets.take(of: .lookups, for: "analyst", at: at(2)) { left += 1 }
        #expect(left == 2)
    }

    @Test("a lower limit is in force at once, and what was used under the old one is paid within a period")
    func lowered() {
        var budgets = budgets(rate: 1_000_000)
        while budgets.take(of: .alerts, for: "koh-kong", at: at(0)) {}
        var limits = HubLimits()
        limits.rate = 1
        budgets.follow(limits)
        let early = budgets.take(of: .alerts, for: "koh-kong", at: at(999))
        #expect(!early)
        let due = budgets.take(of: .alerts, for: "koh-kong", at: at(1_999))
        #expect(due)
    }

    @Test("who is gone from the registry leaves no account")
    func gone() {
        var budgets = budgets()
        _ = budgets.take(of: .alerts, for: "koh-kong", at: at(0))
        _ = budgets.take(of: .alerts, for: "prey-veng", at: at(0))
        budgets.keep { $0 == "prey-veng" }
        #expect(budgets.lines(of: "koh-kong", at: at(0)).isEmpty)
        #expect(budgets.lines(of: "prey-veng", at: at(0)).map(\.used) == [1])
    }
}

@Suite("What waits for the log") struct FairQueueTests {
    @Test("an account's turn comes after one of each other, however much another has waiting")
    func turns() {
        var queue = FairQueue<String>()
        for number in 0..<960 { queue.append("a\(number)", of: "a") }
        queue.append("b0", of: "b")
        queue.append("c0", of: "c")
        queue.append("b1", of: "b")
        #expect(queue.count == 963)
        let first = (0..<6).compactMap { _ in queue.popFirst() }
        #expect(first == ["a0", "b0", "c0", "a1", "b1", "a2"])
        var rest = 0
        while queue.popFirst() != nil { rest += 1 }
        #expect(rest == 957 && queue.count == 0)
    }
}
