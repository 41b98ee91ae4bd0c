import ProcessHarness
import Testing

@Suite("Help")
struct HelpTests {
    static let commands: [(Program, [String])] = [
        (.hub, ["run"]), (.hub, ["check"]), (.hub, ["migrate"]), (.hub, ["enroll"]), (.hub, ["revoke"]),
        (.hub, ["identities"]), (.hub, ["registry"]), (.hub, ["registry", "history"]),
        (.hub, ["registry", "replace"]),
        (.hub, ["status"]), (.hub, ["withdraw"]), (.hub, ["erase"]), (.hub, ["verify"]), (.hub, ["clock"]),
        (.hub, ["clock", "accept"]), (.hub, ["audit"]), (.hub, ["backup"]), (.hub, ["restore"]),
        (.hub, ["purge"]), (.hub, ["rotate-key"]), (.hub, ["seen"]), (.hub, ["statistics"]), (.hub, ["page"]),
        (.post, ["run"]), (.post, ["publish"]),
        (.post, ["publish", "suspect"]), (.post, ["publish", "movement"]),
        (.post, ["publish", "sighting"]), (.post, ["ack"]), (.post, ["show"]), (.post, ["new-epoch"]),
        (.post, ["status"]),
        (.analyst, ["tail"]), (.analyst, ["search"]), (.analyst, ["show"]), (.analyst, ["export"]),
        (.analyst, ["ack"]),
        (.analyst, ["related"]), (.analyst, ["provinces"]),
        (.analyst, ["keygen"]), (.analyst, ["verify"]), (.console, ["run"]), (.console, ["open"]),
    ]

    @Test("every command's help is on standard output and shows an example that begins as it is typed")
    func examples() async throws {
        let testbed = try Testbed()
        for (program, command) in HelpTests.commands {
            let account = try await testbed.run(program, command + ["--help"])
            #expect(account.status == 0, "\(command)")
            #expect(account.talk.isEmpty)
            let example =
                (["borderwire", "borderwire-hub", "borderwire-post", "borderwire-console"].map {
                    "\($0) " + command.joined(separator: " ")
                })
            #expect(
                account.output.dropFirst(3).contains { line in example.contains { line.contains($0) } },
                "\(command): \(account.words)")
        }
    }

    @Test(
        "each program's help names its commands and exit statuses",
        arguments: [Program.hub, .post, .analyst, .console])
    func program(program: Program) async throws {
        let testbed = try Testbed()
        let account = try await testbed.run(program, ["--help"])
        #expect(account.status == 0)
        let known = HelpTests.commands.filter { $0.0 == program }.map { $0.1[0] }
        #expect(Set(named(account)) == Set(known))
        #expect(account.words.contains("Exit status"))
    }

    /// The commands that a help lists: what stands first in the lines under `Commands:`.
    private func named(_ account: Account) -> [String] {
        account.output.drop { $0 != "Commands:" }.dropFirst().prefix { $0.hasPrefix("  ") }.compactMap {
            line in
            line.hasPrefix("   ") ? nil : line.split(separator: " ").first.map(String.init)
        }
    }

    @Test("publish without an alert says what it lacks before it looks for settings")
    func nothingToPublish() async throws {
        let testbed = try Testbed()
        let account = try await testbed.run(.post, ["publish"])
        #expect(account.status == 64)
        #expect(account.words.contains("nothing to publish; give --file FILE"))
    }

    @Test("a mistyped command gets the nearest, and 64")
    func mistyped() async throws {
        let testbed = try Testbed()
        let account = try await testbed.run(.analyst, ["tial"])
        #expect(account.status == 64)
        #expect(account.words.contains("tail"))
        #expect(account.output.isEmpty)
    }
}
