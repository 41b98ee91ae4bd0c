import Foundation
import ProcessHarness
import Testing

@Suite("What is over is shown as over")
struct StandingTests {
    private func ids(_ account: Account) throws -> [String] {
        try account.expect(0, "publish")
        return try account.published().compactMap(\.id)
    }

    private func publish(_ post: TestPost, _ words: [String]) async throws -> String {
        let account = try await post.run(
            ["publish"] + words + ["--wait", "100s", "--format", "json"])
        return try #require(try ids(account).first)
    }

    private struct Line: Decodable {
        struct Content: Decodable { var id: String }
        var offset: Int
        var state: String?
        var replacedBy: String?
        var disputedBy: [String]?
        var alert: Content

        enum CodingKeys: String, CodingKey {
            case offset, state, alert
            case replacedBy = "replaced_by"
            case disputedBy = "disputed_by"
        }
    }

    private func lines(_ account: Account) throws -> [Line] {
        try account.expect(0, "borderwire")
        return try account.output.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    @Test(
        "a reader of the backlog sees at the alert itself that it was updated, cancelled or disputed since, and --active leaves out what is over"
    )
    func backlog() async throws {
        try await withDeployment { deployment in
            let prey = try await deployment.testbed.post("prey-veng", deployment.hub)
            try await deployment.start()
            try await prey.start()
            let movement = ["movement", "--mode", "road", "--headline"]
            let cancelled = try await publish(deployment.post, movement + ["Grey van, cancelled"])
            let updated = try await publish(deployment.post, movement + ["Grey van, updated"])
            let disputed = try await publish(deployment.post, movement + ["Grey van, disputed"])
            _ = try await publish(deployment.post, movement + ["No longer", "--cancel", cancelled])
            let update = try await publish(
                deployment.post, movement + ["Grey van with a new plate", "--update", updated])
            // A rogue's word: it hides nothing.
            _ = try await publish(prey, ["sighting", "--of", disputed, "--outcome", "mistaken"])
            let reader = deployment.national
            let all = try lines(
                try await reader.run("tail", ["--since", "0", "--no-follow", "--format", "json"]))
            #expect(
                all.map(\.state) == ["cancelled", "updated", "active", nil, "active", "active"])
            #expect(all.map(\.replacedBy) == [nil, update, nil, nil, nil, nil])
            #expect(all.map(\.disputedBy) == [nil, nil, ["prey-veng"], nil, nil, nil])
            let active = try lines(
                try await reader.run(
                    "tail", ["--since", "0", "--no-follow", "--active", "--format", "json"]))
            #expect(active.map(\.offset) == [3, 5, 6])
            let found = try lines(
                try await reader.run("search", ["grey van", "--active", "--format", "json"]))
            #expect(found.map(\.offset) == [3, 5])
            let shown = try await reader.run("show", [cancelled])
            #expect(shown.words.contains("OVER: CANCELLED"), "\(shown.words)")
            let over = try await reader.run("show", [cancelled, "--active"])
            #expect(over.status == 66)
            #expect(over.talk.contains { $0.contains("is over") }, "\(over.talk)")
            let text = try await reader.run("show", [disputed])
            #expect(text.words.contains("disputed by prey-veng"), "\(text.words)")
            #expect(try await reader.run("show", [updated]).words.contains("replaced by \(update)"))
            let csv = try await reader.run(
                "tail", ["--since", "0", "--no-follow", "--format", "csv"])
            #expect(csv.output.first?.contains(",state,replaced_by,disputed_by") == true, "\(csv.output)")
            #expect(csv.output.dropFirst().first?.contains(#","cancelled","","""#) == true, "\(csv.output)")
            let status = try await deployment.hub.run("status")
            #expect(status.words.contains("1 times called mistaken"), "\(status.words)")
        }
    }

    @Test("a reader that follows is told of what ends an alert that it was shown, with --active too")
    func live() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let movement = ["movement", "--mode", "road", "--headline"]
            let id = try await publish(deployment.post, movement + ["Grey van"])
            let tail = try await deployment.national.tail(
                ["--since", "0", "--active", "--format", "json"])
            _ = try await tail.lines(1)
            _ = try await publish(deployment.post, movement + ["No longer", "--cancel", id])
            let lines = try await tail.lines(2)
            #expect(lines.last?.contains("\"msgType\":\"Cancel\"") == true, "\(lines)")
        }
    }
}
