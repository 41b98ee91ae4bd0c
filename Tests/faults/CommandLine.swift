import Platform
import ProcessHarness
import Seeded
import Settings

let commandLine = CommandLineProgram(
    name: "borderwire-faults",
    summary: "Breaks real hubs, posts and analysts under load, and counts what was lost.",
    version: programVersion,
    commands: [
        Command(
            "run", "each fault in turn, and a table of what came of it",
            options: [
                .integer("seed", "N", "repeat the run of this seed", in: 0...Int.max),
                .list("only", "NAMES", "only these faults", allowed: Fault.all.map(\.name)),
                .text("scale", "X", "how often and how long, 1 being about four minutes", default: "1"),
                .duration("during", "TIME", "again and again, with new seeds, until this time is over"),
            ],
            examples: [
                .init("borderwire-faults run --scale 0.1", "a short one"),
                .init("borderwire-faults run --only kill-hub --seed 7", "one fault again, as it was"),
                .init("borderwire-faults run --during 8h", "a soak"),
            ])
    ],
    epilogue: """
        Some faults need root, for mounts of their own; without it they are skipped, and the table says so.
        Exit status: 0 nothing was lost, duplicated or out of order, and all was refused that should be; 70 otherwise.
        """)

/// What the command line asked for.
struct Order {
    var seed: UInt64
    var faults: [Fault]
    var scale: Double
    var duration: Duration?

    init(_ values: CommandLineValues) {
        seed = values.integer("seed").flatMap { UInt64(exactly: $0) } ?? SeededRandom().seed
        let only = values.strings("only")
        faults = Fault.all.filter { only.isEmpty || only.contains($0.name) }
        scale = Double(values.require("scale")).map { min(max($0, 0.01), 100) } ?? 1
        duration = values.duration("during")
    }
}
