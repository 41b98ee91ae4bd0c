import AlertFeed
import Foundation
import Platform
import Settings
import Testing

@testable import Console

@Suite("The console's handbook")
struct ConsoleHandbookTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: WindowFixture.repository + "/" + path, encoding: .utf8)
    }

    @Test("each event is in the manual page with its id, and no other is")
    func events() throws {
        let section = try #require(
            try text("man/borderwire-console.1").components(separatedBy: ".Sh ").first {
                $0.hasPrefix("EVENTS")
            })
        let entries = section.split(separator: "\n").filter { $0.hasPrefix(".It Sy ") }.map { line in
            let words = line.dropFirst(7).split(separator: " ")
            return "\(words.first ?? "") \(words.last ?? "")"
        }
        #expect(entries == ConsoleEvent.allCases.map { "\($0.name) \($0.messageID)" })
    }

    @Test("console.toml shows every key, and the defaults are what it says")
    func settings() throws {
        let file = WindowFixture.repository + "/config/console.toml"
        let text = try text("config/console.toml")
        let whole = text.split(separator: "\n").map { line in
            let rest = line.hasPrefix("# ") ? line.dropFirst(2) : line
            let key = rest.prefix { $0 == "_" || ("a"..."z").contains($0) }
            return !key.isEmpty && rest.dropFirst(key.count).hasPrefix(" = ") ? rest : line
        }.joined(separator: "\n")
        let asIs = try decodeTOML(ConsoleSettings.self, file: file)
        let all = try TOMLDocument(text: Array(whole.utf8), file: file).decode(ConsoleSettings.self)
        #expect(all.port == asIs.port)
        #expect(all.language == asIs.language)
        #expect(all.window.alerts == asIs.window.alerts)
        #expect(all.window.memory.bytes == asIs.window.memory.bytes)
        #expect(all.page?.path == ConsoleSettings.systemPage && asIs.page == nil)
        #expect(all.post != nil && all.reader.posts != nil && all.reader.provinces != nil)
        #expect(asIs.post == nil && asIs.reader.posts == nil)
        #expect(throws: (any Error).self) {
            _ = try TOMLDocument(text: Array((whole + "\nfurther = 1\n").utf8), file: file).decode(
                ConsoleSettings.self)
        }
        // A reader can do without a state directory, a console can't.
        let without = whole.replacingOccurrences(of: "\nstate = ", with: "\n# state = ")
        #expect(throws: (any Error).self) {
            _ = try TOMLDocument(text: Array(without.utf8), file: file).decode(ConsoleSettings.self)
        }
    }
}
