import AlertPost
import Foundation
import ProcessHarness
import Testing

/// No text that an officer gives is dropped: it is in the alert, or refused with the reason.
@Suite("The options of a draft")
struct DraftOptionTests {
    private func published(_ deployment: Deployment, _ options: [String]) async throws -> Account {
        try await deployment.post.run(["publish", "suspect", "--role", "transporter"] + options)
    }

    @Test("each text, alone or with its Khmer one, is in the alert")
    func used() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let given = [
                ["--headline", "van"], ["--headline", "ឡាន"], ["--headline-km", "ឡាន"],
                ["--headline", "van", "--headline-km", "ឡាន"],
                ["--headline", "van", "--description", "grey"],
                ["--headline", "van", "--description", "ប្រផេះ"],
                ["--headline", "van", "--description-km", "ប្រផេះ"],
                ["--headline", "ឡាន", "--description", "grey", "--description-km", "ប្រផេះ"],
                ["--headline", "van ឡាន"],
            ]
            for options in given {
                let account = try await published(deployment, options + ["--wait", "100s"])
                #expect(account.status == 0, "\(account)")
            }
            let account = try await deployment.national.run("tail", ["--no-follow", "--format", "json"])
            let texts = try account.output.map { line in
                let alert = try TailLine(line: line).alert
                return [alert.headline.en, alert.headline.km, alert.description?.en, alert.description?.km]
            }
            #expect(
                texts == [
                    ["van", nil, nil, nil], [nil, "ឡាន", nil, nil], [nil, "ឡាន", nil, nil],
                    ["van", "ឡាន", nil, nil], ["van", nil, "grey", nil], ["van", nil, nil, "ប្រផេះ"],
                    ["van", nil, nil, "ប្រផេះ"], [nil, "ឡាន", "grey", "ប្រផេះ"], [nil, "van ឡាន", nil, nil],
                ])
        }
    }

    @Test("two Khmer texts for one place are refused, and so is a file beside a described alert")
    func refused() async throws {
        try await withDeployment { deployment in
            for (options, words) in [
                (["--headline", "ឡាន", "--headline-km", "ឡាន"], "--headline is in Khmer"),
                (
                    ["--headline", "van", "--description", "ឡាន", "--description-km", "ឡាន"],
                    "--description is in Khmer"
                ),
                ([], "--headline is missing"), (["--description", "grey"], "--headline is missing"),
                (["--headline", "van", "--file", "drafts.jsonl"], "--file and suspect exclude each other"),
            ] {
                let account = try await published(deployment, options)
                #expect(account.status == 64 && account.output.isEmpty, "\(account)")
                #expect(account.words.contains(words), "\(account)")
            }
            #expect(try await deployment.post.status().depth == 0)
        }
    }

    @Test("a byte order mark before the first draft is passed over, in lines and in a file of one")
    func mark() async throws {
        try await withDeployment { deployment in
            let lines = try deployment.testbed.write(
                "\u{FEFF}" + Draft.many(2).joined(separator: "\n"), to: "drafts.jsonl")
            let one = try deployment.testbed.write("\u{FEFF}" + Draft.suspect("One"), to: "one.json")
            for file in [lines, one] {
                let account = try await deployment.post.run(["publish", "--file", file])
                #expect(account.status == 0, "\(account)")
            }
            #expect(try await deployment.post.status().depth == 3)
        }
    }

    @Test("a draft that is no JSON is refused with the place where it stops being JSON")
    func place() async throws {
        try await withDeployment { deployment in
            let lines = try deployment.testbed.write(
                Draft.suspect("One") + "\n{\"kind\": \"suspect\" x}\n", to: "drafts.jsonl")
            let one = try deployment.testbed.write("{\n  \"headline\": \"ជន\" x\n}\n", to: "one.json")
            let first = try await deployment.post.run(["publish", "--file", lines])
            #expect(first.talk.contains { $0.contains("line 2 is not queued") }, "\(first)")
            #expect(first.talk.contains { $0.contains("not JSON from column 20 on") }, "\(first)")
            let second = try await deployment.post.run(["publish", "--file", one])
            #expect(second.talk.contains { $0.contains("not JSON from line 2, column 20 on") }, "\(second)")
        }
    }
}
