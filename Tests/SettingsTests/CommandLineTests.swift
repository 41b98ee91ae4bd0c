import Platform
import Settings
import Spelling
import Testing

private let program = CommandLineProgram(
    name: "bw", summary: "Sample program", version: "1.2.3",
    options: [.text("config", short: "c", "FILE", "the settings file", required: true)],
    commands: [
        Command(
            "tail", "Print alerts",
            options: [
                .list("province", "NAME", "provinces to show"),
                .choice("format", ["text", "json", "csv"], "how to print", default: "text"),
                .integer("count", "N", "alerts to print", in: 1...1000),
                .duration("wait", "TIME", "how long to wait", default: .seconds(10)),
                .flag("no-follow", "end after the backlog"),
                .list("kind", "KIND", "kinds to show", allowed: ["suspect", "movement"]),
                .texts("note", "TEXT", "a note"),
            ],
            examples: [.init("bw tail --province koh-kong", "Koh Kong only.")],
            epilogue: "Ends with 77 without a grant."),
        Command(
            "publish", "Queue an alert",
            options: [.text("file", "FILE", "alerts to publish; - is standard input")],
            commands: [
                Command(
                    "suspect", "A person", options: [.text("headline", "TEXT", "one line", required: true)],
                    examples: [.init("bw publish suspect --headline X", "One alert.")])
            ],
            examples: [.init("bw publish --file -", "JSON lines.")]),
        Command(
            "show", "Print one alert", positionals: [Positional("ID", "the alert's id")],
            examples: [.init("bw show 1", "One alert.")]),
        Command(
            "enroll", "Add keys", positionals: [Positional("FILE", "public keys", repeats: true)],
            examples: [.init("bw enroll a.pub b.pub", "Two.")]),
        Command(
            "registry", "Change it",
            commands: [Command("list", "List it", examples: [.init("bw registry list", "All.")])],
            needsCommand: true, examples: []),
    ],
    epilogue: "Exit statuses follow sysexits.")

@Suite("Command lines")
struct CommandLineTests {
    @Test("settings that aren't there are named, with the way out")
    func noSettings() throws {
        struct Empty: Decodable {}
        let values = try values("--config", "/none/hub.toml", "tail")
        let error = try #require(throws: SettingsError.self) { try values.settings(Empty.self) }
        #expect(error.exitStatus == .config)
        #expect("\(error)".hasPrefix("/none/hub.toml: there is no such settings file; name it with --config"))
    }

    private func values(_ line: String...) throws -> CommandLineValues {
        guard case .run(let values) = try program.parse(line) else {
            throw UsageError(command: "", cause: "not a command to run")
        }
        return values
    }

    private func complaint(_ line: String) -> String {
        do {
            _ = try program.parse(line.split(separator: " ").map(String.init))
            return "no error"
        } catch {
            return error.description
        }
    }

    private func help(_ line: String...) throws -> String {
        guard case .tell(let text) = try program.parse(line) else { return "not told" }
        return text
    }

    @Test("options of every kind are read, before or behind the command that has them")
    func readsOptions() throws {
        let values = try values(
            "-c", "a.toml", "tail", "--province", "koh-kong,Prey Veng", "--province=kampot", "--count", "5",
            "--no-follow", "--note", "a,b", "--note", "[c,d]", "--wait", "250ms", "--format", "json")
        #expect(values.command == ["tail"])
        #expect(values.require("config") == "a.toml")
        #expect(values.strings("province") == ["koh-kong", "Prey Veng", "kampot"])
        #expect(values.integer("count") == 5)
        #expect(values.flag("no-follow"))
        #expect(values.strings("note") == ["a,b", "[c,d]"])
        #expect(values.duration("wait") == .milliseconds(250))
        #expect(values.string("format") == "json")
        #expect(try self.values("tail", "--config", "b").require("config") == "b")
    }

    @Test("what is not given is absent or has its default")
    func hasDefaults() throws {
        let values = try values("tail", "-cx")
        #expect(values.string("format") == "text")
        #expect(!values.isGiven("format"))
        #expect(values.duration("wait") == .seconds(10))
        #expect(values.integer("count") == nil)
        #expect(values.strings("province").isEmpty)
        #expect(!values.flag("no-follow"))
    }

