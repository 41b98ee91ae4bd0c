import Platform
import Settings
import Stage

/// One kind of fault, tried on a stage of its own.
struct Fault: Sendable {
    var name: String
    /// Whether it mounts file systems or makes network links.
    var needsPrivacy = false
    var run: @Sendable (Trial) async throws -> Row

    static let all: [Fault] =
        Kills.all + PowerCut.all + Damage.all + Outboxes.all + Strangers.all + [Slow.fault] + FullDisk.all
        + [Clocks.fault] + Network.all + [Link.fault]
}

/// What a fault is tried with.
struct Trial: Sendable {
    var name: String
    var random: SeededRandom
    var scale: Double

    /// How often, of so many at scale 1.
    func times(_ count: Int) -> Int { max(1, Int((Double(count) * scale).rounded())) }

    /// A random wait, in milliseconds.
    mutating func sleep(_ range: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: range, using: &random)))
    }
}

/// All that was asked for, one after the other, and the table.
struct Suite {
    private let order: Order

    init(_ order: Order) {
        self.order = order
    }

    /// - Returns: whether everything is as promised.
    func run() async throws -> Bool {
        talk("seed \(order.seed), scale \(order.scale)")
        var rows: [Row] = []
        var random = SeededRandom(seed: order.seed)
        let began = steadyClock()
        repeat {
            for fault in order.faults {
                // By name, so that one alone draws the same numbers as among the others.
                let name = fault.name.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
                let trial = Trial(
                    name: fault.name, random: SeededRandom(seed: random.seed &+ name), scale: order.scale)
                let row = await row(fault, trial)
                for problem in row.problems { talk("  \(fault.name): \(problem)") }
                for note in row.notes { talk("  \(fault.name): \(note)") }
                if let index = rows.firstIndex(where: { $0.fault == row.fault }) {
                    rows[index].add(row)
                } else {
                    rows.append(row)
                }
            }
            random = random.split()
        } while order.duration.map { steadyClock() - began < $0 } ?? false
        for line in Row.table(rows) { try StandardOutput.write(line: line) }
        let isGood = rows.allSatisfy(\.isGood)
        talk("seed \(order.seed): \(isGood ? "all as promised" : "NOT as promised")")
        return isGood
    }

    private func row(_ fault: Fault, _ trial: Trial) async -> Row {
        if fault.needsPrivacy, !Privacy.isEntered {
            var row = Row(fault: fault.name)
            row.skipped = "needs root"
            return row
        }
        let began = steadyClock()
        do {
            let row = try await fault.run(trial)
            talk("\(fault.name): \(row.isGood ? "good" : "BAD") after \(seconds(steadyClock() - began))")
            return row
        } catch {
            var row = Row(fault: fault.name)
            row.problems.append("ended early: \(error)")
            return row
        }
    }
}

func seconds(_ duration: Duration) -> String {
    let milliseconds = duration / .milliseconds(1)
    return "\((milliseconds / 100).rounded() / 10) s"
}
