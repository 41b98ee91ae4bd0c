import Foundation
import Platform
import Settings
import Testing

@testable import AlertHub

@Suite("Changed settings")
struct SettingsChangeTests {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("config/hub.toml")
        .path

    private func settings(_ more: String = "") throws -> HubSettings {
        let text = "key = \"k\"\nregistry = \"r\"\nstate = \"s\"\n[listen]\n" + more
        return try TOMLDocument(text: Array(text.utf8), file: "hub.toml").decode(HubSettings.self)
    }

    @Test("every key of hub.toml is compared, and no other")
    func all() throws {
        var table = ""
        var keys: Set<String> = []
        for line in try String(contentsOfFile: SettingsChangeTests.file, encoding: .utf8).split(
            separator: "\n")
        {
            let bare = line.hasPrefix("# ") ? line.dropFirst(2) : line
            if line.hasPrefix("[") { table = line.dropFirst().dropLast() + "." }
            let key = bare.prefix { $0 == "_" || ("a"..."z").contains($0) }
            if !key.isEmpty, bare.dropFirst(key.count).hasPrefix(" = ") { keys.insert(table + key) }
        }
        #expect(Set(SettingsChange.keys.map(\.name)) == keys)
    }

    @Test("what a running hub takes over and what waits for a restart are told apart, each by its key")
    func apart() throws {
        let change = SettingsChange(
            from: try settings(),
            to: try settings(
                "control = 7000\n[limits]\nrate = 5\nsilence = \"30s\"\n[retention]\naudit = \"30d\"\n[metrics]\nport = 1\n"
            ))
        #expect(change.live == ["limits.rate", "limits.silence", "retention.audit"])
        #expect(change.restart == ["listen.control", "metrics.port"])
        #expect(
            change.words
                == "in force: limits.rate, limits.silence, retention.audit; after a restart: listen.control, metrics.port"
        )
        #expect(SettingsChange(from: try settings(), to: try settings()).isEmpty)
    }
}
