import Testing

@testable import AlertHub

@Suite("Statistics tell of no few people")
struct StatisticsTests {
    @Test("a count below 11 is told as under 11, and so is none")
    func few() {
        let rows = Statistics.rows(["road": 40, "sea": 3, "air": 0, "foot": 11])
        #expect(
            rows.map { "\($0.name) \($0.count.text)" } == [
                "air under 11", "foot 11", "road 40", "sea under 11",
            ])
    }

    @Test("one small count beside a total takes another with it, since it could be had by subtracting")
    func complement() {
        let rows = Statistics.rows(["suspect": 30, "movement": 4], addingUpTo: 34)
        #expect(rows?.map { "\($0.name) \($0.count.text)" } == ["movement under 11", "suspect not shown"])
    }

    @Test("no count that is not told can be found by subtracting, whatever the counts are")
    func subtracting() {
        // Every table of three rows of 0 to 24, and what each hidden count can be, tried by brute force.
        let range = 0...24
        for first in range {
            for second in range {
                for third in range where first + second + third >= Statistics.fewest {
                    let counts = ["a": first, "b": second, "c": third]
                    let total = first + second + third
                    guard let rows = Statistics.rows(counts, addingUpTo: total) else { continue }
                    for row in rows where !isTold(row.count) {
                        let possible = values(of: row.name, rows, total: total)
                        if possible.count < 2 {
                            Issue.record("\(counts): \(row.name) can only be \(possible)")
                        }
                    }
                }
            }
        }
    }

    private func isTold(_ count: Statistics.Count) -> Bool {
        if case .exactly = count { return true }
        return false
    }

    /// What a hidden count can be, by what is told of the others and the total.
    private func values(
        of name: String, _ rows: [(name: String, count: Statistics.Count)], total: Int
    ) -> Set<Int> {
        func choices(_ count: Statistics.Count) -> ClosedRange<Int> {
            switch count {
            case .exactly(let value): value...value
            case .few: 0...(Statistics.fewest - 1)
            case .hidden: Statistics.fewest...100
            }
        }
        let others = rows.filter { $0.name != name }
        var reachable: Set<Int> = [0]
        for other in others {
            reachable = Set(reachable.flatMap { sum in choices(other.count).map { sum + $0 } })
        }
        guard let own = rows.first(where: { $0.name == name })?.count else { return [] }
        return Set(choices(own).filter { reachable.contains(total - $0) })
    }
}
