import FoundationEssentials
import ProcessHarness

/// Whoever was sought is safe: nothing of what sought them is left, and nothing else is gone.
extension Check {
    /// Alerts that are asked about.
    private static let asked = 5

    /// By offset: what a stored Cancel of the same post closes.
    private var closed: Set<UInt64> {
        let alerts = Dictionary(stored.map { ($0.id, $0) }) { first, _ in first }
        var closed: Set<UInt64> = []
        for cancel in stored {
            for id in cancel.closes {
                guard let alert = alerts[id], alert.post == cancel.post, alert.offset < cancel.offset else {
                    continue
                }
                closed.insert(alert.offset)
            }
        }
        return closed
    }

    private var erased: Set<UInt64> { Set(stored.filter(\.isErased).map(\.offset)) }

    mutating func isErased() throws -> Bool {
        try readLog()
        return erased == closed
    }

    /// Needs the hub.
    func countErased(_ row: inout Row) async throws {
        let (erased, closed) = (erased, closed)
        guard !closed.isEmpty || !erased.isEmpty else { return }
        if erased != closed {
            row.problems.append(
                "not erased: \(closed.subtracting(erased).sorted().prefix(5)), erased without a word: "
                    + "\(erased.subtracting(closed).sorted().prefix(5))")
        }
        guard let national = load.desks.first?.analyst else { return }
        let read = try await national.run("tail", ["--since", "0", "--no-follow", "--format", "json"])
        let printed = Printed(Data((read.output.joined(separator: "\n") + "\n").utf8), .json)
        if printed.erased != erased {
            row.problems.append(
                "what is erased is read with its content: "
                    + "\(erased.subtracting(printed.erased).sorted().prefix(5))")
        }
        let gone = stored.filter(\.isErased).map(\.id)
        for alert in stored.filter({ !$0.isErased && $0.kind == "movement" }).suffix(Check.asked)
            + stored.filter(\.isErased).suffix(Check.asked)
        {
            let related = try await national.run("related", [alert.id, "--format", "json"])
            let words = related.output.joined()
            let told = gone.filter { $0 != alert.id && words.contains($0) }
            if ![0, 66].contains(related.status) || !told.isEmpty || alert.isErased && related.status == 0 {
                row.problems.append("related \(alert.id): \(told.prefix(3)) \(related.talk.prefix(3))")
            }
        }
        row.notes.append("\(erased.count) contents erased since whoever they sought is safe")
    }
}
