import Platform
import ProcessHarness
import Settings

/// One of the analysts: what it asks for, what it should get of a draft, and what it printed.
struct Audience {
    var name: String
    /// Its grant, as `borderwire-hub enroll --read` takes it.
    var read: [String]
    var options: [String]
    var wants: @Sendable (Day.Draft) -> Bool

    static let all = [
        Audience(name: "kk-desk", read: ["koh-kong"], options: ["--province", "koh-kong"]) {
            $0.provinces.contains("KH-9")
        },
        Audience(
            name: "pv-suspects", read: ["prey-veng"],
            options: ["--province", "Prey Veng", "--kind", "suspect"]
        ) { $0.provinces.contains("KH-14") && $0.kind == "suspect" },
        Audience(name: "national", read: ["all"], options: []) { _ in true },
    ]

    /// Shows a line of one of them, with its name before it.
    func show(_ line: String) {
        guard !line.isEmpty else { return }
        // A reader who has gone is no reason to stop: the table counts what was printed.
        try? StandardOutput.write(line: name + String(repeating: " ", count: 12 - name.count) + "| " + line)
    }
}

/// An alert as an analyst printed it: what the end of its block says.
struct Printed {
    var offset: Int
    var id: String
    var isSigned: Bool
    /// Whether every line of it is marked as an exercise.
    var isMarked: Bool

    /// Takes apart what a tail in text format wrote.
    static func alerts(_ lines: [String]) -> [Printed] {
        lines.split(separator: "").compactMap { block in
            // Long lines are broken at spaces, an exercise's behind its margin.
            let last = block.joined(separator: " ").split(separator: " ").filter { $0 != "EXERCISE" }
                .joined(separator: " ")
            guard let id = last.firstRange(of: ", id "), let end = last.firstRange(of: ", received "),
                let number = last[..<end.lowerBound].ranges(of: ", #").last,
                let offset = Int(last[number.upperBound..<end.lowerBound])
            else { return nil }
            return Printed(
                offset: offset, id: String(last[id.upperBound...].prefix(36)),
                isSigned: last.contains("signed by "),
                isMarked: block.allSatisfy { $0.hasPrefix("EXERCISE ") })
        }
    }
}
