import ProcessHarness
import Testing

@Suite("Searching")
struct SearchTests {
    /// Invented.
    private static let drafts = [
        Draft.suspect("Grey van at the pier", more: #", "severity": "Severe", "crossing": "Cham Yeam""#),
        Draft.suspect("ជនសង្ស័យនៅកំពង់ផែ"),
        Draft.movement("Six on foot; women", provinces: ["koh-kong", "កណ្ដាល"]),
        Draft.suspect("A van again", status: "Exercise"),
    ]

    /// A deployment in which these four are stored.
    private func onStored(_ body: (Deployment) async throws -> Void) async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let account = try await deployment.post.publish(Self.drafts, ["--wait", "100s"])
            try account.expect(0, "publish")
            try await body(deployment)
        }
    }

    private func offsets(_ analyst: TestAnalyst, _ arguments: String...) async throws -> [Int] {
        let account = try await analyst.run("search", ["--format", "json"] + arguments)
        #expect(account.status == (account.output.isEmpty ? 66 : 0), "\(account)")
        #expect(account.words.contains("nothing found") == account.output.isEmpty, "\(account)")
        return try account.output.map { try TailLine(line: $0).offset }
    }

    @Test(
        "it prints what tail prints, of the alerts in which every word occurs, and ends with 66 where there is none"
    )
    func found() async throws {
        try await onStored { deployment async throws in
            #expect(try await offsets(deployment.national, "VAN") == [1, 4])
            #expect(try await offsets(deployment.national, "van", "pier") == [1])
            #expect(try await offsets(deployment.national, "pier van") == [])
            #expect(try await offsets(deployment.national, "men") == [])
            let found = try await deployment.national.run("search", ["cham yeam", "--format", "json"])
            let tailed = try await deployment.national.run(
                "tail", ["--no-follow", "--count", "1", "--format", "json"])
            #expect(found.output == tailed.output)
            #expect(try TailLine(line: try #require(found.output.first)).verified)
        }
    }

    @Test("Khmer is found in another spelling than it was written in, and provinces by any of their names")
    func khmer() async throws {
        try await onStored { deployment async throws in
            #expect(try await offsets(deployment.national, "កំពង់ផែ") == [2])
            // Another order of marks, invisible characters, a space.
            #expect(try await offsets(deployment.national, "ក\u{17C6}ព\u{200B}ង\u{17CB} ផែ") == [2])
            // Coeng TA for coeng DA, which look the same.
            #expect(try await offsets(deployment.national, "កណ\u{17D2}\u{178F}ាល") == [3])
            #expect(try await offsets(deployment.national, "Kandal") == [3])
        }
    }

    @Test("tail's filters, a beginning, an end and a limit narrow it")
    func narrow() async throws {
        try await onStored { deployment async throws in
            #expect(try await offsets(deployment.national, "van", "-n", "1") == [1])
            #expect(try await offsets(deployment.national, "--status", "Exercise", "van") == [4])
            #expect(try await offsets(deployment.national, "van", "--min-severity", "Severe") == [1])
            #expect(try await offsets(deployment.national, "koh", "-k", "movement") == [3])
            #expect(try await offsets(deployment.national, "-p", "kandal", "koh kong") == [3])
            #expect(try await offsets(deployment.national, "koh", "--since", "1", "--until", "3") == [2, 3])
            #expect(try await offsets(deployment.national, "koh", "--since", "1h") == [1, 2, 3, 4])
            #expect(try await offsets(deployment.national, "koh", "--until", "1h") == [])
            #expect(
                try await offsets(deployment.national, "koh", "--until", "2020-01-01T00:00:00+07:00") == [])
        }
    }

    @Test("text marks the exercise, CSV has its line of names, and a pipe that is closed ends it quietly")
    func formats() async throws {
        try await onStored { deployment async throws in
            let text = try await deployment.national.run("search", ["van"]).output.split(separator: "")
            #expect(text.count == 2)
            #expect(text.last?.allSatisfy { $0.hasPrefix("EXERCISE ") } == true)
            let csv = try await deployment.national.run("search", ["van", "--format", "csv"]).output
            #expect(csv.count == 3)
            #expect(csv.first?.hasPrefix("offset,topic,") == true)
            let closed = try await deployment.testbed.shell(
                "set -o pipefail; $B/borderwire search koh --config \(deployment.national.settings) | true")
            #expect(closed.status == 0 && closed.talk.isEmpty, "\(closed)")
        }
    }

    @Test(
        "without the grant nothing of a province is found, asking for it ends with 77, and the hub records who looked"
    )
    func grant() async throws {
        try await onStored { deployment async throws in
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["kandal"])
            #expect(try await offsets(desk, "van") == [])
            #expect(try await offsets(desk, "women") == [3])
            let refused = try await desk.run("search", ["van", "--province", "koh-kong"])
            #expect(refused.status == 77 && refused.output.isEmpty, "\(refused)")
            let audit = try await deployment.hub.run("audit", [])
            #expect(audit.output.contains { $0.contains("desk") && $0.contains("replay") }, "\(audit)")
            #expect(!audit.words.contains("women"), "what was looked for stays with the analyst")
        }
    }

    @Test(
        "a word with nothing to look for in it, and none at all, are refused with 64",
        arguments: [["-n", "1"], ["--", "-"]])
    func nothing(arguments: [String]) async throws {
        try await withDeployment { deployment in
            let account = try await deployment.national.run("search", arguments)
            #expect(account.status == 64 && account.output.isEmpty, "\(account)")
        }
    }
}
