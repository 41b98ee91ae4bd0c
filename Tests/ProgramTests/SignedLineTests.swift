import Foundation
import Identity
import Notation
import ProcessHarness
import Testing
import Wire

@Suite("Signatures in what tail prints")
struct SignedLineTests {
    /// What a script has: a line of `tail --format json`, and the post's public key.
    private func isSigned(_ line: String, by key: VerifyingKey) throws -> Bool {
        func bytes(_ name: String) throws -> [UInt8] {
            let start = try #require(line.range(of: "\"\(name)\":\""))
            return try #require([UInt8](hex: String(line[start.upperBound...].prefix { $0 != "\"" })))
        }
        let start = try #require(line.range(of: "\"alert\":"))
        let payload = Array(line[start.upperBound...].dropLast().utf8)
        var seals = SealChecker()
        return seals.check(
            try bytes("seal"), over: try bytes("header"), digest: Seal.digest(of: payload), by: key)
    }

    @Test(
        "a script can check each of them from the line alone, of one alert and of a run; one changed byte shows"
    )
    func check() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await deployment.post.publish(Draft.many(1), ["--wait", "100s"]).expect(0, "one")
            try await deployment.post.publish(Draft.many(5), ["--wait", "100s"]).expect(0, "a run")
            let key = try KeyFiles.readPublic(deployment.post.publicKey).signing
            let lines = try await deployment.national.run("tail", ["--no-follow", "--format", "json"]).output
            #expect(lines.count == 6)
            for line in lines {
                #expect(try isSigned(line, by: key))
                let changed = line.replacingOccurrences(of: "Van number", with: "Van Number")
                #expect(changed != line)
                #expect(try !isSigned(changed, by: key))
            }
        }
    }
}
