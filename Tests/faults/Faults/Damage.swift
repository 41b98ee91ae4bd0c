import FoundationEssentials
import Glibc
import ProcessHarness
import Seeded

/// The hub's files damaged, cut or gone: no silent repair, no guess. What the hub can't see by itself, because a file that
/// was cut looks like one from earlier, its posts and its readers have to see.
enum Damage {
    static let all = [
        Fault(name: "damaged-page", run: page),
        Fault(name: "wal-cut", run: writeAheadLog),
        Fault(name: "registry-cut", run: registry),
    ]

    // MARK: A page of the database

    private static func page(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random)
            for round in 0..<trial.times(4) {
                try await trial.sleep(400...1_200)
                let copy = load.testbed.directory + "/backup-\(round)"
                try await load.hub.run("backup", [copy]).expect(0, "backup")
                try await trial.sleep(200...600)
                // Stopped, so that the whole log is in one file.
                try await load.hub.stop()
                let whole = try Stored.all(load.hub.database)
                let place = try await spoil(load, &trial.random)
                try await judge(load, whole, place, &row)
                try await load.restore(copy)
                row.times += 1
            }
            try await load.settleAfterRestore(&row)
        }
        return row
    }

    /// Random bytes in the place of a page.
    /// - Returns: whose page it was.
    private static func spoil(_ load: Load, _ random: inout SeededRandom) async throws -> String {
        let list = try await load.testbed.shell(
            "sqlite3 -readonly '\(load.hub.database)' 'SELECT pageno, name FROM dbstat WHERE pageno > 1'")
        try list.expect(0, "list the pages")
        guard let line = list.output.randomElement(using: &random) else { return "none" }
        let words = line.split(separator: "|")
        let page = words.first.flatMap { Int($0) } ?? 2
        try await load.testbed.shell(
            """
            size=$(sqlite3 -readonly '\(load.hub.database)' 'PRAGMA page_size')
            head -c $size /dev/urandom |
                dd of='\(load.hub.database)' bs=$size seek=\(page - 1) conv=notrunc status=none
            """
        ).expect(0, "spoil a page")
        return "page \(page), of \(words.last ?? "")"
    }

    /// `verify` names it; a hub that starts nevertheless gives nobody anything else than what was there.
    private static func judge(_ load: Load, _ whole: [Stored], _ place: String, _ row: inout Row) async throws
    {
        let verified = try await load.hub.run("verify")
        row.refusal("verify of a database with a damaged \(place)", verified.status != 0, "\(verified)")
        do { try await load.hub.start() } catch {
            let account = load.hub.process?.account
            let words = account?.talk.joined(separator: " ") ?? ""
            let isClear = account?.ending != nil && words.contains(load.hub.database)
            row.refusal("a start with a damaged \(place)", isClear, words)
            return
        }
        let read = try await load.desks[0].analyst.tail(["--since", "0", "--no-follow", "--format", "json"])
        // It ends, or it says that the hub can't answer, and tries again.
        _ = try await until(.seconds(10)) { read.account.ending != nil || read.account.talk.count > 1 }
        let account = read.account
        if account.ending == nil { try await read.kill() }
        let ids = Dictionary(whole.map { ($0.offset, $0.id) }) { first, _ in first }
        let printed = Printed(Data((account.output.joined(separator: "\n")).utf8), .json)
        let wrong = zip(printed.offsets, printed.ids).count { (ids[$0] ?? $1) != $1 } + printed.torn.count
        row.refusal("a reader of a damaged \(place)", wrong == 0, "\(wrong) alerts are others than before")
        if account.status == 0, printed.offsets.count < whole.count {
            row.problems.append(
                "\(place): a reader got \(printed.offsets.count) of \(whole.count) without an error")
        }
        if account.status != 0 {
            if account.talk.isEmpty { row.problems.append("\(place): a reader fails without a word") }
            // It goes on and says what it can't read, or has ended at a commit that met the page.
            let words = load.hub.process?.account.talk.joined(separator: " ") ?? ""
            let isSaid = words.contains("can't be read") || words.contains("restore a backup")
            if !isSaid || !words.contains(load.hub.database) {
                row.problems.append("\(place): a reader fails, and the hub does not say why: \(words)")
            }
        }
        // However it ends: it may have stopped by itself.
        if load.hub.process?.account.ending == nil { try await load.hub.kill() }
    }

    // MARK: The write-ahead log

    private static func writeAheadLog(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        var losses = 0
        var broken = 0
        try await Load.run { load in
            try await load.start(&trial.random)
            for round in 0..<trial.times(6) {
                try await trial.sleep(400...1_200)
                let before = load.testbed.directory + "/before-\(round)"
                try await load.hub.run("backup", [before]).expect(0, "backup")
                try await load.hub.kill()
                let log = load.hub.database + "-wal"
                var facts = stat()
                guard stat(log, &facts) == 0 else { continue }
                let length = Int.random(in: 0...Int(facts.st_size), using: &trial.random)
                try await load.testbed.shell("truncate -s \(length) '\(log)'").expect(0, "cut")
                row.times += 1
                let heard = load.posts.map { $0.process?.account.talk.count ?? 0 }
                do { try await load.hub.start() } catch {
                    // What was cut off had been copied in part: the hub must say so, and its way out must be one.
                    let words = load.hub.process?.account.talk.joined(separator: " ") ?? ""
                    row.refusal("a log that is broken", words.contains("restore a backup"), words)
                    try await load.restore(before)
                    let isBack = try await until(Load.settling) { try load.gone().allSatisfy(\.isEmpty) }
                    if !isBack { row.problems.append("the posts have not sent again what the backup lacks") }
                    broken += 1
                    continue
                }
                let gone = try load.gone()
                losses += gone.map(\.count).reduce(0, +)
                for (index, missing) in gone.enumerated() where !missing.isEmpty {
                    let post = load.posts[index]
                    // A log that was cut off whole, with its name, begins anew under another: the posts send again by themselves.
                    let words = ["(hub-behind)", "(fork)", "stored alerts are sent again"]
                    let isSeen = try await until(.seconds(20)) {
                        post.process?.account.talk.dropFirst(heard[index]).contains { line in
                            words.contains { line.contains($0) }
                        } == true
                    }
                    row.refusal(
                        "a hub that has lost \(missing.count) stored alerts of \(post.name)", isSeen,
                        "\(post.process?.account.talk.suffix(2) ?? [])")
                }
                guard gone.contains(where: { !$0.isEmpty }) else { continue }
                // The way out: what is left is put back under another name, and the posts send the rest again.
                try await load.hub.stop()
                let copy = load.testbed.directory + "/left-\(round)"
                try await load.hub.run("backup", [copy]).expect(0, "backup")
                try await load.restore(copy)
                let isBack = try await until(.seconds(30)) { try load.gone().allSatisfy(\.isEmpty) }
                if !isBack { row.problems.append("the posts have not sent again what the hub had lost") }
            }
            row.notes.append(
                "\(losses) stored alerts were cut off, each seen by its post and sent again; \(broken) logs were broken"
            )
            try await load.settleAfterRestore(&row)
        }
        return row
    }

    // MARK: The registry

    private static func registry(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random, rate: trial.rate)
            let file = load.hub.directory + "/registry.toml"
            let elsewhere = load.testbed.directory + "/elsewhere"
            try await load.testbed.shell("mkdir -m 0700 '\(elsewhere)'; cp -p '\(file)' '\(file).whole'")
                .expect(0, "copy")
            let settings = try load.hub.settingsElsewhere(state: elsewhere)
            let size = FileManager.default.contents(atPath: file)?.count ?? 2
            for _ in 0..<trial.times(20) {
                let heard = load.hub.process?.account.talk.count ?? 0
                let length = Int.random(in: 0..<size - 1, using: &trial.random)
                // In place, as a disk would: not by renaming.
                try await load.testbed.shell("head -c \(length) '\(file).whole' >'\(file)'").expect(0, "cut")
                let isRefused = try await until(Load.settling) {
                    load.hub.process?.account.talk.dropFirst(heard).contains {
                        $0.contains("the registry stays as it was") && $0.contains(file)
                    } == true
                }
                row.refusal("a registry of \(length) bytes, while the hub runs", isRefused)
                // An empty file is how a registry begins; it lets nobody in.
                if length > 0 {
                    let start = try await load.testbed.run(.hub, ["check", "--config", settings])
                    row.refusal(
                        "a registry of \(length) bytes, at a start", start.status != 0, "\(start.output)")
                }
                try await load.testbed.shell("cp -p '\(file).whole' '\(file)'").expect(0, "put back")
                row.times += 1
            }
            try await load.settle(&row)
        }
        return row
    }
}

