import Alerts
import Platform
import ProcessHarness
import Provinces
import Settings
import SQLite

/// The story: identities, a hub, two posts, three analysts, a day of alerts, a hub that dies in the middle of it.
struct Demo {
    /// Between two drafts of a post: slow enough to be watched.
    private static let pace = Duration.milliseconds(150)
    /// How long the hub stays away after it was killed, while the posts go on writing.
    private static let absence = Duration.seconds(2)
    /// After the last alert that should come: time for one that should not.
    private static let aftermath = Duration.milliseconds(1_500)

    private let testbed: Testbed
    private let hub: TestHub
    private let config: String
    private let days: [Day]
    private let hasConsole: Bool

    /// - hasConsole: whether the day's page is opened, and left open.
    init(hasConsole: Bool) throws {
        self.hasConsole = hasConsole
        testbed = try Testbed()
        hub = try testbed.hub(extra: Story.settings)
        config = try BuiltTree.config
        let provinces = try ReferenceData.provinces(overlay: config + "/provinces.toml")
        days = try ["koh-kong", "prey-veng"].map { [config] post in
            try Day(post: post, file: "\(config)/demo/\(post).jsonl", provinces: provinces)
        }
    }

    /// - Returns: whether everything is as it should be.
    func run() async throws -> Bool {
        talk("a hub, two posts and three analysts, all their files in \(testbed.directory)")
        var posts: [TestPost] = []
        for day in days { posts.append(try await testbed.post(day.post, hub, hasDesk: hasConsole)) }
        var analysts: [TestAnalyst] = []
        for audience in Audience.all {
            analysts.append(try await testbed.analyst(audience.name, hub, read: audience.read))
        }
        let bad = try await BadDrafts.tryAll(posts[0], directory: config + "/demo/bad")
        talk("\(bad.count - bad.wrong.count) of \(bad.count) bad drafts refused, each with its own reason")
        for name in bad.wrong { talk("  not refused as it should: \(name)") }

        try await hub.start()
        for post in posts { try await post.start() }
        if hasConsole { try await openConsole(posts[0]) }
        var tails: [Running] = []
        for (audience, analyst) in zip(Audience.all, analysts) {
            let tail = try await analyst.tail(["--since", "0"] + audience.options) { audience.show($0) }
            tails.append(tail)
        }
        let answers = try await publish(posts)
        let wanted = wanted(answers)
        let printed = try await collect(tails, wanted)
        let stored = try storedIDs()
        var story = Story(hub: hub, author: posts[0], other: posts[1])
        let told = try await story.run()
        if !hasConsole { try await hub.stop() }
        let isGood = report(answers, stored: stored, printed: printed, wanted: wanted)
        talk(told ? "the story of an alert went as it should" : "the story did NOT go as it should")
        if hasConsole { await leaveOpen() }
        return isGood && told && bad.wrong.isEmpty
    }

    // MARK: The page

    /// Of a national desk that may read all, and write for a post.
    private func openConsole(_ post: TestPost) async throws {
        let console = try await testbed.console("console", hub, read: ["all"], post: post)
        try await console.start()
        talk("the day's page: \(try await console.open(opens: true))")
    }

    /// Until whoever watches ends this program, and with it all that it has started.
    private func leaveOpen() async {
        talk("the page stays open, and alerts can be written on it; Ctrl-C ends it all")
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    }

    // MARK: Publishing, and the hub's death

    private func publish(_ posts: [TestPost]) async throws -> [[Answer]] {
        let options = ["--format", "json", "--wait", "40s"]
        var started: [Running] = []
        for post in posts { started.append(try await post.publishing(options)) }
        let publishers = started
        let half = days.map(\.drafts.count).reduce(0, +) / 2
        talk("the day begins; the hub will be killed once it has stored half of it, \(half) alerts")
        async let writing: Void = write(to: publishers)
        try await killHub(after: half, publishers)
        try await writing
        var answers: [[Answer]] = []
        for publisher in publishers {
            let account = try await publisher.ended(within: .seconds(60))
            if account.status != 0 { talk("publish ended with \(account)") }
            answers.append(try account.output.map(Answer.init(line:)))
        }
        return answers
    }

