import Foundation
import ProcessHarness
import Testing

@Suite("Reading")
struct TailTests {
    @Test("a line of JSON has the documented members, and its signature was checked")
    func json() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let account = try await deployment.post.publish(
                [Draft.suspect("Grey van", provinces: ["Koh Kong", "Pursat"])], ["--wait", "100s"])
            #expect(account.status == 0)
            let line = try #require(try await deployment.log().first)
            #expect(line.offset == 1 && line.sequence == 1 && line.topicSequence == 1)
            #expect(line.post == "koh-kong" && line.alert.sender == "koh-kong")
            #expect(line.topic == "kh.koh-kong.suspect.")
            #expect(line.epoch.count == 16 && UInt64(line.epoch, radix: 16) != nil)
            #expect(line.received.hasSuffix("+07:00"))
            #expect(line.verified)
        }
    }

    @Test("an alert that concerns two asked provinces is printed once")
    func twoProvinces() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(
                [Draft.suspect("Both", provinces: ["koh-kong", "pursat"]), Draft.suspect("One")],
                ["--wait", "100s"])
            let tail = try await deployment.national.tail(
                ["--province", "koh-kong,pursat", "--since", "0", "--no-follow", "--format", "json"])
            #expect(try await tail.ended().output.map { try TailLine(line: $0).offset } == [1, 2])
        }
    }

    @Test("backlog and live alerts merge without a gap or a double")
    func merge() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(200), ["--wait", "100s"])
            let publishing = try await deployment.post.publishing()
            let tail = try await deployment.national.tail(["--since", "0", "--format", "json"])
            for draft in Draft.many(200) { publishing.write(line: draft) }
            publishing.closeInput()
            let lines = try await tail.lines(400).map { try TailLine(line: $0).offset }
            #expect(lines == Array(1...400))
        }
    }

    @Test("--kind, --min-severity, --status and --count narrow")
    func narrow() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let severe = Draft.suspect("Severe", more: #", "severity": "Severe""#)
            let exercise = Draft.suspect("Exercise", status: "Exercise")
            _ = try await deployment.post.publish(
                [Draft.suspect("Plain"), severe, exercise, Draft.movement("Moving")], ["--wait", "100s"])
            func headlines(_ options: String...) async throws -> [String?] {
                let account = try await deployment.national.run(
                    "tail", ["--no-follow", "--format", "json"] + options)
                return try account.output.map { try TailLine(line: $0).alert.headline.en }
            }
            #expect(try await headlines("--kind", "movement") == ["Moving"])
            #expect(try await headlines("--min-severity", "Moderate") == ["Severe"])
            #expect(try await headlines("--status", "Exercise") == ["Exercise"])
            #expect(try await headlines("--count", "2") == ["Plain", "Severe"])
            #expect(try await headlines("--since", "3") == ["Moving"])
            #expect(try await headlines("--since", "1h", "--kind", "suspect", "--count", "1") == ["Plain"])
        }
    }

    @Test(
        "text marks an exercise and a test on every line of theirs, and nothing else",
        arguments: ["Exercise", "Test"])
    func marked(status: String) async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let more = #", "description": "Two lines\nof words", "severity": "Severe""#
            _ = try await deployment.post.publish(
                [Draft.suspect("Drill", status: status, more: more), Draft.suspect("Real")],
                ["--wait", "100s"])
            let blocks = try await deployment.national.run("tail", ["--no-follow"]).output.split(
                separator: "")
            #expect(blocks.count == 2)
            #expect(blocks[0].count >= 6)
            #expect(blocks[0].allSatisfy { $0.hasPrefix(status.uppercased() + " ") }, "\(blocks[0])")
            #expect(!blocks[1].contains { $0.contains(status.uppercased()) })
        }
    }

    @Test("Khmer is shown as written")
    func khmer() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(
                [Draft.suspect("ជនសង្ស័យនៅកំពង់ផែ", more: #", "crossing": "ចាំយាម""#)], ["--wait", "100s"])
            let words = try await deployment.national.run("tail", ["--no-follow"]).words
            #expect(words.contains("ជនសង្ស័យនៅកំពង់ផែ"))
            #expect(words.contains("ចាំយាម"))
        }
    }

    @Test("colours are for a terminal, and NO_COLOR turns them off")
    func colours() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(
                [Draft.suspect("Grey van", more: #", "severity": "Extreme""#)], ["--wait", "100s"])
            // script(1) gives the program a terminal.
            let command = "$B/borderwire tail --no-follow --config \(deployment.national.settings)"
            func terminal(_ environment: [String: String?]) async throws -> String {
                var environment = environment
                environment["TERM"] = "xterm"
                return try await deployment.testbed.shell(
                    "script -qec \"\(command)\" /dev/null", environment: environment
                ).words
            }
            #expect(try await terminal(["NO_COLOR": nil]).contains("\u{1B}["))
            #expect(try await !terminal(["NO_COLOR": "1"]).contains("\u{1B}["))
            let piped = try await deployment.testbed.shell(command, environment: ["NO_COLOR": nil])
            #expect(!piped.words.contains("\u{1B}["))
        }
    }

    @Test(
        "a reader that goes away ends it quietly with 0", arguments: ["tail --no-follow", "tail --since 0"])
    func closedPipe(command: String) async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            // More than a pipe holds.
            _ = try await deployment.post.publish(Draft.many(300), ["--wait", "100s"])
            let account = try await deployment.testbed.shell(
                """
                set -o pipefail
                $B/borderwire \(command) --format json --config \(deployment.national.settings) | head -1
                """)
            #expect(account.status == 0)
            #expect(account.output.count == 1)
            #expect(account.talk.isEmpty, "\(account.talk)")
        }
    }

    @Test("a province that is not granted ends it with 77, and with the ones that are")
    func notGranted() async throws {
        try await withDeployment { deployment in
            let desk = try await deployment.testbed.analyst(
                "desk", deployment.hub, read: ["koh-kong", "pursat/movement"])
            try await deployment.hub.start()
            for arguments in [["--province", "prey-veng"], ["--province", "pursat", "--kind", "suspect"]] {
                let account = try await desk.tail(arguments).ended()
                #expect(account.status == 77)
                #expect(account.output.isEmpty)
                #expect(account.words.contains("it is granted koh-kong, pursat/movement"), "\(account.words)")
            }
        }
    }

    @Test("a mistyped province gets the nearest names, and 64")
    func mistyped() async throws {
        try await withDeployment { deployment in
            let account = try await deployment.national.tail(["--province", "koh-kogn"]).ended()
            #expect(account.status == 64)
            #expect(account.words.contains("koh-kong (Koh Kong)"))
            #expect(account.words.split(separator: "(").count == 4, "three names: \(account.words)")
        }
    }

    @Test("any of a province's names will do", arguments: ["koh-kong", "Koh Kong", "KH-9", "កោះកុង", "ខេត្តកោះកុង"])
    func names(name: String) async throws {
        try await withDeployment { deployment in
            let account = try await deployment.testbed.run(.analyst, ["provinces", name, "--format", "json"])
            #expect(account.output.count == 1)
            #expect(account.words.contains(#""code":"KH-9""#))
        }
    }

    @Test("show prints an alert with what became of it, and 66 where there is none to be read")
    func show() async throws {
        try await withDeployment { deployment in
            let desk = try await deployment.testbed.analyst("desk", deployment.hub, read: ["prey-veng"])
            try await deployment.start()
            let first = try await deployment.post.publish(
                [Draft.suspect("First")], ["--wait", "100s", "--format", "json"]
            ).published()
            let id = try #require(first.first?.id)
            let update = #", "msgType": "Update", "references": ["\#(id)"]"#
            _ = try await deployment.post.publish(
                [Draft.suspect("Other"), Draft.suspect("Second", more: update)], ["--wait", "100s"])
            let shown = try await deployment.national.run("show", [id, "--format", "json"])
            #expect(try shown.output.map { try TailLine(line: $0).offset } == [1, 3])
            #expect(try await desk.run("show", [id]).status == 66)
        }
    }

    @Test("a signal ends it also while nobody takes what it writes")
    func unreadOutput() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(300), ["--wait", "100s"], within: .seconds(120))
            // 64 KiB fit into the pipe, a fifth of what there is.
            let account = try await deployment.testbed.shell(
                """
                mkfifo "$PIPE"
                sleep 1000 <"$PIPE" & reader=$!
                $B/borderwire tail --config '\(deployment.national.settings)' --since 0 --format json >"$PIPE" &
                tail=$!
                until grep -q pipe /proc/$tail/task/*/wchan; do sleep 0.05; done
                kill -TERM $tail
                wait $tail
                echo $?
                kill $reader
                """, environment: ["PIPE": deployment.testbed.directory + "/pipe"], within: .seconds(120))
            #expect(account.output == ["0"], "\(account)")
        }
    }

    @Test("what was missing from the feed is fetched from the log, and said at the end")
    func repaired() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish([Draft.suspect("First")], ["--wait", "100s"])
            let drafts = deployment.testbed.directory + "/drafts"
            // More than the reader holds while nobody takes what it prints: it lets the rest go.
            try deployment.testbed.write(Draft.many(6_000).joined(separator: "\n"), to: drafts)
            let account = try await deployment.testbed.shell(
                """
                mkfifo "$PIPE"
                $B/borderwire tail --config '\(deployment.national.settings)' --since 0 --count 6001 --format json >"$PIPE" &
                tail=$!
                exec 3<"$PIPE"
                read -r first <&3
                $B/borderwire-post publish --config '\(deployment.post.settings)' --file '\(drafts)' --wait 300s >/dev/null
                { printf '%s\\n' "$first"; cat <&3; } | grep -o '"offset":[0-9]*' | uniq | wc -l
                wait $tail
                """, environment: ["PIPE": deployment.testbed.directory + "/pipe"], within: .seconds(400))
            #expect(account.status == 0, "\(account)")
            #expect(account.output == ["6001"], "\(account)")
            #expect(
                account.talk.contains {
                    $0.contains("times alerts were missing from the feed, and were fetched from the log")
                }, "\(account.talk)")
        }
    }
}
