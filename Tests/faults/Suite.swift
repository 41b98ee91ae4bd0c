import Platform
import ProcessHarness
import Seeded
import Settings

/// One kind of fault, tried on a testbed of its own.
struct Fault: Sendable {
    var name: String
    /// Whether it mounts file systems or makes network links.
    var needsPrivacy = false
    /// Whether nothing else may run beside it: it measures times, or waits on the threads that all share.
    var isAlone = false
    var run: @Sendable (Trial) async throws -> Row

    static let all: [Fault] =
        Kills.all + PowerCut.all + Damage.all + Outboxes.all + Strangers.all + [Slow.fault, Crowd.fault]
        + FullDisk.all
        + [Clocks.fault] + Network.all + [Link.fault] + ClusterFaults.all + Attack.faults
}

/// What a fault is tried with.
struct Trial: Sendable {
    var name: String
    var random: SeededRandom
    var scale: Double

    /// How often, of so many at scale 1.
    func times(_ count: Int) -> Int { max(1, Int((Double(count) * scale).rounded())) }

    /// Drafts a second of each post: fewer where it is only tried whether a fault works, on whatever machine.
    var rate: Int { isTimed ? Feeder.rate : 20 }
    /// Whether bounds of time count: a small trial may run beside anything.
    var isTimed: Bool { scale >= 0.1 }

    /// A random wait, in milliseconds.
    mutating func sleep(_ range: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: range, using: &random)))
    }
}

/// All that was asked for, and the table.
struct Suite {
    /// Faults that are tried side by side: most of their time is waiting.
    private static let sideBySide = 3

    private let order: Order

    init(_ order: Order) {
        self.order = order
    }

    /// - Returns: whether everything is as promised.
    func run() async throws -> Bool {
        talk("seed \(order.seed), scale \(order.scale)")
        var rows: [String: Row] = [:]
        var random = SeededRandom(seed: order.seed)
        let began = steadyClock()
        repeat {
            for row in await round(random.seed) {
                if rows[row.fault] == nil { rows[row.fault] = row } else { rows[row.fault]?.add(row) }
            }
            random = random.split()
        } while order.duration.map { steadyClock() - began < $0 } ?? false
        let listed = order.faults.compactMap { rows[$0.name] }
        for line in Row.table(listed) { try StandardOutput.write(line: line) }
        let isGood = listed.allSatisfy(\.isGood)
        talk(
            "seed \(order.seed), \(seconds(steadyClock() - began)): \(isGood ? "all as promised" : "NOT as promised")"
        )
        return isGood
    }

    /// Each fault once: some at a time, and then those that have to be alone.
    private func round(_ seed: UInt64) async -> [Row] {
        var rows: [Row] = []
        await withTaskGroup(of: Row.self) { group in
            for (index, fault) in order.faults.filter({ !$0.isAlone }).enumerated() {
                if index >= Suite.sideBySide, let row = await group.next() { rows.append(row) }
                group.addTask { await self.row(fault, trial(fault, seed)) }
            }
            for await row in group { rows.append(row) }
        }
        for fault in order.faults where fault.isAlone { rows.append(await row(fault, trial(fault, seed))) }
        return rows
    }

    private func trial(_ fault: Fault, _ seed: UInt64) -> Trial {
        // By name, so that one alone draws the same numbers as among the others.
        let name = fault.name.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
        return Trial(name: fault.name, random: SeededRandom(seed: seed &+ name), scale: order.scale)
    }

    private func row(_ fault: Fault, _ trial: Trial) async -> Row {
        if fault.needsPrivacy, !Privacy.isEntered {
            var row = Row(fault: fault.name)
            row.skipped = "needs root"
            talk("\(fault.name): SKIPPED: needs root, for mounts and network links of its own")
            return row
        }
        let began = steadyClock()
        var row: Row
        do {
            row = try await fault.run(trial)
        } catch {
            row = Row(fault: fault.name)
            row.problems.append("ended early: \(error)")
        }
        let verdict = row.skipped.map { "SKIPPED: \($0)" } ?? (row.isGood ? "good" : "BAD")
        talk("\(fault.name): \(verdict), after \(seconds(steadyClock() - began))")
        for line in row.problems + row.notes { talk("  \(fault.name): \(line)") }
        return row
    }
}

func seconds(_ duration: Duration) -> String {
    let milliseconds = duration / .milliseconds(1)
    return "\((milliseconds / 100).rounded() / 10) s"
}
