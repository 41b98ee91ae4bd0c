import Foundation
import ProcessHarness
import Testing

/// What people write after `--since` and `--until`.
@Suite("When")
struct WhenTests {
    private func offsets(_ deployment: Deployment, _ arguments: [String]) async throws -> [Int] {
        let account = try await deployment.national.run("tail", ["--format", "json"] + arguments)
        #expect(account.status == 0, "\(account)")
        return try account.output.map { try TailLine(line: $0).offset }
    }

    @Test("--since takes the times that tail prints, in text as in JSON, and a date alone")
    func printed() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            let line = try #require(try await deployment.log().first)
            let text = try await deployment.national.run("tail", ["--no-follow"]).output
            let words = text.joined(separator: " ").split(whereSeparator: { " ,".contains($0) }).map(
                String.init)
            let mark = try #require(words.firstIndex(of: "received"), "\(text)")
            let received = words[mark + 1]
            #expect(received == line.received)
            let sent = String(text[0].prefix("2026-11-24 06:30 +07:00".count))
            #expect(sent.hasSuffix(" +07:00"), "\(sent)")
            for moment in [line.received, received, sent, String(received.prefix(10)), "1h"] {
                #expect(
                    try await offsets(deployment, ["--since", moment, "--no-follow"]) == [1], "\(moment)")
                let search = try await deployment.national.run(
                    "search", ["van", "--since", moment, "--format", "json"])
                #expect(search.output.count == 1, "\(moment)")
            }
            let refused = try await deployment.national.run("tail", ["--since", "24 Nov"])
            #expect(refused.status == 64 && refused.words.contains("2026-11-24"), "\(refused)")
        }
    }

    @Test("tail ends where --until says, without waiting for more")
    func until() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(4), ["--wait", "100s"])
            #expect(try await offsets(deployment, ["--until", "2"]) == [1, 2])
            #expect(try await offsets(deployment, ["--since", "1", "--until", "3"]) == [2, 3])
            #expect(try await offsets(deployment, ["--until", "2020-01-01"]) == [])
            #expect(try await offsets(deployment, ["--until", "2199-01-01"]) == [1, 2, 3, 4])
            #expect(try await offsets(deployment, ["--until", "1h"]) == [])
        }
    }

    private static let library = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map {
        "/usr/lib/\($0)/faketime/libfaketimeMT.so.1"
    }.first { FileManager.default.fileExists(atPath: $0) }

    @Test(
        "a time span counts from the hub's clock, whatever the analyst's says",
        .enabled(if: WhenTests.library != nil, "needs libfaketime"), arguments: ["+2h", "-2h"])
    func hubClock(skew: String) async throws {
        let library = try #require(WhenTests.library)
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(1), ["--wait", "100s"])
            let fake = ["LD_PRELOAD": library, "DONT_FAKE_MONOTONIC": "1", "FAKETIME": skew]
            func printed(_ command: [String]) async throws -> Int {
                let account = try await deployment.testbed.run(
                    .analyst, command + ["--format", "json", "--config", deployment.national.settings],
                    environment: fake.mapValues { $0 })
                return account.output.count
            }
            #expect(try await printed(["tail", "--no-follow", "--since", "1h"]) == 1)
            #expect(try await printed(["search", "van", "--since", "1h"]) == 1)
            #expect(try await printed(["search", "van", "--until", "1h"]) == 0)
        }
    }
}
