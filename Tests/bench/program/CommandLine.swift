import Platform
import Settings

private let numbers: [CommandOption] = [
    .text("name", short: "n", "SYSTEM", "the first column of what is printed", default: "borderwire"),
    .integer("seconds", short: "t", "N", "seconds that are counted", in: 1...60, default: 5),
    .integer("count", short: "c", "N", "alerts of the backlog", in: 1...20_000_000, default: 200_000),
]

let commandLine = CommandLineProgram(
    name: "borderwire-bench",
    summary: "Measures Borderwire: a real hub process, posts and analysts over loopback, everything on.",
    version: programVersion,
    commands: [
        Command(
            "run", "all tests against a hub of its own, one tab-separated line per figure",
            options: numbers + [
                .integer("repetitions", short: "r", "N", "how often", in: 1...20, default: 3),
                .text(
                    "dir", short: "D", "DIR", "where the hub's state is put; a real disk", default: "/var/tmp"
                ),
                .list(
                    "tests", "TESTS",
                    "only these; live after replay", allowed: RepeatedRun.tests),
            ],
            examples: [.init("borderwire-bench run -r 3", "median, min and max of three runs")]),
        Command(
            "growth", "the same figures on a log of 100,000 alerts and on a long one; 1 KB of disk an alert",
            options: [
                numbers[0], numbers[1],
                .integer(
                    "count", short: "c", "N", "alerts of the long log", in: 200_000...100_000_000,
                    default: 10_000_000),
                .text(
                    "dir", short: "D", "DIR", "where the hub's state is put; a real disk", default: "/var/tmp"
                ),
            ],
            examples: [.init("borderwire-bench growth", "with 10 million; several minutes")]),
        Command(
            "prepare", "write keys, registry and settings for a hub into a directory",
            options: [
                .text("dir", short: "D", "DIR", "the directory", required: true),
                .integer(
                    "port", short: "p", "N", "control's port; ingest and feeds follow", in: 1...65_000,
                    required: true),
            ],
            examples: [
                .init(
                    "borderwire-bench prepare -D /var/tmp/b -p 25800",
                    "then: borderwire-hub run --config /var/tmp/b/hub.toml")
            ]),
        Command(
            "client", "one test against a hub that was prepared and runs",
            options: numbers + [
                .text("dir", short: "D", "DIR", "the prepared directory", required: true),
                .integer("port", short: "p", "N", "control's port", in: 1...65_000, required: true),
                .integer(
                    "server", short: "s", "PID", "the hub's process, for its share of the processor",
                    default: 0),
                .text("note", short: "d", "TEXT", "goes before each line's note", default: ""),
            ],
            positionals: [
                Positional("TEST", "preload, replay, live, last-hour, latency, floor, ingest or fanout")
            ],
            examples: [.init("borderwire-bench client -D /var/tmp/b -p 25800 ingest", "durable ingest")]),
    ])
