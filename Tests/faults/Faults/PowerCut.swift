import ProcessHarness
import Seeded

/// The power goes at a random moment: what the disk holds then is what was flushed to it.
///
/// A virtual machine shows what the programs asked the kernel to flush; whether a real disk keeps what it says it has
/// flushed, it can't show.
enum PowerCut {
    static let all = [
        Fault(name: "power-cut-hub", needsPrivacy: true, run: hub),
        Fault(name: "power-cut-post", needsPrivacy: true, run: post),
    ]

    private static let times = 30
    private static let pause = 100...700

    private static func hub(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        var volumes: [Volume] = []
        try await Load.run(prepare: { testbed, hub, _ in
            volumes.append(try await Volume.ext4(testbed, on: hub.state))
        }) { load in
            try await load.start(&trial.random)
            let settings = try load.hub.settingsElsewhere(state: load.testbed.directory + "/cut")
            for _ in 0..<trial.times(times) {
                try await trial.sleep(pause)
                let told = load.ledger.account.offsets
                guard let hub = load.hub.process else { break }
                let cut = try await volumes[0].cut("cut", stopping: [hub])
                // The log grows by the moments that are tried, and not by how long a slow machine judges them: each judging takes
                // longer the more there is, and the file system would be full in the end.
                load.pause(true)
                try await judge(cut, settings, told, &row)
                try await cut.remove()
                load.pause(false)
                row.times += 1
            }
            row.notes.append(try await volumes[0].use())
            try await load.settle(&row)
        }
        return row
    }

    private static func judge(
        _ cut: Volume, _ settings: String, _ told: [String: UInt64], _ row: inout Row
    ) async throws {
        let verified = try await cut.testbed.run(.hub, ["verify", "--config", settings])
        if verified.status != 0 { row.problems.append("verify after a cut: \(verified.output.suffix(3))") }
        let hub = try await cut.testbed.start(.hub, ["run", "--config", settings])
        do {
            try await hub.wait(for: "ready") { account in
                account.talk.contains { $0.contains(": ready") } ? () : nil
            }
        } catch {
            row.problems.append("no hub starts after a cut: \(error)")
        }
        try await hub.kill()
        let stored = try Stored.all(cut.directory + "/alerts.db")
        let offsets = Dictionary(stored.map { ($0.id, $0.offset) }) { first, _ in first }
        row.lost += told.count { offsets[$0.key] != $0.value }
        row.duplicated += stored.count - offsets.count
    }

    /// The same for an outbox: what `publish` said was queued is there.
    private static func post(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        var volumes: [Volume] = []
        try await Load.run(prepare: { testbed, _, posts in
            volumes.append(try await Volume.ext4(testbed, on: posts[0].state))
        }) { load in
            try await load.start(&trial.random, rate: trial.rate)
            let queued = Ledger()
            // Beside the load's own: one that reports what is queued.
            let publish = try await load.posts[0].publishing(["--format", "json"]) { queued.takeQueued($0) }
            let feeding = try Writing(
                Drafts(province: "koh-kong", other: "prey-veng", random: trial.random.split()),
                rate: trial.rate
            ) { publish }
            defer { feeding.end() }
            for _ in 0..<trial.times(times) {
                try await trial.sleep(pause)
                let before = queued.account.offsets
                let writers = [load.posts[0].process, load.feeders[0].running, publish].compactMap(\.self)
                let cut = try await volumes[0].cut("cut", stopping: writers)
                load.pause(true)
                feeding.pause(true)
                let kept = Set(try Kept.all(cut.directory + "/outbox.db").map(\.id))
                row.lost += before.count { !kept.contains($0.key) }
                try await cut.remove()
                load.pause(false)
                feeding.pause(false)
                row.times += 1
            }
            feeding.end()
            publish.closeInput()
            _ = try await publish.ended()
            row.notes.append("\(queued.count) reported as queued")
            try await load.settle(&row)
        }
        return row
    }
}