extension Load {
    /// For each post the alerts that its outbox has as stored, and that are not in the log.
    func gone() throws -> [[String]] {
        // The outboxes first: what is stored meanwhile is in the log by then.
        let kept = try posts.map { try Kept.all($0.outbox).filter { $0.state == 1 }.map(\.id) }
        let stored = Set(try Stored.all(hub.database).map(\.id))
        return kept.map { $0.filter { !stored.contains($0) } }
    }

    /// What an operator does with a log that is damaged: it goes away, and a copy takes its place.
    func restore(_ copy: String) async throws {
        try await testbed.shell("rm -f '\(hub.database)' '\(hub.database)'-wal '\(hub.database)'-shm").expect(
            0, "remove")
        try await hub.run("restore", [copy]).expect(0, "restore")
        try await hub.start()
    }

    /// As ``settle(_:)``, where the hub was restored from a copy: the log has another name and other offsets, readers with a
    /// cursor have ended, and every alert that was ever told to be stored is there once.
    func settleAfterRestore(_ row: inout Row) async throws {
        for feeder in feeders { feeder.stopFeeding() }
        for feeder in feeders { try await feeder.finish() }
        let isSent = try await until(Load.settling) { try Check(self).isOutboxEmpty() }
        if !isSent { row.problems.append("alerts still wait at the posts") }
        let stored = try Stored.all(hub.database)
        let ids = Set(stored.map(\.id))
        let account = ledger.account
        row.stored += account.offsets.count
        row.problems += account.problems.prefix(5)
        row.lost += account.offsets.keys.count { !ids.contains($0) } + (try gone().map(\.count).reduce(0, +))
        row.duplicated += stored.count - ids.count
        for desk in desks {
            let account = desk.running?.account
            row.refusal(
                "a log of another name, by \(desk.audience.name)",
                account?.ending != nil && account?.status != 0,
                "\(account?.talk.suffix(3) ?? [])")
        }
        try await hub.run("verify").expect(0, "verify")
        for post in posts { try await post.stop() }
        try await hub.stop()
    }
}
