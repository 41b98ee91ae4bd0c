import Glibc
import ProcessHarness

/// SIGKILL at random moments under load.
enum Kills {
    static let all = [
        Fault(name: "kill-hub") { trial in
            try await Kills.row(trial, 50, pause: 100...500) { load, _ in
                try await load.hub.kill()
                try await load.hub.start()
            }
        },
        Fault(name: "kill-post") { trial in
            try await Kills.row(trial, 50, pause: 100...400) { load, choice in
                let post = load.posts[choice % load.posts.count]
                try await post.kill()
                try await post.start()
            }
        },
        Fault(name: "kill-publish") { trial in
            try await Kills.row(trial, 50, pause: 50...300) { load, choice in
                try await load.feeders[choice % load.feeders.count].kill()
            }
        },
        Fault(name: "kill-analyst") { trial in
            try await Kills.row(trial, 50, pause: 50...300) { load, choice in
                try await load.desks[choice % load.desks.count].kill()
            }
        },
        Fault(name: "kill-backlog") { trial in try await Kills.backlog(trial) },
        Fault(name: "kill-all") { trial in
            try await Kills.row(trial, 10, pause: 300...1_000) { load, _ in try await Kills.everything(load) }
        },
    ]

    private static func row(
        _ trial: Trial, _ times: Int, pause: ClosedRange<Int>,
        kill: (Load, _ choice: Int) async throws -> Void
    ) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random, rate: trial.rate, closes: true)
            for _ in 0..<trial.times(times) {
                try await trial.sleep(pause)
                try await kill(load, Int.random(in: 0..<1_000, using: &trial.random))
                row.times += 1
            }
            try await load.settle(&row)
        }
        return row
    }

    /// An analyst that is killed while it prints a backlog: large outputs in close order, where a kill falls into one.
    private static func backlog(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random, rate: 2_000)
            for desk in load.desks { try await desk.kill(andStart: false) }
            try await Task.sleep(for: .seconds(5) * min(1, trial.scale * 2))
            for feeder in load.feeders { feeder.stopFeeding() }
            for index in 0..<trial.times(60) {
                let desk = load.desks[index % load.desks.count]
                let before = desk.size
                try await desk.start()
                // Not before it prints, which is after it has found the hub.
                _ = try await until(.seconds(5)) { desk.size > before }
                try await trial.sleep(0...10)
                try await desk.kill(andStart: false)
                row.times += 1
            }
            for desk in load.desks { try await desk.start() }
            try await load.settle(&row)
        }
        return row
    }

    /// All at the same moment, and all again.
    private static func everything(_ load: Load) async throws {
        let running =
            [load.hub.process] + load.posts.map(\.process) + load.feeders.map(\.running)
            + load.desks.map(\.running)
        for process in running { process?.signal(SIGKILL) }
        for process in running { _ = try await process?.ended() }
        try await load.hub.start()
        for post in load.posts { try await post.start() }
        for feeder in load.feeders { try await feeder.startPublish() }
        for desk in load.desks { try await desk.start() }
    }
}
