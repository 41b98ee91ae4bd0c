import ProcessHarness
import Testing

/// No figure is judged here: only that there are figures.
@Suite("The benchmark")
struct BenchTests {
    static let tests = ["replay", "live", "latency", "floor", "ingest", "fanout", "post"]

    @Test("it runs to its end, and each of its lines has a system, a test, a value, a unit and a note")
    func lines() async throws {
        let testbed = try Testbed()
        let wanted = BenchTests.tests.map { "--tests \($0)" }.joined(separator: " ")
        let account = try await testbed.shell(
            "$B/borderwire-bench run -r 1 -t 1 -c 2000 -D \(testbed.directory) \(wanted)",
            within: .seconds(600)
        )
        try account.expect(0, "borderwire-bench")
        var found: Set<Substring> = []
        for line in account.output {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(fields.count == 5, "\(line)")
            #expect(fields[0] == "borderwire")
            #expect(try #require(Double(fields[2])) > 0, "\(line)")
            #expect(!fields[3].isEmpty)
            found.insert(fields[1])
        }
        let promised: Set<Substring> = [
            "ingest", "latency-p50", "latency-p99", "floor-p50", "floor-p99", "fanout", "replay", "rss-idle",
            "rss-loaded",
            "rss-after-ingest",
            "disk-per-alert", "replay-first-page", "live-during-replay-p99", "publish", "drain",
        ]
        #expect(promised.isSubset(of: found), "\(promised.subtracting(found)) not printed")
    }
}
