import Platform
import Settings
import Testing

/// Settings as a program would declare them.
private struct Sample: Decodable, Equatable {
    struct Ingest: Decodable, Equatable {
        var port: UInt16
        var wait: Duration
        var page: ByteCount

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            port = try keys.value(.port, default: 4901, in: 1...65535)
            wait = try keys.value(.wait, default: .seconds(10), in: .milliseconds(1)...(.seconds(60)))
            page = try keys.value(.page, default: .kibibytes(64))
        }

        enum CodingKeys: String, CodingKey { case port, wait, page }
    }

    enum Level: String, Decodable, CaseIterable { case quiet, normal, loud }

    struct Identity: Decodable, Equatable {
        var name: String
        var publish: [String]?
    }

    var state: SettingsPath
    var level: Level?
    var ingest: Ingest?
    var identity: [Identity]?
    var names: [String: Identity]?
}

@Suite("Settings files")
struct TOMLDocumentTests {
    private func decode(_ text: String) throws(SettingsError) -> Sample {
        try TOMLDocument(text: Array(text.utf8), file: "conf/hub.toml").decode(Sample.self)
    }

    private func complaint(_ text: String) -> String {
        do {
            _ = try decode(text)
            return "no error"
        } catch {
            return error.description
        }
    }

    @Test("a file becomes a value, with defaults where it says nothing")
    func decodes() throws {
        let sample = try decode(
            """
            state = "state"
            [ingest]
            wait = "250ms"
            [[identity]]
            name = "koh-kong"
            publish = ["KH-9"]
            [names.9]
            name = "កោះកុង"
            """)
        #expect(sample.state.path == "conf/state")
        #expect(sample.ingest?.port == 4901)
        #expect(sample.ingest?.wait == .milliseconds(250))
        #expect(sample.ingest?.page.bytes == 65536)
        #expect(sample.identity == [.init(name: "koh-kong", publish: ["KH-9"])])
        #expect(sample.names?["9"]?.name == "កោះកុង")
        #expect(try decode("state = '/var/lib'").state.path == "/var/lib")
    }

    @Test(
        "a bad key or value is named with its line and the rule",
        arguments: [
            (
                "state = 'x'\n[ingest]\nprot = 1",
                "conf/hub.toml:3: ingest.prot: unknown key; did you mean ingest.port?"
            ),
            ("state = 'x'\n\n[ingst]", "conf/hub.toml:3: ingst: unknown key; did you mean ingest?"),
            ("state = 'x'\nzzzzzz = 1", "conf/hub.toml:2: zzzzzz: unknown key; remove it"),
            // Written outside of its table.
            (
                "state = 'x'\nport = 1\n[ingest]",
                "conf/hub.toml:2: port: unknown key; did you mean ingest.port?"
            ),
            ("stat = 'x'", "conf/hub.toml:1: stat: unknown key; did you mean state?"),
            ("level = 'loud'", "conf/hub.toml: state: missing"),
            ("state = 3", "conf/hub.toml:1: state: must be a string, not a whole number"),
            ("state = ''", "conf/hub.toml:1: state: must be a path, not empty"),
            (
                "state = 'x'\nlevel = 'lod'",
                "conf/hub.toml:2: level: must be one of quiet, normal, loud; did you mean loud?"
            ),
            (
                "state = 'x'\nlevel = 'zzzzzz'",
                "conf/hub.toml:2: level: must be one of quiet, normal, loud"
            ),
            (
                "state = 'x'\n[ingest]\nport = 70000",
                "conf/hub.toml:3: ingest.port: must be a whole number from 0 to 65535"
            ),
            (
                "state = 'x'\n[ingest]\nport = 1.5",
                "conf/hub.toml:3: ingest.port: must be a whole number from 0 to 65535"
            ),
            (
                "state = 'x'\n[ingest]\nport = -1",
                "conf/hub.toml:3: ingest.port: must be a whole number from 0 to 65535"
            ),
            ("state = 'x'\n[ingest]\nport = 0", "conf/hub.toml:3: ingest.port: must be from 1 to 65535"),
            (
                "state = 'x'\ningest.port = '1'",
                "conf/hub.toml:2: ingest.port: must be a whole number, not a string"
            ),
            (
                "state = 'x'\ningest.wait = '10 s'",
                "conf/hub.toml:2: ingest.wait: must be a duration such as \"10s\" (ms, s, m, h, d)"
            ),
            ("state = 'x'\ningest.wait = '2m'", "conf/hub.toml:2: ingest.wait: must be from 1ms to 1m"),
            (
                "state = 'x'\ningest.page = '64k'",
                "conf/hub.toml:2: ingest.page: must be a size such as \"64KiB\" (B, KiB, MiB, GiB)"
            ),
            ("state = 'x'\ningest = 4", "conf/hub.toml:2: ingest: must be a table, not a whole number"),
            (
                "state = 'x'\n[[identity]]\nname = 'a'\n[[identity]]\nnam = 'b'",
                "conf/hub.toml:5: identity[1].nam: unknown key; did you mean identity[1].name?"
            ),
            ("state = 'x'\n[[identity]]\nid = 3", "conf/hub.toml:2: identity[0].name: missing"),
            (
                "state = 'x'\n[[identity]]\nname = 'a'\npublish = ['KH-9', 9]",
                "conf/hub.toml:4: identity[0].publish[1]: must be a string, not a whole number"
            ),
            (
                "state = 'x'\n[names.\"a.b\"]\nname = 'a'\nnme = ''",
                "conf/hub.toml:4: names.\"a.b\".nme: unknown key; did you mean names.\"a.b\".name?"
            ),
        ])
    func complains(text: String, expected: String) {
        #expect(complaint(text) == expected)
    }

