import Seeded
import AlertPost
import Glibc
import Platform
import ProcessHarness
import Wire

/// A post's outbox lost, put back from an older copy, or copied to a second machine: none of it silently.
enum Outboxes {
    static let all = [
        Fault(name: "outbox-lost", run: lost),
        Fault(name: "outbox-old", run: old),
        Fault(name: "two-machines", run: twoMachines),
    ]

    // MARK: Lost

    private static func lost(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random)
            for _ in 0..<trial.times(6) {
                try await trial.sleep(300...900)
                let choice = Int.random(in: 0..<load.posts.count, using: &trial.random)
                let (post, feeder) = (load.posts[choice], load.feeders[choice])
                try await feeder.running?.kill()
                try await post.kill()
                try await load.testbed.shell("rm '\(post.outbox)'*").expect(0, "lose the outbox")
                try await post.start()
                try await feeder.startPublish()
                row.times += 1
            }
            try await load.settle(&row)
            let talk = load.hub.process?.account.talk ?? []
            if !talk.contains(where: { $0.contains("begins a new epoch") }) {
                row.problems.append("the hub does not say that a post begins anew: \(talk.suffix(3))")
            }
        }
        return row
    }

    // MARK: From an older copy

    private static func old(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random, rate: trial.rate)
            for _ in 0..<trial.times(6) {
                try await putBack(load, &trial, &row)
                row.times += 1
            }
            try await load.settle(&row)
        }
        return row
    }

    private static func putBack(_ load: Load, _ trial: inout Trial, _ row: inout Row) async throws {
        let choice = Int.random(in: 0..<load.posts.count, using: &trial.random)
        let (post, feeder) = (load.posts[choice], load.feeders[choice])
        try await quiet(post, feeder, &row)
        try await load.testbed.shell(
            "rm -rf '\(post.directory)/copy'; cp -a '\(post.state)' '\(post.directory)/copy'"
        )
        .expect(0, "copy an outbox")
        try await post.start()
        let before = try Kept.all(post.outbox).count
        try await feeder.startPublish()
        try await trial.sleep(300...1_000)
        // Without an alert that it lacks the copy would not be an old one.
        let isOld = try await until(Load.settling) { try Kept.all(post.outbox).count > before }
        if !isOld { row.problems.append("\(post.name): nothing was published after the copy") }
        try await quiet(post, feeder, &row)
        try await load.testbed.shell("rm -r '\(post.state)'; cp -a '\(post.directory)/copy' '\(post.state)'")
            .expect(0, "put an outbox back")

        // Fewer than were lost: the outbox is behind. More: its numbers go beyond the hub's, and are other alerts'.
        var drafts = Drafts(
            province: post.name, other: load.posts[1 - choice].name, random: trial.random.split())
        let count = Int.random(in: 1...200, using: &trial.random)
        let published = try await post.publish((0..<count).map { _ in drafts.next() }, ["--format", "json"])
        try published.expect(0, "publish")
        let new = Ledger()
        for line in published.output { new.takeQueued(line) }
        try await post.start()
        let isRefused = try await until(Load.settling) {
            post.process?.account.talk.contains {
                $0.contains("(outbox-behind)") || $0.contains("(conflict)")
            } == true
        }
        row.refusal(
            "an outbox from an older copy", isRefused, "\(post.process?.account.talk.suffix(2) ?? [])")
        let falsely = try load.gone()[choice].count
        row.lost += falsely
        if falsely > 0 {
            row.problems.append("\(falsely) alerts were said to be stored, and are not in the log")
        }
        try await post.run(["new-epoch", "--yes"]).expect(0, "new-epoch")
        let isStored = try await until(Load.settling) {
            let stored = Set(try Stored.all(load.hub.database).map(\.id))
            return new.account.offsets.keys.allSatisfy(stored.contains)
        }
        if !isStored { row.problems.append("after new-epoch the waiting alerts do not come") }
        try await feeder.startPublish()
    }

    /// Nothing publishes, nothing waits, and the daemon is stopped.
    private static func quiet(_ post: TestPost, _ feeder: Feeder, _ row: inout Row) async throws {
        try await feeder.running?.kill()
        let isAnswered = try await until(Load.settling) {
            try Kept.all(post.outbox).allSatisfy { $0.state != 0 }
        }
        // What still waits would be sent again under a new epoch: another fault than the one tried here.
        if !isAnswered { row.problems.append("\(post.name): the hub has not answered all alerts") }
        try await post.stop()
    }

    // MARK: Two machines

    /// After a power cut the hub notices that a connection is gone within 15 s, and the post tries every 2 s.
    private static let longestLockout = Duration.seconds(20)

    private static func twoMachines(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random)
            let (post, feeder) = (load.posts[0], load.feeders[0])
            for round in 0..<trial.times(3) {
                try await trial.sleep(300...900)
                let directory = "\(load.testbed.directory)/twin-\(round)"
                // A copy of a database in use: checked by SQLite, which is what a copied disk image would be.
                try await load.testbed.shell(
                    """
                    cp -a '\(post.directory)' '\(directory)'; rm '\(directory)'/state/outbox.db*
                    sqlite3 '\(post.outbox)' ".backup '\(directory)/state/outbox.db'"
                    """
                ).expect(0, "copy a machine")
                let twin = ["--config", directory + "/post.toml"]
                let daemon = try await load.testbed.start(.post, ["run"] + twin)
                let isRefused = try await until(.seconds(10)) {
                    daemon.account.talk.contains { $0.contains("(in-use)") && $0.contains("another machine") }
                }
                row.refusal("a second machine", isRefused, "\(daemon.account.talk)")
                try await daemon.kill()
                row.times += 1
            }
            let links = try await load.hub.status().links
            row.refusal(
                "a second machine, in the hub's log and status",
                load.hub.process?.account.talk.contains { $0.contains("refused a second machine") } == true
                    && links.contains {
                        $0.identity == post.name && $0.secondMachine != nil
                    })
            try await restarts(load, &trial, &row)
            try await takeOver(load, post, feeder, &row)
            try await load.settle(&row)
        }
        return row
    }

    /// A process that was killed and started again is not taken for a second machine.
    private static func restarts(_ load: Load, _ trial: inout Trial, _ row: inout Row) async throws {
        var longest = Duration.zero
        for _ in 0..<trial.times(5) {
            try await load.posts[1].kill()
            let began = steadyClock()
            try await load.posts[1].start()
            let isUp = try await until(.seconds(20)) { try await load.posts[1].status().link == "up" }
            if !isUp { row.problems.append("a post that was started again is not let in") }
            longest = max(longest, steadyClock() - began)
        }
        row.notes.append(
            "a post that is killed and started again is up after \(seconds(longest)) at the most")
        if longest > .seconds(5) { row.problems.append("a restart takes \(seconds(longest))") }
    }

    /// The first machine falls silent without its connections ending, as with a power cut: the second one takes its place,
    /// and the first, back again, is the one that is refused.
    private static func takeOver(
        _ load: Load, _ post: TestPost, _ feeder: Feeder, _ row: inout Row
    ) async throws {
        try await feeder.running?.kill()
        _ = try await until(.seconds(20)) { try Kept.all(post.outbox).allSatisfy { $0.state != 0 } }
        let directory = load.testbed.directory + "/spare"
        try await load.testbed.shell("cp -a '\(post.directory)' '\(directory)'; rm '\(directory)'/state/*")
            .expect(0, "copy")
        let spare = try await load.testbed.start(.post, ["run", "--config", directory + "/post.toml"])
        _ = try await until(.seconds(10)) { spare.account.talk.contains { $0.contains("(in-use)") } }
        post.process?.signal(SIGSTOP)
        let began = steadyClock()
        let isUp = try await until(.seconds(40)) {
            let status = try await load.testbed.run(
                .post, ["status", "--format", "json", "--config", directory + "/post.toml"])
            return status.output.first?.contains("\"link\":\"up\"") == true
        }
        let took = steadyClock() - began
        row.notes.append("in the place of one whose power was cut another is up after \(seconds(took))")
        if !isUp || took > longestLockout {
            row.problems.append("the second is not let in: \(spare.account.talk)")
        }
        post.process?.signal(SIGCONT)
        let isRefused = try await until(.seconds(20)) {
            post.process?.account.talk.contains { $0.contains("(in-use)") } == true
        }
        row.refusal(
            "the first machine, back again", isRefused, "\(post.process?.account.talk.suffix(3) ?? [])")
        try await spare.kill()
        // The spare has published nothing: the first goes on where it was.
        try await feeder.startPublish()
    }
}
