/// What came of one kind of fault.
struct Row {
    var fault: String
    var times = 0
    var stored = 0
    var lost = 0
    var duplicated = 0
    var outOfOrder = 0
    /// How often something was refused as it should be, of how many attempts; nil: nothing to refuse.
    var refused: (count: Int, of: Int)?
    /// Whatever else is not as promised.
    var problems: [String] = []
    /// Figures to be known.
    var notes: [String] = []
    /// Why it was not tried.
    var skipped: String?

    init(fault: String) {
        self.fault = fault
    }

    var isGood: Bool {
        lost + duplicated + outOfOrder == 0 && problems.isEmpty && (refused.map { $0.count == $0.of } ?? true)
    }

    /// Counts an attempt that should be refused.
    mutating func refusal(_ what: String, _ isRefused: Bool, _ detail: @autoclosure () -> String = "") {
        refused = ((refused?.count ?? 0) + (isRefused ? 1 : 0), (refused?.of ?? 0) + 1)
        if !isRefused { problems.append("not refused as it should: \(what) \(detail())") }
    }

    /// Adds the same fault's row of another round.
    mutating func add(_ other: Row) {
        times += other.times
        stored += other.stored
        lost += other.lost
        duplicated += other.duplicated
        outOfOrder += other.outOfOrder
        if let more = other.refused {
            refused = ((refused?.count ?? 0) + more.count, (refused?.of ?? 0) + more.of)
        }
        problems += other.problems
        notes = other.notes
    }

    static func table(_ rows: [Row]) -> [String] {
        let heads = [
            "fault", "times", "stored", "lost", "duplicated", "out of order", "refused as it should",
        ]
        let cells = [heads] + rows.map(\.cells)
        let widths = heads.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: " | ")
        }
    }

    private var cells: [String] {
        if let skipped { return [fault, "SKIPPED: \(skipped)", "-", "-", "-", "-", "-"] }
        let refusals = refused.map { "\($0.count) of \($0.of)" } ?? "-"
        let mark = isGood ? "" : " (!)"
        return [fault + mark] + [times, stored, lost, duplicated, outOfOrder].map(String.init) + [
            refusals
        ]
    }
}
