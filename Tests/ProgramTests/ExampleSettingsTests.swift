import AlertFeed
import AlertHub
import AlertPost
import Foundation
import Platform
import ProcessHarness
import Settings
import Testing

/// config/hub.toml, post.toml and analyst.toml: a key with a default stands in a comment, with that default.
@Suite("The example settings")
struct ExampleSettingsTests {
    /// The file as it is, and with every commented key made a real one.
    private func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> (
        asIs: Value, whole: Value, keys: Int
    ) {
        let file = try BuiltTree.config + "/\(name).toml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let lines = text.split(separator: "\n").map { line in
            line.hasPrefix("# ") && isSetting(line.dropFirst(2)) ? line.dropFirst(2) : line
        }
        let whole = lines.joined(separator: "\n")
        let keys = lines.count { isSetting($0) }
        return (
            try decodeTOML(type, file: file),
            try TOMLDocument(text: Array(whole.utf8), file: file).decode(type), keys
        )
    }

    private func isSetting(_ line: Substring) -> Bool {
        let key = line.prefix { $0 == "_" || ("a"..."z").contains($0) }
        return !key.isEmpty && line.dropFirst(key.count).hasPrefix(" = ")
    }

    /// Settings that are not tables of settings themselves.
    private func leaves(_ value: Any) -> [String] {
        let tables = [
            "Listen", "HubLimits", "RetentionSettings", "MetricsSettings", "EscalationSettings", "HubAddress",
            "HubList", "Array<HubAddress>", "OutboxLimits", "StoreSettings", "ExportSettings",
        ]
        // The log's backend is made of a key, and is none.
        return Mirror(reflecting: value).children.filter { $0.label != "log" }.flatMap { child in
            tables.contains("\(type(of: child.value))")
                ? leaves(child.value) : ["\(child.label ?? "") = \(child.value)"]
        }
    }

    /// Where the comment shows a value that is not the default: nil stands for the usual place, or for none.
    private func differences<Value>(_ decoded: (asIs: Value, whole: Value, keys: Int)) -> [String] {
        zip(leaves(decoded.asIs), leaves(decoded.whole)).filter { $0 != $1 && !$0.hasSuffix(" = nil") }.map {
            "\($0), not \($1)"
        }
    }

    @Test("hub.toml shows every key, and the defaults are what it says")
    func hub() throws {
        let decoded = try decode(HubSettings.self, "hub")
        #expect(differences(decoded).isEmpty)
        #expect(decoded.keys == leaves(decoded.whole).count)
    }

    @Test("post.toml shows every key, and the defaults are what it says")
    func post() throws {
        let decoded = try decode(PostSettings.self, "post")
        #expect(differences(decoded).isEmpty)
        #expect(decoded.keys == leaves(decoded.whole).count)
    }

    @Test("analyst.toml shows every key, and the defaults are what it says")
    func analyst() throws {
        let decoded = try decode(ReaderSettings.self, "analyst")
        #expect(differences(decoded).isEmpty)
        #expect(decoded.keys == leaves(decoded.whole).count)
    }
}
