import AlertPost
import Foundation
import ProcessHarness
import Testing
import Wire

@Suite("A post whose seals the hub does not take")
struct UnsealedAlertTests {
    /// The key file with the signing key of another one of the same name, and the CURVE key that it has.
    private func mixed(_ own: String, _ other: String) throws -> String {
        let foreign = try String(contentsOfFile: other, encoding: .utf8).split(separator: "\n")
        return try String(contentsOfFile: own, encoding: .utf8).split(separator: "\n").map { line in
            guard line.hasPrefix("signing_") else { return String(line) }
            let key = line.prefix { $0 != " " && $0 != "=" }
            return foreign.first { $0.hasPrefix(key) }.map(String.init) ?? String(line)
        }.joined(separator: "\n") + "\n"
    }

    @Test(
        "with a wrong signing key nothing is lost; with the right one, what it had sealed is refused, and the rest goes on"
    )
    func wrongKey() async throws {
        try await withDeployment { deployment in
            let post = deployment.post
            let key = "\(post.directory)/koh-kong.key"
            let right = try String(contentsOfFile: key, encoding: .utf8)
            let elsewhere = deployment.testbed.directory + "/elsewhere"
            try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
            try deployment.testbed.makeKeys("koh-kong", in: elsewhere)
            func use(_ text: String) throws {
                let handle = try #require(FileHandle(forWritingAtPath: key))
                try handle.truncate(atOffset: 0)
                try handle.write(contentsOf: Data(text.utf8))
                try handle.close()
            }
            try use(try mixed(key, elsewhere + "/koh-kong.key"))
            try await deployment.start()
            let open = try await post.publish(Draft.many(2), ["--wait", "2s"])
            #expect(open.status == 75, "\(open)")
            _ = try await post.process?.wait(for: "a word of its signatures") { account in
                account.talk.contains { $0.contains("takes no signature of this post") } ? () : nil
            }
            #expect(try await deployment.hub.status().refused == 0)
            #expect(try await post.status().depth == 2)
            #expect(try await deployment.hub.status().dropped["signature"] ?? 0 > 0)

            try await post.stop()
            try use(right)
            try await post.start()
            let account = try await post.publish(Draft.many(1), ["--wait", "100s", "--format", "json"])
            try account.expect(0, "publish")
            let status = try await post.settle { $0.depth == 0 }
            #expect(status.depth == 0 && status.rejected == 2, "\(status)")
            #expect(try await deployment.hub.status().stored == 1)
            #expect(try await deployment.hub.status().refused == 2)
        }
    }
}
