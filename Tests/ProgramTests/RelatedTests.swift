import Foundation
import ProcessHarness
import Testing

@Suite("What may be about the same")
struct RelatedTests {
    private func publish(_ post: TestPost, plate: String, _ more: String...) async throws -> (
        id: String, account: Account
    ) {
        let account = try await post.run(
            [
                "publish", "movement", "--mode", "road", "--headline", "Invented van", "--vehicle", "van",
                "--plate", plate, "--wait", "100s",
            ] + more)
        try account.expect(0, "publish")
        let line = try #require(account.output.first { $0.hasPrefix("queued ") })
        return (String(line.dropFirst("queued ".count).prefix(36)), account)
    }

    @Test(
        "whoever publishes a plate that another alert has is told with the answer, by name only what it may read, and readers ask"
    )
    func plate() async throws {
        try await withDeployment { deployment in
            let prey = try await deployment.testbed.post("prey-veng", deployment.hub)
            let narrow = try await deployment.testbed.analyst("narrow", deployment.hub, read: ["koh-kong"])
            try await deployment.start()
            try await prey.start()
            let first = try await publish(deployment.post, plate: "2AB-0012")
            #expect(!first.account.words.contains("possible match"), "\(first.account.words)")
            let second = try await publish(prey, plate: "២ab 0012")
            #expect(
                second.account.output.contains(
                    "possible match: one exists in a province that you may not read"),
                "\(second.account.words)")
            #expect(!second.account.words.contains(first.id))
            let asked = try await deployment.national.run("related", [second.id])
            try asked.expect(0, "related")
            #expect(
                asked.words.contains("possible match: plate, movement \(first.id) by koh-kong of koh-kong,"),
                "\(asked.words)")
            #expect(asked.words.contains(" ago"))
            let json = try await deployment.national.run("related", [first.id, "--format", "json"])
            #expect(json.words.contains("\"post\":\"prey-veng\""), "\(json.words)")
            let hidden = try await narrow.run("related", [first.id])
            try hidden.expect(0, "related")
            #expect(hidden.output == ["possible match: one exists in a province that you may not read"])
            let none = try await narrow.run("related", [second.id])
            #expect(none.status == 66, "an alert that it may not read leads nowhere: \(none.words)")
            let shown = try await deployment.national.run("show", [first.id])
            #expect(shown.words.contains("possible match: plate, movement \(second.id)"), "\(shown.words)")
            // What is over is no match.
            _ = try await publish(prey, plate: "2AB-0012", "--cancel", second.id)
            let over = try await deployment.national.run("related", [first.id])
            #expect(over.status == 66, "\(over.words)")
            try await deployment.hub.process?.wait(for: "the event") {
                $0.talk.contains { $0.contains("in a province that it may not read") } ? () : nil
            }
            let audit = try await deployment.hub.run("audit")
            #expect(audit.words.contains("related"), "\(audit.words)")
        }
    }

    @Test(
        "show asks all that it shows over one connection: where two are allowed, two at once are none too many"
    )
    func oneConnection() async throws {
        try await withDeployment(extra: "[limits]\nconnections = 2") { deployment in
            try await deployment.start()
            _ = try await publish(deployment.post, plate: "2AB-0012")
            let second = try await publish(deployment.post, plate: "2AB-0012")
            async let one = deployment.national.run("show", [second.id])
            async let other = deployment.national.run("show", [second.id])
            for shown in [try await one, try await other] {
                #expect(shown.status == 0 && shown.words.contains("possible match: plate"), "\(shown.words)")
            }
            let talk = deployment.hub.process?.account.talk ?? []
            #expect(!talk.contains { $0.contains("more than 2 connections") }, "\(talk)")
        }
    }
}
