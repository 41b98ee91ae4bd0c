import Foundation
import ProcessHarness
import Testing

@Suite("Asking for what arguments must not show")
struct AskingTests {
    /// A line for each option that `--ask` asks for, in the order of the help; several for one that repeats, which an empty
    /// line ends.
    private func answers(_ deployment: Deployment, _ given: [String: [String]]) async throws -> [String] {
        let help = try await deployment.post.run(["publish", "suspect", "--help"]).output
        let names = help.compactMap { line in
            line.firstMatch(of: /^ +(?:-[a-z], ?)?--([a-z-]+)/).map { String($0.1) }
        }
        return names.filter { !["help", "version", "ask", "wait", "format", "config"].contains($0) }.flatMap {
            name in
            guard let lines = given[name] else { return [""] }
            return ["at-risk", "alias", "document"].contains(name) ? lines + [""] : lines
        }
    }

    @Test(
        "what is asked for is published, is in no argument, and a person at risk gets a reference that is told"
    )
    func asks() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let lines = try await answers(
                deployment,
                [
                    "headline": ["Grey van waits at the pier"], "role": ["transporter"],
                    "alias": ["Ta Mao", "Bong"],
                    "document": ["passport:TH:AA0000000"], "at-risk": ["possible-victim:12-15:female:2"],
                ])
            let file = try deployment.testbed.write(lines.joined(separator: "\n") + "\n", to: "answers")
            let account = try await deployment.testbed.shell(
                "$B/borderwire-post publish suspect --ask --wait 100s --format json --config \(deployment.post.settings) < \(file)"
            )
            #expect(account.status == 0, "\(account)")
            let line = try #require(account.output.first)
            #expect(line.contains("\"state\":\"stored\""))
            let reference = try #require(line.firstMatch(of: /"atRisk":\["(R-[0-9B-Z]{10})"\]/)?.1)
            let tail = try await deployment.national.run("tail", ["--no-follow", "--format", "json"]).output
            #expect(tail.count == 1)
            for text in ["\"Ta Mao\"", "\"Bong\"", "\"AA0000000\"", "\"\(reference)\"", "\"transporter\""] {
                #expect(tail.first?.contains(text) == true, "\(text)")
            }
        }
    }

    @Test(
        "no error of publish repeats what was typed",
        arguments: [
            "--alias Sok Dara", "--sex SokDara", "--age SokDara", "--document SokDara", "--role SokDara",
            "--SokDara x",
            "--at-risk SokDara", "--nationality SokDara", "--wait SokDara", "SokDara", "--expires-in SokDara",
            "--headline", "--plate 'SOK DARA' --vehicle van", "--status SokDara", "--province SokDara",
        ])
    func quotesNothing(options: String) async throws {
        try await withDeployment { deployment in
            let account = try await deployment.testbed.shell(
                "$B/borderwire-post publish suspect --config \(deployment.post.settings) --role other --headline Van \(options)"
            )
            #expect(account.status == 64 || account.status == 65, "\(account)")
            #expect(!account.words.lowercased().contains("dara"), "\(account)")
            #expect(!account.output.joined().lowercased().contains("dara"))
        }
    }
}
