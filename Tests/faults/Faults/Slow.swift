import Glibc
import Platform
import ProcessHarness

/// Analysts that do not read: one is stopped (SIGSTOP), another's output is read by nobody. The others must not notice.
enum Slow {
    static let fault = Fault(name: "slow-analyst", isAlone: true, run: run)

    /// Of the hub's own memory (PSS), in KiB: 256 MiB.
    private static let mostMemory = 262_144
    /// Alerts a second from each post: enough to fill what the kernel and libzmq hold for a reader.
    private static let rate = 600
    /// What another analyst may wait at the 99th percentile, in milliseconds: what a person does not notice. On a
    /// machine where it was more before, not more than twice that.
    private static let longestWait = 500.0

    private static func run(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        let length = max(3, Int(30 * trial.scale))
        // A short queue on the feed, so that it overflows too.
        try await Load.run(hubExtra: "[limits]\nfeed_queue = 50") { load in
            let watch = Watch()
            let other = try await load.testbed.analyst("watch", load.hub, read: ["all"])
            let tail = try await other.tail(["--since", "0", "--format", "json"]) { watch.take($0) }
            try await load.start(&trial.random, rate: rate)
            try await Task.sleep(for: .seconds(2))
            let before = try await watch.ages { try await Task.sleep(for: .seconds(3)) }

            let (unread, stopped) = (load.desks[0], load.desks[1])
            try await unread.stop()
            try await unread.start(unreadFor: length)
            stopped.running?.signal(SIGSTOP)
            var memory = 0
            let during = try await watch.ages {
                let end = steadyClock() + .seconds(length)
                while steadyClock() < end {
                    try await Task.sleep(for: .milliseconds(200))
                    memory = max(memory, pss(load.hub.process?.number))
                }
            }
            stopped.running?.signal(SIGCONT)
            row.times = 1
            row.notes.append(
                "another analyst's p99 from writing to reading: \(milliseconds(p99(before))) before, "
                    + "\(milliseconds(p99(during))) during; the hub's memory: \(memory / 1_024) MiB at the most"
            )
            let bound = max(longestWait, 2 * (p99(before) ?? 0))
            if (p99(during) ?? .infinity) > bound { row.problems.append("the others wait") }
            if memory > mostMemory { row.problems.append("the hub's memory is above \(mostMemory) KiB") }
            try await load.settle(&row)
            try await tail.kill()
        }
        return row
    }
}
