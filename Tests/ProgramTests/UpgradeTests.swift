import AlertPost
import Foundation
import ProcessHarness
import Testing

/// What programs of a format wrote (Tests/upgrade), opened by the programs of today.
@Suite("Upgrades")
struct UpgradeTests {
    private static let formats = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("upgrade")

    enum Part: String, Sendable { case hub, post, reader }

    static let orders: [[Part]] = [
        [.hub, .post, .reader], [.hub, .reader, .post], [.post, .hub, .reader], [.post, .reader, .hub],
        [.reader, .hub, .post], [.reader, .post, .hub],
    ]

    /// A line of `borderwire tail --format json`, also of an alert whose content was erased.
    private struct Line: Decodable, Equatable {
        var offset: Int
        var topic: String
        var topicSequence: Int
        var post: String
        var epoch: String
        var sequence: Int
        var received: String
        var verified: Bool
        var alert: ID?

        struct ID: Decodable, Equatable {
            var id: String
        }

        init(_ line: some StringProtocol) throws {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Line.self, from: Data(line.utf8))
        }
    }

    private struct Old {
        var deployment: Deployment
        var ferry: TestPost
        var log: [Line]
    }

    /// The files of a format in the place of the deployment's own.
    private func load(_ format: String, _ deployment: Deployment) async throws -> Old {
        let ferry = try await deployment.testbed.post("prey-veng", deployment.hub)
        let file = UpgradeTests.formats.appendingPathComponent("\(format).tar.xz").path
        try await deployment.testbed.shell("tar -xJf '\(file)' -C '\(deployment.testbed.directory)'").expect(
            0, "tar")
        let lines = try String(contentsOfFile: "\(deployment.testbed.directory)/log.jsonl", encoding: .utf8)
        return Old(deployment: deployment, ferry: ferry, log: try lines.split(separator: "\n").map(Line.init))
    }

    @Test(
        "a log, outboxes, a cursor and checkpoints of format 2 go on where they were, whichever program starts first",
        arguments: orders)
    func goesOn(order: [Part]) async throws {
        try await withDeployment { deployment in
            let old = try await load("format-2", deployment)
            var tail: Running?
            for part in order {
                switch part {
                case .hub: try await deployment.hub.start()
                case .post:
                    try await deployment.post.start()
                    try await old.ferry.start()
                case .reader:
                    tail = try await deployment.national.tail(["--cursor", "place", "--format", "json"])
                }
            }
            let reader = try #require(tail)
            // Those that the cursor was behind, and those that were queued.
            _ = try await reader.lines(6)
            for post in [deployment.post, old.ferry] {
                let account = try await post.publish(
                    [Draft.suspect("An invented cart", provinces: [post.name])], ["--wait", "100s"])
                #expect(account.status == 0, "\(account)")
            }
            let read = try await reader.lines(8).map(Line.init)
            #expect(read.map(\.offset) == Array(8...15))
            #expect(Array(read.prefix(3)) == Array(old.log.suffix(3)))
            #expect(read.filter { $0.post == "koh-kong" }.map(\.sequence) == [7, 8, 9, 10, 11])
            #expect(read.filter { $0.post == "prey-veng" }.map(\.sequence) == [3, 4, 5])
            #expect(read.allSatisfy { $0.verified })
            try await reader.stop().expect(0, "tail")

            // The cursor is at the end, and the whole log is as it was and goes on.
            let rest = try await deployment.national.run(
                "tail", ["--cursor", "place", "--no-follow", "--format", "json"])
            try rest.expect(0, "tail")
            #expect(rest.output == [])
            let whole = try await deployment.national.run(
                "tail", ["--since", "0", "--no-follow", "--format", "json"])
            try whole.expect(0, "tail")
            let all = try whole.output.map { try Line($0) }
            #expect(all.map(\.offset) == Array(1...15))
            #expect(Array(all.prefix(10)) == old.log)
            #expect(all.allSatisfy { $0.verified })
            #expect(all.filter { $0.alert == nil }.map(\.offset) == [3])

            let status = try await deployment.post.status()
            #expect((status.depth, status.rejected, status.last) == (0, 1, 11))
            #expect(Set(all.filter { $0.post == "koh-kong" }.map(\.epoch)) == [status.epoch])
            for verified in [
                try await deployment.hub.run("verify"), try await deployment.national.run("verify"),
            ] {
                #expect(verified.status == 0, "\(verified.words)")
                #expect(verified.words.contains("sound"), "\(verified.words)")
            }
            #expect(try await deployment.hub.run("audit").output.contains { $0.contains("national") })
        }
    }
}
