import AlertStore
import Foundation
import Testing

@testable import AlertHub

/// Three hubs over one log, of which any may be killed, stopped, cut off from the store or told to leave at any time, with answers of
/// commits that are lost and a store that is away. `BORDERWIRE_CLUSTER_SEEDS=5000` runs more, `BORDERWIRE_CLUSTER_SEED=17` that one.
@Suite("Simulated days of a cluster")
struct ClusterTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["BORDERWIRE_CLUSTER_SEED"].flatMap({ UInt64($0) }) { return [one] }
        return Array(1...(environment["BORDERWIRE_CLUSTER_SEEDS"].flatMap { UInt64($0) } ?? 15))
    }()

    @Test(
        "after any noise each reader has its alerts once and in order, whichever hubs it was at, and each alert one row"
    )
    func promises() {
        var (alerts, terms): (Int, UInt64) = (0, 0)
        for seed in ClusterTests.seeds {
            let day = Day(seed: seed, hubs: ["hub-a", "hub-b", "hub-c"])
            let problems = day.run()
            #expect(problems.isEmpty, "seed \(seed): \(problems.joined(separator: "\n"))")
            alerts += day.published
            terms += day.writer?.turn?.core.membership?.view?.term ?? 0
            if !problems.isEmpty { break }
        }
        print("simulated \(ClusterTests.seeds.count) days of three hubs, \(alerts) alerts, \(terms) terms")
        #expect(terms > 2 * UInt64(ClusterTests.seeds.count), "the lease changes hands")
    }
}
