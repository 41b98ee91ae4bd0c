import Testing
import Wire

@testable import AlertFeed

@Suite("What was shown and is not confirmed")
struct ShownLedgerTests {
    private func place(_ topic: UInt32, _ sequence: UInt64) -> Heads.Entry {
        Heads.Entry(topic: topic, sequence: sequence)
    }

    private func said(_ report: Request.Shown?) -> [UInt32: [[UInt64]]] {
        Dictionary(uniqueKeysWithValues: (report?.topics ?? []).map { ($0.number, $0.ranges) })
    }

    @Test("it is said in ranges, at most once a second, and once")
    func once() {
        var ledger = ShownLedger()
        #expect(ledger.report(1, log: 7, isLast: false, .seconds(1)) == nil)
        ledger.add([place(1, 4), place(2, 9)])
        ledger.add([place(1, 5)])
        let first = ledger.report(1, log: 7, isLast: false, .seconds(1))
        #expect(said(first) == [1: [[4, 5]], 2: [[9, 9]]] && first?.log == HexNumber(7))
        ledger.add([place(1, 6)])
        ledger.confirmed(1)
        #expect(ledger.report(2, log: 7, isLast: false, .milliseconds(1_999)) == nil)
        #expect(said(ledger.report(2, log: 7, isLast: false, .seconds(2))) == [1: [[6, 6]]])
        ledger.confirmed(2)
        #expect(ledger.isEmpty && ledger.due == nil)
    }

    @Test("after a lost link, a busy hub and a silent one it is said again, with what came since")
    func again() {
        for isLost in [
            { (ledger: inout ShownLedger) in ledger.lost() }, { _ = $0.refused(1, .busy) }, { _ in },
        ] {
            var ledger = ShownLedger()
            ledger.add([place(1, 4)])
            _ = ledger.report(1, log: 7, isLast: false, .zero)
            isLost(&ledger)
            ledger.add([place(1, 5)])
            #expect(said(ledger.report(2, log: 7, isLast: false, .seconds(10))) == [1: [[4, 5]]])
        }
    }

    @Test("what the hub refuses otherwise is not said again, and a refusal of something else is none of it")
    func refused() {
        var ledger = ShownLedger()
        ledger.add([place(1, 4)])
        _ = ledger.report(3, log: 7, isLast: false, .zero)
        #expect(!ledger.refused(2, .grant) && !ledger.refused(nil, .grant) && !ledger.isEmpty)
        #expect(ledger.refused(3, .unsupported) && ledger.isEmpty)
    }

    @Test("what is more than one report holds is said with the next ones")
    func bounded() {
        var ledger = ShownLedger()
        let count = UInt64(WireLimits.shownRanges) + 10
        for number in 0..<count { ledger.add([place(1, 2 * number + 1)]) }
        #expect(said(ledger.report(1, log: 7, isLast: false, .zero))[1]?.count == WireLimits.shownRanges)
        ledger.confirmed(1)
        #expect(said(ledger.report(2, log: 7, isLast: true, .zero))[1]?.count == 10)
    }
}
