import ProcessHarness
import SQLite

/// Compares what was told to be stored with what the hub has and with what each analyst printed.
struct Check {
    /// Of a kind, shown.
    private static let shown = 5

    let load: Load
    private(set) var stored: [Stored] = []

    init(_ load: Load) {
        self.load = load
    }

    func isOutboxEmpty() throws -> Bool {
        try load.posts.allSatisfy { try Kept.all($0.outbox).allSatisfy { $0.state != 0 } }
    }

    mutating func readLog() throws { stored = try load.stored() }

    /// Whether every desk has as many as it should get.
    func isPrinted() -> Bool {
        load.desks.allSatisfy { $0.printed().offsets.count >= stored.count(where: $0.audience.wants) }
    }

    func count(_ row: inout Row) throws {
        let account = load.ledger.account
        row.stored += account.offsets.count
        row.problems += account.problems.prefix(Check.shown)
        try countStored(account, &row)
        for desk in load.desks { countPrinted(desk, &row) }
    }

    // MARK: Post to hub

    private func countStored(_ account: Ledger.Account, _ row: inout Row) throws {
        var offsets: [String: UInt64] = [:]
        for alert in stored {
            if let other = offsets.updateValue(alert.offset, forKey: alert.id) {
                row.duplicated += 1
                row.problems.append("\(alert.id) is stored at \(other) and at \(alert.offset)")
            }
        }
        var missing = account.offsets.filter { offsets[$0.key] != $0.value }.map(\.key)
        for post in load.posts {
            for kept in try Kept.all(post.outbox) where kept.state != 2 && account.offsets[kept.id] == nil {
                if offsets[kept.id] == nil || (kept.state == 1 && offsets[kept.id] != kept.offset) {
                    missing.append(kept.id)
                }
            }
        }
        row.lost += missing.count
        for id in missing.prefix(Check.shown) { row.problems.append("lost between post and hub: \(id)") }
        countOrder(&row)
    }

    /// The log is dense, and so is each post's part of it, in the order in which the post queued.
    private func countOrder(_ row: inout Row) {
        if !zip(stored, 1...).allSatisfy({ $0.offset == $1 }) {
            row.problems.append("the log's offsets are not 1, 2, 3 ...")
        }
        for (key, alerts) in Dictionary(grouping: stored, by: { "\($0.post)/\($0.epoch)" }) {
            let wrong = zip(alerts, 1...).count { $0.sequence != $1 }
            row.outOfOrder += wrong
            if wrong > 0 { row.problems.append("\(key): \(wrong) sequences are not where they should be") }
        }
    }

    // MARK: Hub to analyst

    private func countPrinted(_ desk: TailProcess, _ row: inout Row) {
        let printed = desk.printed()
        let wanted = stored.filter(desk.audience.wants).map(\.offset)
        let seen = Set(printed.offsets)
        let missing = wanted.filter { !seen.contains($0) }
        let strays = seen.subtracting(wanted)
        let name = desk.audience.name
        row.lost += missing.count
        row.duplicated += printed.offsets.count - seen.count
        row.outOfOrder += zip(printed.offsets, printed.offsets.dropFirst()).count { $0 > $1 }
        if !missing.isEmpty, let account = desk.running?.account {
            row.problems.append(
                "\(name) \(account.ending.map { "\($0)" } ?? "runs"), and said last: \(account.talk.suffix(6))"
            )
        }
        if !missing.isEmpty { row.problems.append("\(name) did not print \(missing.prefix(Check.shown))") }
        if printed.offsets.count > seen.count {
            let twice = zip(printed.offsets.sorted(), printed.offsets.sorted().dropFirst()).filter(==).map(
                \.0)
            row.problems.append("\(name) printed twice: \(twice.prefix(Check.shown))")
        }
        if !strays.isEmpty {
            row.problems.append("\(name) printed what is not its own: \(strays.prefix(Check.shown))")
        }
        for line in printed.torn.prefix(2) {
            row.problems.append("\(name) printed a torn line: \(line.prefix(200))")
        }
    }
}
