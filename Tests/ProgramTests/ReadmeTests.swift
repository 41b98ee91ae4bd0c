import Foundation
import ProcessHarness
import Testing

/// README.md against the programs and the tree that it is about.
@Suite("The README")
struct ReadmeTests {
    private static func text(_ path: String = "README.md") throws -> String {
        try String(contentsOfFile: try BuiltTree.config + "/../" + path, encoding: .utf8)
    }

    /// Its shell lines, one block after the other.
    private static func quickStart() throws -> String {
        let parts = try text().components(separatedBy: "```")
        return parts.filter { $0.hasPrefix("sh\n") }.map { String($0.dropFirst(3)) }.joined()
    }

    @Test("its quick start, as it is typed, ends with the alert at the analyst's, in each of the three ways")
    func quickStart() async throws {
        let script = try Self.quickStart()
        try await withTestbed { testbed in
            // Beside other tests and hubs of this machine: a directory and an address of its own.
            let here =
                script
                .replacingOccurrences(of: "$PWD/.build/release", with: try BuiltTree.programs)
                .replacingOccurrences(of: "/tmp/borderwire", with: testbed.directory + "/quick-start")
                .replacingOccurrences(of: "127.0.0.1", with: testbed.address)
            let account = try await testbed.shell("set -euo pipefail; \(here)\nwait")
            try account.expect(0, "the quick start")
            let headline = "Grey van waits at the pier"
            #expect(account.output.count { $0.contains(headline) } == 3)
            #expect(account.output.count { $0.contains("\"verified\":true") } == 1)
            #expect(account.output.contains { $0.hasPrefix("stored ") && $0.contains(", offset 1, ") })
        }
    }

    @Test(
        "what it links is there, and so is each make target that it names",
        arguments: [
            "README.md", "Sources/README.md", "Tests/bench/README.md", "Tests/faults/README.md",
        ])
    func links(_ file: String) throws {
        let text = try Self.text(file)
        let place =
            try BuiltTree.config + "/../" + file.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        for link in text.matches(of: /\]\(([^)]+)\)/).map({ String($0.1) }) where !link.hasPrefix("https:") {
            #expect(FileManager.default.fileExists(atPath: place + link), "\(file) links \(link)")
        }
        let makefile = try Self.text("Makefile")
        for target in text.matches(of: /make ([a-z-]+)/).map({ String($0.1) }) {
            #expect(makefile.contains("\n\(target):"), "\(file) names make \(target)")
        }
    }

    @Test("it has at most 150 lines")
    func length() throws {
        #expect(try Self.text().split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
    }
}
