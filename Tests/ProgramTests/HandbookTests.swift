import Foundation
import Platform
import ProcessHarness
import Settings
import Testing

@testable import AlertHub
@testable import AlertPost

/// The manual pages and the catalogues against the programs that they are about.
@Suite("The handbook")
struct HandbookTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: try BuiltTree.config + "/../" + path, encoding: .utf8)
    }

    /// `name id` of each entry of the page's EVENTS.
    private static func events(of page: String) throws -> [String] {
        let section = try text("man/\(page).8").components(separatedBy: ".Sh ").first {
            $0.hasPrefix("EVENTS")
        }
        return try #require(section).split(separator: "\n").filter { $0.hasPrefix(".It Sy ") }
            .map { line in
                let words = line.dropFirst(7).split(separator: " ")
                return "\(words.first ?? "") \(words.last ?? "")"
            }
    }

    /// The same of a catalogue.
    private static func catalogue(_ program: String) throws -> [String] {
        let lines = try text("systemd/\(program).catalog").split(separator: "\n")
        return zip(lines, lines.dropFirst()).filter { $0.0.hasPrefix("-- ") }.map { mark, subject in
            "\(subject.dropFirst("Subject: \(program): ".count)) \(mark.dropFirst(3))"
        }
    }

    @Test(
        "each event of the hub and of the post is in its manual page and catalogue with its id, and no other is"
    )
    func events() throws {
        let hub = HubEvent.allCases.map { "\($0.name) \($0.messageID)" }
        #expect(try HandbookTests.events(of: "borderwire-hub") == hub)
        #expect(try HandbookTests.catalogue("borderwire-hub") == hub)
        let post = PostEvent.allCases.map { "\($0.name) \($0.messageID)" }
        #expect(try HandbookTests.events(of: "borderwire-post") == post)
        #expect(try HandbookTests.catalogue("borderwire-post") == post)
    }

    @Test("no two events share an id, and each id is 32 hexadecimal digits")
    func ids() {
        let ids = HubEvent.allCases.map(\.messageID) + PostEvent.allCases.map(\.messageID)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.count == 32 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
    }

    @Test(
        "a program's help and its manual page name the same commands, and for each command the same options",
        arguments: [
            (Program.hub, "borderwire-hub.8"), (.post, "borderwire-post.8"), (.analyst, "borderwire.1"),
            (.console, "borderwire-console.1"),
        ])
    func commands(program: Program, page: String) async throws {
        let testbed = try Testbed()
        let manual = try HandbookTests.text("man/\(page)")
        let sections = HandbookTests.optionSections(of: manual)
        let common = try #require(sections["Common options"])
        var helped: [String: Set<String>] = [:]
        var left = HandbookTests.commands(in: try await testbed.run(program, ["--help"]).output).map { [$0] }
        #expect(left.count >= 2)
        for command in left.map({ $0[0] }) {
            #expect(manual.contains("\n.It Cm \(command)"), "\(command)")
            #expect(manual.contains("\n.Cm \(command)\n"), "\(command) in the synopsis")
        }
        while let path = left.popLast() {
            let help = try await testbed.run(program, path + ["--help"]).output
            helped[path.joined(separator: " ")] = Set(HandbookTests.options(in: help))
            left += HandbookTests.commands(in: help).map { path + [$0] }
        }
        for (command, options) in helped {
            let own = sections.filter { $0.key != "Common options" && HandbookTests.names($0.key, command) }
                .values.reduce(into: Set()) { $0.formUnion($1) }
            #expect(
                options.subtracting(common).symmetricDifference(own).isEmpty,
                "\(page), the sections 'Options of ...' that name \(command): \(own.sorted()); its help: \(options.sorted())"
            )
        }
        for section in sections.keys where section != "Common options" {
            #expect(helped.keys.contains { HandbookTests.names(section, $0) }, "\(section)")
        }
        let all = helped.values.reduce(into: Set()) { $0.formUnion($1) }
        #expect(common.subtracting(all) == ["version"], "common options that no command takes")
    }

    /// The options that each section of a page about options describes, by the section's title.
    private static func optionSections(of manual: String) -> [String: Set<String>] {
        var sections: [String: Set<String>] = [:]
        let parts = manual.replacingOccurrences(of: "\n.Sh ", with: "\n.Ss ").components(
            separatedBy: "\n.Ss ")
        for part in parts.dropFirst() {
            let lines = part.split(separator: "\n")
            guard let title = lines.first,
                title.hasPrefix("Options of ") || title == "Common options"
            else { continue }
            let items = lines.filter { $0.hasPrefix(".It ") }
            sections[String(title)] = Set(
                items.flatMap { item -> [String] in Array(item.components(separatedBy: "Fl Fl ").dropFirst())
                }
                .compactMap { $0.split(separator: " ").first.map(String.init) })
        }
        return sections
    }

    /// Whether `Options of tail and search` is about `search`. What a command takes, those below it take too.
    private static func names(_ title: String, _ command: String) -> Bool {
        title.dropFirst("Options of ".count).components(separatedBy: " and ").contains {
            command == $0 || command.hasPrefix($0 + " ")
        }
    }

    @Test("the version of the programs is the changelog's")
    func version() throws {
        let first = try HandbookTests.text("debian/changelog").split(separator: "\n").first
        let inside = first?.split(separator: "(").dropFirst().first?.split(separator: ")").first
        #expect(inside.map(String.init) == programVersion)
    }

    /// The words in the first column under the line `Commands`.
    static func commands(in help: [String]) -> [String] {
        let after = help.drop {
            !$0.lowercased().hasPrefix("commands") && !$0.lowercased().hasPrefix("subcommands")
        }
        return after.dropFirst().prefix { !$0.isEmpty }.compactMap { line in
            line.hasPrefix("  ") && !line.hasPrefix("   ")
                ? line.split(separator: " ").first.map(String.init) : nil
        }
    }

    /// `config` of `  -c, --config FILE`.
    static func options(in help: [String]) -> [String] {
        help.compactMap { line -> String? in
            let words = line.split { $0 == " " || $0 == "," }
            guard let first = words.first, first.hasPrefix("-") else { return nil }
            return words.first { $0.hasPrefix("--") }.map {
                String($0.dropFirst(2).prefix { $0.isLetter || $0 == "-" })
            }
        }
    }
}