    @Test("a command may have commands of its own, and run without them")
    func nests() throws {
        let suspect = try values("publish", "suspect", "--headline", "Two men, one van", "--config", "p.toml")
        #expect(suspect.command == ["publish", "suspect"])
        #expect(suspect.string("headline") == "Two men, one van")
        #expect(suspect.require("config") == "p.toml")
        let stream = try values("publish", "--file", "-", "-c", "p.toml")
        #expect(stream.command == ["publish"])
        #expect(stream.string("file") == "-")
        #expect(
            try values("-c", "p", "publish", "--file", "f", "suspect", "--headline", "h").string("file")
                == "f")
    }

    @Test("positionals are read, also where they look like a command")
    func readsPositionals() throws {
        #expect(try values("show", "tail", "-c", "x").positional("ID") == "tail")
        #expect(
            try values("-c", "x", "enroll", "a.pub", "[b].pub", "c.pub").positionals("FILE") == [
                "a.pub", "[b].pub", "c.pub",
            ])
        #expect(try values("show", "-c", "x", "--", "--odd").positional("ID") == "--odd")
    }

    @Test("a value may begin with a dash, be empty, or hold Khmer")
    func readsOddValues() throws {
        #expect(
            try values("publish", "suspect", "-c", "x", "--headline", "--note").string("headline") == "--note"
        )
        #expect(try values("publish", "suspect", "-c", "x", "--headline", "").string("headline") == "")
        #expect(try values("tail", "-c", "x", "--province", "កោះកុង").strings("province") == ["កោះកុង"])
    }

    @Test(
        "a wrong command line says what is wrong, what was meant, and where the help is",
        arguments: [
            ("tial", "unknown command tial; did you mean tail?\nTry 'bw --help'."),
            ("tial --config x", "unknown command tial; did you mean tail?\nTry 'bw --help'."),
            (
                "frobnicate",
                "unknown command frobnicate; one of tail, publish, show, enroll, registry\nTry 'bw --help'."
            ),
            ("", "a command is missing; one of tail, publish, show, enroll, registry\nTry 'bw --help'."),
            ("registry -c x", "a command is missing; one of list\nTry 'bw registry --help'."),
            (
                "tail -c x --provnce koh-kong",
                "unknown option --provnce; did you mean --province?\nTry 'bw tail --help'."
            ),
            (
                "tail -c x --confg=y",
                "unknown option --confg=y; did you mean --config?\nTry 'bw tail --help'."
            ),
            (
                "publish suspct -c x",
                "unknown command suspct; did you mean suspect?\nTry 'bw publish --help'."
            ),
            ("tail koh-kong -c x", "unexpected argument koh-kong\nTry 'bw tail --help'."),
            ("tail", "--config is missing; what it is for: the settings file\nTry 'bw tail --help'."),
            ("show -c x", "ID is missing; the alert's id\nTry 'bw show --help'."),
            (
                "tail -c x --count 0",
                "--count 0: must be a whole number from 1 to 1000\nTry 'bw tail --help'."
            ),
            (
                "tail -c x --wait soon",
                "--wait soon: must be a duration such as \"10s\" (ms, s, m, h, d)\nTry 'bw tail --help'."
            ),
            (
                "tail -c x --format jsn",
                "--format jsn: must be one of text, json, csv; did you mean json?\nTry 'bw tail --help'."
            ),
            ("tail -c x -c y", "--config is given 2 times, not once\nTry 'bw tail --help'."),
            ("tail -c x --province , --no-follow", "--province has no value\nTry 'bw tail --help'."),
            ("tail -c x --note= --no-follow", "--note= has no value\nTry 'bw --help'."),
            (
                "tail -c x --kind suspect,mvement",
                "--kind mvement: must be one of suspect, movement; did you mean movement?\nTry 'bw tail --help'."
            ),
            ("tail -c", "--config: 1 required FILE missing\nTry 'bw tail --help'."),
        ])
    func complains(line: String, expected: String) {
        #expect(complaint(line) == expected)
    }

    @Test("an empty value never takes the next argument for its own")
    func keepsArgumentsApart() throws {
        #expect(complaint("tail -c x --note").contains("--note"))
        let values = try values("tail", "-c", "x", "--note", "", "--no-follow")
        #expect(values.strings("note") == [""])
        #expect(values.flag("no-follow"))
        #expect(throws: UsageError.self) {
            try self.values("tail", "-c", "x", "--province", "", "--no-follow")
        }
        // Behind `--` it is an argument like any other.
        #expect(try self.values("show", "-c", "x", "--", "--a=").positional("ID") == "--a=")
    }

    @Test("help shows commands, options, defaults, examples and the epilogue")
    func helps() throws {
        let all = try help("--help")
        for part in ["Sample program", "tail", "Print alerts", "--config", "Exit statuses follow sysexits."] {
            #expect(all.contains(part))
        }
        let tail = try help("tail", "--help")
        for part in [
            "--province", "(default text)", "Examples:", "bw tail --province koh-kong", "Ends with 77",
        ] {
            #expect(tail.contains(part))
        }
        #expect(try help("show", "--help").contains("bw show [OPTIONS] ID\n"))
        let suspect = try help("publish", "suspect", "-h")
        #expect(suspect.contains("--headline"))
        #expect(suspect.contains("-c,--config FILE"))
    }

    @Test("version prints the name and the version")
    func tellsVersion() throws {
        #expect(try help("--version") == "bw 1.2.3")
    }

    @Test("a program's status is its error's")
    func endsWithStatus() {
        #expect(program.status(of: ["tail", "-c", "x"]) { _ in .tempFail } == .tempFail)
        #expect(program.status(of: ["tial"]) { _ in .ok } == .usage)
        #expect(program.status(of: ["tail", "-c", "x"]) { _ in throw OutputError.closed } == .ok)
        #expect(
            program.status(of: ["tail", "-c", "x"]) { _ in throw SettingsError(file: "x", cause: "a test") }
                == .config)
        struct Odd: Error {}
        #expect(program.status(of: ["tail", "-c", "x"]) { _ in throw Odd() } == .software)
    }

    @Test("the nearest word is found for a mistyped one, and none for a strange one")
    func findsNearest() {
        #expect(nearest(to: "prot", among: ["port", "host"]) == "port")
        #expect(nearest(to: "publsih", among: ["publish", "polish"]) == "publish")
        #expect(nearest(to: "x", among: ["port"]) == nil)
        #expect(nearest(to: "", among: ["a"]) == nil)
        #expect(nearest(to: String(repeating: "a", count: 10_000), among: ["a"]) == nil)
    }
}
