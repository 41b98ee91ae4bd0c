import AlertPost
import FoundationEssentials
import Glibc
import ProcessHarness
import SQLite
import Wire

/// Clocks that are wrong, by libfaketime: one post an hour ahead, one behind, and the hub's stepping back and forth. No clock
/// decides an order.
enum Clocks {
    static let fault = Fault(name: "clock", run: run)

    private static let hour: Int64 = 3_600
    /// Seconds that the skew may be off by, for the time that a link takes.
    private static let tolerance: Int64 = 5

    private static func run(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        guard let library = library() else {
            row.skipped = "needs libfaketime"
            return row
        }
        try await Load.run { load in
            let clock = load.testbed.directory + "/clock"
            func step(_ seconds: Int64) throws {
                try load.testbed.write("\(seconds < 0 ? "" : "+")\(seconds)", to: clock)
            }
            try step(0)
            let fake: [String: String?] = [
                "LD_PRELOAD": library, "DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
            ]
            load.posts[0].setEnvironment(fake.merging(["FAKETIME": "+\(hour)"]) { $1 })
            load.posts[1].setEnvironment(fake.merging(["FAKETIME": "-\(hour)"]) { $1 })
            try await load.start(
                &trial.random, hubEnvironment: fake.merging(["FAKETIME_TIMESTAMP_FILE": clock]) { $1 })
            try await flagged(load, &row)
            for _ in 0..<trial.times(4) {
                for seconds in [-hour, 0, hour, 0] {
                    try step(seconds)
                    try await trial.sleep(200...600)
                    let before = load.ledger.count
                    let goesOn = try await until(.seconds(10)) { load.ledger.count > before + 20 }
                    if !goesOn {
                        row.problems.append("nothing is stored after the hub's clock stepped")
                    }
                    row.times += 1
                }
            }
            try await expiry(load, library, &row)
            try await load.settle(&row)
            row.outOfOrder += try received(load)
        }
        return row
    }

    /// Debian has it in a directory of its architecture.
    private static func library() -> String? {
        let directories = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return directories.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
    }

    private static func flagged(_ load: Load, _ row: inout Row) async throws {
        for (post, expected, way) in zip2(load.posts, [-hour, hour], ["ahead of", "behind"]) {
            let status = try await post.status()
            let skew = (status.skew ?? 0) / 1_000
            let words = try await post.run(["status"]).output.joined(separator: " ")
            let isSaid = post.process?.account.talk.contains { $0.contains("s \(way) the hub's") } == true
            row.refusal(
                "to take a clock that is an hour \(way) for right",
                abs(skew - expected) <= tolerance && words.contains("\(way) the hub's") && isSaid,
                "\(skew) s, \(words)")
        }
    }

    private static func zip2(
        _ posts: [TestPost], _ seconds: [Int64], _ ways: [String]
    ) -> [(TestPost, Int64, String)] {
        zip(posts, zip(seconds, ways)).map { ($0, $1.0, $1.1) }
    }

    /// What is past its time is what the hub's clock says: movements a month and a day after they have
    /// expired, and not before.
    private static func expiry(_ load: Load, _ library: String, _ row: inout Row) async throws {
        struct Share: Decodable {
            var name: String
            var alerts: Int
        }
        func due(_ days: Int) async throws -> [Share] {
            let account = try await load.testbed.run(
                .hub, ["purge", "--dry-run", "--format", "json", "--config", load.hub.settings],
                environment: ["LD_PRELOAD": library, "DONT_FAKE_MONOTONIC": "1", "FAKETIME": "+\(days)d"])
            try account.expect(0, "purge --dry-run")
            return try account.output.map { try JSONDecoder().decode(Share.self, from: Data($0.utf8)) }
        }
        let atFirst = try Stored.all(load.hub.database)
        let (early, late) = (try await due(31), try await due(33))
        let movements = try Stored.all(load.hub.database)
        // Sightings are kept for as long as movements.
        func count(_ stored: [Stored]) -> Int { stored.count { $0.kind != "suspect" } }
        if early.contains(where: { $0.alerts > 0 }) {
            row.problems.append("past its time a day early: \(early)")
        }
        // The load goes on meanwhile.
        let isRight = late.contains { (count(atFirst)...count(movements)).contains($0.alerts) }
        if !isRight {
            row.problems.append("past their time: \(late), and there are \(count(movements)) movements")
        }
    }

    /// How often the hub's time of receiving goes back from one offset to the next.
    private static func received(_ load: Load) throws -> Int {
        let connection = try Connection(path: load.hub.database, mode: .read, busyTimeout: .seconds(5))
        defer { try? connection.close() }
        let rows = try connection.statement("SELECT received FROM alerts ORDER BY offset")
        var (before, count): (Int64, Int) = (.min, 0)
        while try rows.step() {
            if rows.integer(0) < before { count += 1 }
            before = rows.integer(0)
        }
        return count
    }
}
