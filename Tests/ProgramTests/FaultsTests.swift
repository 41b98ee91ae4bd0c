import ProcessHarness
import Testing

@testable import borderwire_faults

/// `make faults` at a small scale, so that it can't rot between its full runs.
@Suite("The fault suite")
struct FaultsTests {
    @Test("a short run of some faults ends with a table of zeros")
    func short() async throws {
        let names = [
            "kill-hub", "power-cut-post", "registry-cut", "outbox-old", "strangers", "net-damage",
            "idle-strangers",
        ]
        try await withTestbed { testbed in
            let account = try await testbed.run(
                .other(BuiltTree.programs + "/borderwire-faults"),
                ["run", "--scale", "0.02", "--seed", "1", "--only", names.joined(separator: ",")],
                within: .seconds(900))
            #expect(account.status == 0, "\(account)")
            let rows = account.output.dropFirst().map { $0.split(separator: "|").map(trimmed) }
            #expect(rows.map { $0.first } == names)
            for row in rows where !row[1].hasPrefix("SKIPPED") {
                #expect(row[3...5] == ["0", "0", "0"], "\(row)")
                #expect((Int(row[2]) ?? 0) > 0, "nothing was stored: \(row)")
            }
        }
    }

    @Test("whatever is not as promised makes a row bad")
    func bad() {
        var row = Row(fault: "any")
        row.refusal("a stranger", true)
        #expect(row.isGood)
        for edit: (inout Row) -> Void in [
            { $0.lost = 1 }, { $0.duplicated = 1 }, { $0.outOfOrder = 1 }, { $0.problems = ["x"] },
            { $0.refusal("another stranger", false) },
        ] {
            var other = row
            edit(&other)
            #expect(!other.isGood)
            var sum = row
            sum.add(other)
            #expect(!sum.isGood)
        }
    }

    private func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
