import AlertPost
import Foundation
import ProcessHarness
import Testing

@Suite("An outbox that was put back from an older copy")
struct OutboxCopyTests {
    private struct Line: Decodable {
        var id: String
        var state: String
    }

    @Test("its new alerts are not taken for those that the hub has under their numbers")
    func restored() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let post = deployment.post
            let copy = post.directory + "/copy"
            try await publish(deployment, 2, waiting: true)
            try await post.stop()
            try await deployment.testbed.shell("cp -a '\(post.state)' '\(copy)'").expect(0, "copy")
            try await post.start()
            try await publish(deployment, 3, waiting: true)
            try await post.stop()
            let before = try await deployment.log()
            #expect(before.count == 5)

            try await deployment.testbed.shell("rm -r '\(post.state)' && mv '\(copy)' '\(post.state)'")
                .expect(0, "put back")
            // As many that the outbox is not behind any more once the post greets the hub.
            let new = try await publish(deployment, 4, waiting: false)
            try await post.start()
            _ = try await post.process?.wait(for: "a refusal") { account in
                account.talk.contains { $0.contains("(conflict)") } ? () : nil
            }
            let states = try outcomes(post)
            let stored = Set(try await deployment.log().map(\.alert.id))
            for id in new where states[id] == .stored {
                #expect(stored.contains(id), "\(id) was told to be stored, and is not in the log")
            }
            #expect(stored.isSuperset(of: before.map(\.alert.id)))

            try await post.stop()
            try await post.run(["new-epoch", "--yes"]).expect(0, "new-epoch")
            try await post.start()
            try await publish(deployment, 1, waiting: true)
            let all = try await deployment.log().map(\.alert.id)
            #expect(Set(all).isSuperset(of: before.map(\.alert.id) + new))
            #expect(Set(all).count == all.count)
        }
    }

    @Test(
        "one that is replaced under the daemon: what waits in it is sent, and then the daemon begins anew on the other"
    )
    func replaced() async throws {
        try await withDeployment { deployment in
            try await deployment.post.start()
            let held = try await publish(deployment, 3, waiting: false)
            try await deployment.testbed.shell("rm '\(deployment.post.outbox)'*").expect(0, "remove")
            let new = try await publish(deployment, 2, waiting: false)
            _ = try await deployment.post.process?.wait(for: "its word") { account in
                account.talk.contains { $0.contains("3 alerts that wait in the former one") } ? () : nil
            }
            try await deployment.hub.start()
            let ended = try #require(try await deployment.post.process?.ended())
            #expect(ended.status == 75, "\(ended)")
            #expect(ended.words.contains("was replaced or removed"), "\(ended)")
            try await deployment.post.start()
            try await publish(deployment, 1, waiting: true)
            #expect(try await Set(deployment.log().map(\.alert.id)).isSuperset(of: held + new))
        }
    }

    private enum State { case queued, stored, rejected }

    /// Ids of what was published.
    @discardableResult
    private func publish(_ deployment: Deployment, _ count: Int, waiting: Bool) async throws -> [String] {
        let account = try await deployment.post.publish(
            Draft.many(count), ["--format", "json"] + (waiting ? ["--wait", "100s"] : []))
        try account.expect(0, "publish")
        return try account.output.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).id }
    }

    /// What the outbox says of each alert, by id.
    private func outcomes(_ post: TestPost) throws -> [String: State] {
        let outbox = try Outbox.open(path: post.outbox)
        let epoch = try outbox.summary().epoch
        let states = try outbox.states(of: Outbox.Stretch(epoch: epoch, sequences: 1..<100))
        return Dictionary(
            uniqueKeysWithValues: states.map { status in
                let state: State =
                    switch status.state {
                    case .queued: .queued
                    case .stored: .stored
                    case .rejected: .rejected
                    }
                return (uuid(status.id), state)
            })
    }

    private func uuid(_ bytes: [UInt8]) -> String {
        let digits = bytes.map { String(format: "%02x", $0) }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }
}