    @Test("text that is no TOML is refused at its line and column")
    func refusesSyntax() {
        #expect(complaint("state = 'x'\nlevel 3").hasPrefix("conf/hub.toml:2: column 7: "))
        #expect(complaint("a = 1\na = 2").hasPrefix("conf/hub.toml:2: "))
        #expect(complaint("").hasSuffix("state: missing"))
    }

    @Test("bytes that are no UTF-8 are refused")
    func refusesBytes() {
        #expect(throws: SettingsError.self) {
            try TOMLDocument(text: [0x61, 0x3D, 0x22, 0xFF, 0x22], file: "a.toml")
        }
    }

    @Test("a text built to exhaust the stack is refused")
    func refusesDepth() {
        let dots = "a" + String(repeating: ".a", count: 1000)
        #expect(complaint("\(dots) = 1").contains("too deep"))
        #expect(complaint("[\(dots)\(dots)\(dots)]").contains("line longer than 4096 bytes"))
        #expect(complaint("a = " + String(repeating: "[", count: 2000)).contains("nest"))
    }

    @Test("numbers that JSON does not know are refused")
    func refusesInfinity() {
        #expect(complaint("state = inf") == "conf/hub.toml:1: column 9: not a finite number")
    }

    @Test("a file that is missing, a directory or too large is named")
    func refusesFiles() throws {
        let scratch = try Scratch()
        let large = try scratch.write("# " + String(repeating: "x", count: 100), to: "large.toml")
        #expect {
            try decodeTOML(Sample.self, file: large, limit: 100)
        } throws: {
            "\($0)" == "\(large): larger than 100B"
        }
        #expect {
            try decodeTOML(Sample.self, file: scratch.path + "/none.toml")
        } throws: {
            "\($0)".hasSuffix("none.toml: No such file or directory")
        }
        #expect {
            try decodeTOML(Sample.self, file: scratch.path)
        } throws: {
            "\($0)".hasSuffix("Is a directory")
        }
    }

    @Test("a check over several keys can name a line")
    func namesLines() throws {
        let document = try TOMLDocument(text: Array("[a]\nb = 1\n".utf8), file: "x.toml")
        #expect(document.line(of: "a.b") == 2)
        #expect(document.error(at: "a.c", "missing").description == "x.toml:1: a.c: missing")
    }

    @Test(
        "durations and sizes are read as written, and nothing else is",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("10s", .seconds(10)), ("5m", .seconds(300)),
            ("24h", .seconds(86_400)), ("7d", .seconds(604_800)), ("0s", .zero),
            ("10", nil), ("s", nil), ("-1s", nil), ("1.5s", nil), ("10 s", nil), ("١s", nil), ("10S", nil),
            ("99999999999999999999s", nil), ("9223372036854775807d", nil),
        ])
    func readsDurations(text: String, expected: Duration?) {
        #expect(Duration(settingText: text) == expected)
    }

    @Test("a duration prints as it would be written")
    func printsDurations() {
        for text in ["250ms", "10s", "5m", "1d", "36h", "90s", "0s", "1500ms"] {
            #expect(Duration(settingText: text)?.settingText == text)
        }
    }

    @Test("sizes are read as written")
    func readsSizes() {
        #expect(ByteCount(settingText: "64KiB")?.bytes == 65536)
        #expect(ByteCount(settingText: "512")?.bytes == 512)
        #expect(ByteCount(settingText: "1MB") == nil)
        #expect(ByteCount(settingText: "9223372036854775807KiB") == nil)
        #expect(ByteCount.mebibytes(1).description == "1MiB")
    }
}
