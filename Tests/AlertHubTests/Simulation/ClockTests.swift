import Alerts
import Seeded
import Testing

@testable import AlertHub

/// Clocks that jump by seconds to decades, both ways, over starts, outages and the comings and goings of posts, against the time
/// that it really is.
@Suite("Clocks in simulation")
struct ClockSimulationTests {
    private static let day: Int64 = 86_400_000
    private static let hour: Int64 = 3_600_000

    private struct World {
        var random: SeededRandom
        /// The time that it really is.
        var real: Int64 = 1_795_476_600_000
        /// The hub's clock less that, and the posts'.
        var error: Int64 = 0
        var posts: [Int64] = []
        /// The machine's steady clock, and the hub.
        var steady: Int64 = 1_000_000
        var hub: HubTime
        /// The last time stamped, as the log has it.
        var received: Int64 = 0

        /// Between a second and forty years, and as often short as long.
        mutating func jump() -> Int64 {
            let size = Int64.random(in: 1...10, using: &random)
            let unit: Int64 =
                [1_000, 60_000, hour, day, 30 * day, 1_460 * day].randomElement(using: &random) ?? 1
            return (Bool.random(using: &random) ? 1 : -1) * size * unit
        }

        /// The kernel calls a clock synchronised only when it is right, and not each time.
        mutating func read() {
            hub.isSynchronised = error == 0 && Bool.random(using: &random)
            hub.read(wall: Timestamp(milliseconds: real + error), steady: .milliseconds(steady))
        }

        mutating func pass(_ time: Int64) {
            real += time
            steady += time
            read()
        }

        mutating func hear() {
            for (index, error) in posts.enumerated() {
                hub.heard(
                    "post-\(index)", clock: real + error, at: hub.now(steady: .milliseconds(steady)))
            }
        }

        mutating func store() { received = max(received, hub.time.milliseconds) }

        mutating func restart(off: Int64) {
            let known = hub.known
            real += off
            steady = .random(in: 0...10_000_000, using: &random)
            hub = HubTime(
                wall: Timestamp(milliseconds: real + error), steady: .milliseconds(steady), lastRun: known,
                received: received == 0 ? nil : Timestamp(milliseconds: received))
        }
    }

    private func world(_ seed: UInt64, posts: Int) -> World {
        var random = SeededRandom(seed: seed)
        let start: Int64 = 1_795_476_600_000
        // A first run with a clock that is right: what the hub then knows is what it is measured by.
        let hub = HubTime(
            wall: Timestamp(milliseconds: start), steady: .milliseconds(1_000_000),
            lastRun: (Timestamp(milliseconds: start), true))
        let errors = (0..<posts).map { _ in Int64.random(in: -3_600_000...3_600_000, using: &random) }
        return World(random: random, posts: errors, hub: hub)
    }

    @Test(
        "whatever the clocks do, nothing is erased before its time, and no stamp is ahead by more than two days"
    )
    func safety() {
        for seed in 0..<3_000 as Range<UInt64> {
            var world = world(seed, posts: Int(seed % 6))
            for _ in 0..<40 {
                switch Int.random(in: 0..<6, using: &world.random) {
                case 0: world.error = 0
                case 1: world.error += world.jump()
                case 2: world.error = world.jump()
                case 3: world.restart(off: abs(world.jump()) % (400 * ClockSimulationTests.day))
                // One post may lie, where honest ones are the more.
                case 4 where world.posts.count >= 3: world.posts[0] = world.jump()
                default: world.pass(.random(in: 1_000...100_000_000, using: &world.random))
                }
                world.read()
                if Bool.random(using: &world.random) { world.hear() }
                world.read()
                world.store()
                let state = "seed \(seed)"
                // A clock that is wrong by less than a day is borne, and a day is left between the end and the erasing; the posts'
                // own clocks are up to an hour off here.
                if let erasing = world.hub.erasing {
                    #expect(
                        erasing.milliseconds <= world.real + ClockSimulationTests.hour, "\(state)")
                }
                #expect(world.received <= world.real + 2 * ClockSimulationTests.day, "\(state)")
                #expect(
                    world.hub.certain.milliseconds <= world.real + ClockSimulationTests.day
                        + ClockSimulationTests.hour, "\(state)")
                // The right alerts are never refused for their time.
                if let latest = world.hub.latestSent {
                    #expect(latest.milliseconds >= world.real || world.error < 0, "\(state)")
                }
            }
            // Clocks that are right again, and three posts: all goes on.
            world.error = 0
            world.posts = [0, 0, 0]
            world.restart(off: 0)
            world.pass(1_000)
            world.hear()
            world.pass(1_000)
            #expect(world.hub.doubt == nil)
            #expect(world.hub.erasing?.milliseconds == world.real - ClockSimulationTests.day)
            #expect(world.hub.time.milliseconds == world.real)
        }
    }
}