    private func write(to publishers: [Running]) async throws {
        for index in 0..<(days.map(\.drafts.count).max() ?? 0) {
            for (day, publisher) in zip(days, publishers) where index < day.drafts.count {
                publisher.write(line: day.drafts[index].line)
            }
            try await Task.sleep(for: Demo.pace)
        }
        for publisher in publishers { publisher.closeInput() }
    }

    private func killHub(after count: Int, _ publishers: [Running]) async throws {
        for publisher in publishers { _ = try await publisher.lines(count / publishers.count) }
        try await hub.kill()
        talk("the hub was killed with SIGKILL; the posts go on")
        try await Task.sleep(for: Demo.absence)
        try await hub.start()
        talk("the hub is back")
    }

    // MARK: Adding up

    /// For each analyst: the ids that it should get, and whether each is an exercise.
    private func wanted(_ answers: [[Answer]]) -> [[String: Bool]] {
        Audience.all.map { audience in
            var wanted: [String: Bool] = [:]
            for (day, answers) in zip(days, answers) {
                // A post numbers its alerts 1, 2, 3 in the order of its drafts.
                for answer in answers {
                    guard let id = answer.id, let sequence = answer.sequence,
                        day.drafts.indices.contains(sequence - 1)
                    else { continue }
                    let draft = day.drafts[sequence - 1]
                    if audience.wants(draft) { wanted[id] = draft.isExercise }
                }
            }
            return wanted
        }
    }

    private func collect(_ tails: [Running], _ wanted: [[String: Bool]]) async throws -> [[Printed]] {
        for (tail, wanted) in zip(tails, wanted) {
            // Missing ones are counted below, not thrown here.
            _ = try? await tail.wait(for: "\(wanted.count) alerts", within: .seconds(20)) { account in
                Printed.alerts(account.output).count >= wanted.count ? () : nil
            }
        }
        talk("every alert should be there; a moment for any that should not")
        try await Task.sleep(for: Demo.aftermath)
        var printed: [[Printed]] = []
        for tail in tails { printed.append(Printed.alerts(try await tail.stop().output)) }
        return printed
    }

    private func storedIDs() throws -> [String: Int] {
        let connection = try Connection(path: hub.database, mode: .read, busyTimeout: .seconds(5))
        defer { try? connection.close() }
        let rows = try connection.statement("SELECT offset, id FROM alerts")
        var ids: [String: Int] = [:]
        while try rows.step() {
            if let id = AlertID(bytes: rows.bytes(1)) { ids[id.description] = Int(rows.integer(0)) }
        }
        return ids
    }

    private func report(
        _ answers: [[Answer]], stored: [String: Int], printed: [[Printed]], wanted: [[String: Bool]]
    ) -> Bool {
        let posts = zip(days, answers).map { day, answers in
            let told = answers.filter { $0.state == "stored" }
            return PostResult(
                post: day.post, published: day.drafts.count, stored: told.count,
                inLog: told.count { $0.offset != nil && stored[$0.id ?? ""] == $0.offset })
        }
        let readers = zip(Audience.all, zip(printed, wanted)).map {
            AudienceResult(name: $0.name, printed: $1.0, wanted: $1.1)
        }
        let isWhole = stored.count == posts.map(\.stored).reduce(0, +)
        let isGood = posts.allSatisfy(\.isGood) && readers.allSatisfy(\.isGood) && isWhole
        let lines =
            [""]
            + table(
                ["post", "published", "stored", "in the log"],
                posts.map { [$0.post, "\($0.published)", "\($0.stored)", "\($0.inLog)"] }) + [""]
            + table(
                ["analyst", "should get", "got", "lost", "duplicated", "out of order", "not its own"],
                readers.map {
                    [$0.name]
                        + [$0.wanted, $0.got, $0.lost, $0.duplicated, $0.outOfOrder, $0.stray].map(
                            String.init)
                })
        for line in lines { try? StandardOutput.write(line: line) }
        if !isWhole { talk("the hub has \(stored.count) alerts, which is not what posts were told") }
        for reader in readers where reader.unsigned + reader.unmarked > 0 {
            talk(
                "\(reader.name): \(reader.unsigned) not verified, \(reader.unmarked) wrongly marked as exercise or not"
            )
        }
        talk(isGood ? "all as promised" : "NOT as promised")
        return isGood
    }
}
