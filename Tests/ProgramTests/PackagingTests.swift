import Foundation
import ProcessHarness
import Testing

/// What the packages' files promise, as far as that shows without an installation (`make test-service` installs them).
@Suite("Packaging")
struct PackagingTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: try BuiltTree.config + "/../" + path, encoding: .utf8)
    }

    @Test(
        "each service has a bound of memory, of descriptors and of threads",
        arguments: [
            "borderwire-hub", "borderwire-hub-backup", "borderwire-hub-page", "borderwire-post@",
            "borderwire-console@",
        ])
    func bounds(unit: String) throws {
        let lines = try PackagingTests.text("systemd/\(unit).service").split(separator: "\n")
        for key in ["MemoryMax=", "MemorySwapMax=", "LimitNOFILE=", "TasksMax="] {
            #expect(lines.contains { $0.hasPrefix(key) }, "\(key)")
        }
    }

    @Test(
        "a purge of the hub's package removes what the hub has made, leaves each backup, and says what it left"
    )
    func purge() async throws {
        let testbed = try Testbed()
        let root = testbed.directory
        let script = try PackagingTests.text("debian/borderwire-hub.postrm")
            .replacingOccurrences(of: "/var/", with: "\(root)/var/")
            .replacingOccurrences(of: "/etc/", with: "\(root)/etc/")
        try testbed.write(script, to: "postrm")
        let state = "\(root)/var/lib/borderwire-hub"
        let made =
            ["alerts.db", "alerts.db-wal", "alerts.db.lock", "audit.db", "registry-in-force.json"].map {
                "\(state)/\($0)"
            }
            + ["registry.toml", "hub.key"].map { "\(root)/etc/borderwire/\($0)" }
        let kept = ["\(state)/before-the-move.db", "\(root)/var/backups/borderwire-hub/alerts-1.db"]
        for path in made + kept {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try testbed.write("x", to: path)
        }
        let account = try await testbed.shell("sh \(root)/postrm purge")
        #expect(account.status == 0)
        #expect(made.filter(FileManager.default.fileExists) == [])
        #expect(kept.allSatisfy(FileManager.default.fileExists))
        #expect(
            account.words.contains("\(state) is left") && account.words.contains("rm -r \(root)/var/backups"))
        for path in kept { try FileManager.default.removeItem(atPath: path) }
        _ = try await testbed.shell("sh \(root)/postrm purge")
        #expect(!FileManager.default.fileExists(atPath: state))
    }
}
