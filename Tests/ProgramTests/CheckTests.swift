import Foundation
import ProcessHarness
import Testing

@Suite("borderwire-hub check")
struct CheckTests {
    private func line(_ account: Account, _ subject: String) -> String {
        account.output.first { $0.hasPrefix(subject) } ?? "no line about \(subject)"
    }

    @Test("a port that another program has is named, by its key; a running hub's own are in order")
    func ports() async throws {
        try await withDeployment { deployment in
            #expect(try await deployment.hub.run("check").status == 0)
            let listener = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = UInt16(clamping: deployment.hub.ingestPort).bigEndian
            place.sin_addr.s_addr = inet_addr(deployment.testbed.address)
            let bound = withUnsafePointer(to: &place) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(bound == 0 && listen(listener, 1) == 0)
            let account = try await deployment.hub.run("check")
            close(listener)
            #expect(account.status == 78)
            #expect(line(account, "ports").contains("listen.ingest: port \(deployment.hub.ingestPort)"))
            try await deployment.hub.start()
            let running = try await deployment.hub.run("check")
            #expect(running.status == 0, "\(running.words)")
        }
    }

    /// `KEY = VALUE` in place of a key's line of the deployment's hub.toml; ports count from the testbed's first one.
    static let wrong: [(change: [String: String], words: String)] = [
        (["ingest": "+0"], "listen.ingest: port +0 is listen.control's"),
        (["port": "+0"], "metrics.port: port +0 is listen.control's"),
        (["port": "+1"], "metrics.port: port +1 is listen.ingest's"),
        (["port": "+7"], "listen.feeds: port +7 is metrics.port's"),
        (["feeds": "[+0, +9]"], "listen.feeds: port +0 is listen.control's"),
        (["feeds": "[+1, +9]"], "listen.feeds: port +1 is listen.ingest's"),
        (["address": "\"localhost\""], "must be a numeric address"),
        (["address": "\"\""], "must be a numeric address"),
        (["address": "\"127.0.0.1:5560\""], "must be a numeric address"),
        (["address": "\"fe80::1\""], "must name the interface too"),
        (["address": "\"fe80::1%nowhere\""], "there is no interface nowhere"),
    ]

    @Test(
        "what run refuses of [listen] and [metrics] check refuses too, with the same words", arguments: wrong)
    func asRunDoes(change: [String: String], words: String) async throws {
        try await withDeployment { deployment in
            func port(_ text: String) -> String {
                text.replacing(#/\+(\d+)/#) { "\(deployment.testbed.firstPort + (Int($0.1) ?? 0))" }
            }
            let text = try String(contentsOfFile: deployment.hub.settings, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let key = line.split(separator: " ").first.map(String.init) ?? ""
                return change[key].map { "\(key) = \(port($0))" } ?? String(line)
            }
            try lines.joined(separator: "\n").write(
                toFile: deployment.hub.settings, atomically: true, encoding: .utf8)
            for command in ["check", "run"] {
                let account = try await deployment.hub.run(command)
                #expect(account.status == 78, "\(command): \(account.words)")
                #expect(account.words.contains(port(words)), "\(command): \(account.words)")
            }
        }
    }

    @Test("an address that this machine does not have is found, also beside ports that any will do")
    func notOurs() async throws {
        try await withDeployment { deployment in
            let settings = try deployment.hub.settingsElsewhere(state: "state")
            try deployment.replace(settings, "\"\(deployment.testbed.address)\"", "\"192.0.2.254\"")
            let account = try await deployment.testbed.run(.hub, ["check", "--config", settings])
            #expect(account.status == 78)
            #expect(line(account, "ports").contains("listen.control: port 0 of 192.0.2.254: Cannot assign"))
        }
    }

    @Test("which store keeps the log is said, and one that there is not is refused with the nearest name")
    func store() async throws {
        try await withDeployment(extra: "[store]\nkind = \"sqlite\"") { deployment in
            let account = try await deployment.hub.run("check")
            #expect(line(account, "log").contains("alerts.db (sqlite)"))
            let text = try String(contentsOfFile: deployment.hub.settings, encoding: .utf8)
            try deployment.testbed.write(
                text.replacingOccurrences(of: "\"sqlite\"", with: "\"sqlit\""), to: deployment.hub.settings)
            for command in ["check", "run"] {
                let account = try await deployment.hub.run(command)
                #expect(account.status == 78)
                #expect(
                    account.words.contains(
                        "store.kind: must be one of sqlite, postgres; did you mean sqlite?"),
                    "\(account.words)")
            }
        }
    }

    @Test("a registry that others can write and a log that others can read are found")
    func modes() async throws {
        try await withDeployment { deployment in
            try await deployment.hub.start()
            try await deployment.hub.stop()
            let registry = "\(deployment.hub.directory)/registry.toml"
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: registry)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: deployment.hub.database)
            let account = try await deployment.hub.run("check")
            #expect(account.status == 78)
            let found = line(account, "modes")
            #expect(found.contains("registry.toml can be written by others"))
            #expect(found.contains("alerts.db can be read by others"))
        }
    }

    @Test(
        "a public key file that is not what its name is enrolled with is found; so is a hub.pub of another key"
    )
    func keys() async throws {
        try await withDeployment { deployment in
            let other = deployment.testbed.directory + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
            try deployment.testbed.makeKeys("koh-kong", in: other)
            try deployment.testbed.makeKeys("hub", in: other)
            let place = deployment.hub.directory
            try FileManager.default.copyItem(
                atPath: deployment.post.publicKey, toPath: "\(place)/koh-kong.pub")
            #expect(try await deployment.hub.run("check").status == 0)
            for name in ["koh-kong", "hub"] {
                try FileManager.default.removeItem(atPath: "\(place)/\(name).pub")
                try FileManager.default.copyItem(
                    atPath: "\(other)/\(name).pub", toPath: "\(place)/\(name).pub")
            }
            let account = try await deployment.hub.run("check")
            #expect(account.status == 78)
            let found = line(account, "public keys")
            #expect(found.contains("koh-kong.pub has other keys"))
            #expect(found.contains("hub.pub is not of the hub's key"))
        }
    }
}
