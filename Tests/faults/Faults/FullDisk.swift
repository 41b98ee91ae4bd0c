import ProcessHarness

/// No room on the disk, and room again.
enum FullDisk {
    static let all = [
        Fault(name: "disk-full-hub", needsPrivacy: true, run: hub),
        Fault(name: "disk-full-post", needsPrivacy: true, run: post),
    ]

    /// Of a file system of 32 MiB, which the default would not let anyone start on.
    private static let reserve = "1MiB"

    private static func hub(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        var volumes: [Volume] = []
        try await Load.run(
            hubExtra: "[limits]\nreserve = \"\(reserve)\"",
            prepare: { testbed, hub, _ in
                volumes.append(try await Volume.tmpfs(testbed, on: hub.state, megabytes: 32))
            }
        ) { load in
            try await load.start(&trial.random)
            for _ in 0..<trial.times(3) {
                try await trial.sleep(300...900)
                try await volumes[0].fill()
                let isRefused = try await until(.seconds(10)) {
                    load.hub.process?.account.talk.contains { $0.contains("can't grow") } == true
                }
                row.refusal(
                    "an alert for which the disk has no room", isRefused,
                    "\(load.hub.process?.account.talk.suffix(2) ?? [])")
                try await read(load, &row)
                try await volumes[0].free()
                try await recovers(load, &row)
                row.times += 1
            }
            try await volumes[0].fill()
            try await load.hub.kill()
            let refused = try await load.hub.run("run")
            row.refusal(
                "a hub's start on a full disk",
                refused.status == 75
                    && refused.talk.contains { $0.contains("limits.reserve keeps \(reserve)") },
                "\(refused)")
            try await volumes[0].free()
            try await load.hub.start()
            try await load.settle(&row)
        }
        return row
    }

    /// Reading, replay and status go on while nothing can be stored.
    private static func read(_ load: Load, _ row: inout Row) async throws {
        let stored = try Stored.all(load.hub.database).count
        let reader = load.desks[0].analyst
        let account = try await reader.run("tail", ["--no-follow", "--format", "json"])
        if account.status != 0 || account.output.count < stored {
            row.problems.append(
                "on a full disk a replay gives \(account.output.count) of \(stored): \(account.talk)")
        }
        let status = try await load.hub.run("status")
        if status.status != 0 { row.problems.append("on a full disk there is no status: \(status.talk)") }
    }

    private static func recovers(_ load: Load, _ row: inout Row) async throws {
        let before = load.ledger.count
        let isBack = try await until(.seconds(20)) { load.ledger.count > before + 100 }
        if !isBack {
            row.problems.append(
                "not back after room was made: \(load.hub.process?.account.talk.suffix(3) ?? []) "
                    + "\(load.posts[0].process?.account.talk.suffix(3) ?? [])")
        }
    }

    private static func post(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        var volumes: [Volume] = []
        try await Load.run(prepare: { testbed, _, posts in
            try await testbed.shell(
                "printf '\\n[outbox]\\nreserve = \"\(reserve)\"\\n' >>'\(posts[0].settings)'"
            )
            .expect(0, "set a reserve")
            volumes.append(try await Volume.tmpfs(testbed, on: posts[0].state, megabytes: 32))
        }) { load in
            try await load.start(&trial.random)
            for _ in 0..<trial.times(3) {
                try await trial.sleep(300...900)
                try await volumes[0].fill()
                // The one that the load feeds ends too, and says so.
                if let running = load.feeders[0].running {
                    let isOver = try await until(.seconds(10)) { running.account.ending != nil }
                    let words = running.account.talk.joined(separator: " ")
                    row.refusal(
                        "publish on a full disk",
                        isOver && running.account.status != 0 && words.contains("disk"),
                        "\(running.account.ending.map { "\($0)" } ?? "runs"): \(words)")
                }
                try await volumes[0].free()
                if load.posts[0].process?.account.ending != nil {
                    row.problems.append(
                        "the daemon has ended: \(load.posts[0].process?.account.talk.suffix(3) ?? [])")
                    try await load.posts[0].start()
                }
                try await load.feeders[0].startPublish()
                try await recovers(load, &row)
                row.times += 1
            }
            try await load.feeders[0].running?.kill()
            try await volumes[0].fill()
            try await load.posts[0].kill()
            let refused = try await load.posts[0].run(["run"])
            row.refusal(
                "a post's start on a full disk",
                refused.status == 75
                    && refused.talk.contains { $0.contains("outbox.reserve keeps \(reserve)") },
                "\(refused)")
            try await volumes[0].free()
            try await load.posts[0].start()
            try await load.feeders[0].startPublish()
            try await load.settle(&row)
        }
        return row
    }
}
