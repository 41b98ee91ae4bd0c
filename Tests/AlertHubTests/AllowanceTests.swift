import Alerts
import Testing

@testable import AlertHub

@Suite("A post's allowance") struct AllowanceTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test("a flood is held at the rate, however long it lasts")
    func flood() {
        var allowance = Allowance(rate: 100)
        var taken = 0
        // 50 alerts in each of 10,000 milliseconds.
        for now in Int64(0)..<10_000 {
            for _ in 0..<50 where allowance.take("koh-kong", at: at(now), window: 256) == nil { taken += 1 }
        }
        // What was saved up, and ten seconds' worth.
        #expect(taken == 100 + 999)
    }

    @Test("a post that keeps to the rate never waits, and one post's flood is not another's")
    func others() {
        var allowance = Allowance(rate: 100)
        for now in Int64(0)..<2_000 {
            _ = allowance.take("koh-kong", at: at(now), window: 256)
            if now % 10 == 0 {
                let wait = allowance.take("prey-veng", at: at(now), window: 256)
                #expect(wait == nil)
            }
        }
    }

    @Test("a post that waits as long as it is told can send a window")
    func wait() throws {
        var allowance = Allowance(rate: 1_000)
        var now: Int64 = 0
        while allowance.take("koh-kong", at: at(now), window: 256) == nil {}
        let wait = allowance.take("koh-kong", at: at(now), window: 256)
        now += Int64(try #require(wait))
        for _ in 0..<256 {
            let wait = allowance.take("koh-kong", at: at(now), window: 256)
            #expect(wait == nil)
        }
    }

    @Test("a clock that is set back gives nothing")
    func clock() {
        var allowance = Allowance(rate: 10)
        while allowance.take("koh-kong", at: at(5_000), window: 256) == nil {}
        let back = allowance.take("koh-kong", at: at(1_000), window: 256)
        #expect(back != nil)
    }
}
