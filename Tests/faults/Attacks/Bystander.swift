import Platform
import ProcessHarness
import Wire

/// Honest posts that publish at a steady rate and honest analysts who read: what they and the service manager notice of an
/// attack.
enum Bystander {
    /// Of the attacked to the quiet p99, from the draft to the analyst's line.
    private static let mostSlower = 4.0
    /// Milliseconds that the attacked p99 may be in any case: on a busy machine one late wake-up of each of the five
    /// programs on an alert's way is more than four times a quiet p99 of some milliseconds.
    private static let noise = 100.0
    /// How late the hub's sign of life may be.
    private static let latestBeat = Duration.seconds(2)
    /// How long a revoked identity may still be served.
    private static let longestCut = Duration.seconds(1)
    /// How long it is looked whether it is.
    private static let look = Duration.milliseconds(1_500)
    private static let patience = Duration.seconds(20)

    static func fault(_ name: String, _ attacks: [Attack]) -> Fault {
        Fault(name: name, isAlone: true) { try await run($0, attacks) }
    }

    private struct Figures {
        var quiet: [Double]
        var attacked: [Double]
        var cut: Duration
        var beat: Duration
        /// KiB.
        var memory: Int
    }

    private static func run(_ trial: Trial, _ attacks: [Attack]) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        let phase = Duration.milliseconds(max(1_000, Int(3_000 * min(trial.scale, 4))))
        try await Load.run(hubExtra: attacks.map(\.hubSettings).joined(separator: "\n")) { load in
            if let most = attacks.compactMap(\.descriptors).min() {
                load.hub.setStarter(["prlimit", "--nofile=\(most):\(most)"])
            }
            let attacker = try await Attacker(load)
            defer { attacker.end() }
            let spy = try await load.testbed.analyst("spy", load.hub, read: ["koh-kong", "prey-veng"])
            let honest = try await load.testbed.analyst("honest", load.hub, read: ["all"])
            let beats = try Beats(load.testbed)
            defer { beats.end() }
            try await load.start(&trial.random, rate: trial.rate, hubEnvironment: beats.environment)
            let watch = Watch()
            let tail = try await honest.tail(["--province", "koh-kong", "--format", "json"]) {
                watch.take($0)
            }
            try await attacker.findFeed()
            for attack in attacks { try await attack.prepare(attacker) }
            _ = try await tail.lines(10)

            let start = steadyClock()
            try await Task.sleep(for: phase)
            let attack = steadyClock()
            try attacker.begin(attacks)
            try await Task.sleep(for: phase)
            let end = steadyClock()
            let cut = try await revoke(spy, load, &row)
            attacker.end()
            let memory = peakMemory(load.hub.process?.number)
            let beat = beats.latest
            for attack in attacks { try await attack.review(attacker, &row) }
            row.times = 1
            try await load.settle(&row)
            try await tail.kill()
            let figures = Figures(
                quiet: watch.ages(of: start..<attack), attacked: watch.ages(of: attack..<end), cut: cut,
                beat: beat, memory: memory)
            judge(figures, &row, isTimed: trial.isTimed)
            note(attacker, &row)
        }
        return row
    }

    /// While the attack goes on.
    /// - Returns: how long after the command began the spy was served last.
    private static func revoke(_ spy: TestAnalyst, _ load: Load, _ row: inout Row) async throws -> Duration {
        let feed = try await load.hub.status().feeds.first { $0.identities.contains(spy.name) }
        let keys = try Hostile(load.hub).security(of: spy.name, in: spy.directory)
        let ears = try Eavesdropper(load.hub, feed: feed?.port ?? 0, keys)
        defer { ears.end() }
        let isServed = try await until(patience) { ears.heard.feed != nil && ears.heard.control != nil }
        if !isServed { row.problems.append("before it is revoked, the spy is not served: \(ears.heard)") }
        let began = steadyClock()
        try await load.hub.run("revoke", [spy.name]).expect(0, "revoke")
        try await Task.sleep(for: look)
        let heard = ears.heard
        return max(heard.feed ?? began, heard.control ?? began) - began
    }

    private static func judge(_ figures: Figures, _ row: inout Row, isTimed: Bool) {
        let quiet = p99(figures.quiet)
        let attacked = p99(figures.attacked)
        let most = max(noise, mostSlower * (quiet ?? 0))
        row.notes.append(
            "p99 from draft to line: \(milliseconds(quiet)) quiet, \(milliseconds(attacked)) attacked, of "
                + "\(milliseconds(most)); \(figures.quiet.count) and \(figures.attacked.count) alerts")
        if isTimed, (attacked ?? .infinity) > most { row.problems.append("the honest wait") }
        if figures.attacked.isEmpty { row.problems.append("nothing of the honest is printed") }

        let bound = hubMemoryBound()
        row.notes.append("the hub's memory: \(figures.memory / 1_024) MiB at the most, of \(bound / 1_024)")
        if figures.memory == 0 || figures.memory > bound {
            row.problems.append("the hub's memory is above its service's bound")
        }

        row.notes.append(
            "its sign of life: \(milliseconds(figures.beat / .milliseconds(1))) late at the most; the revoked spy "
                + "was served for \(milliseconds(figures.cut / .milliseconds(1)))")
        if isTimed, figures.beat > latestBeat { row.problems.append("the hub's sign of life is late") }
        if isTimed { row.refusal("a revoked key, in the attack", figures.cut < longestCut, "\(figures.cut)") }
    }

    private static func note(_ attacker: Attacker, _ row: inout Row) {
        let done = attacker.done.sorted { $0.key < $1.key }
        row.notes.append("the enemy: " + done.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        row.problems += attacker.problems
        if done.isEmpty { row.problems.append("the enemy did nothing") }
    }
}
