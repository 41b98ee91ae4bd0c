import AlertFeed
import Foundation
import ProcessHarness
import Testing

/// SIGKILL in the middle of a run of alerts: nothing is lost, nothing comes twice.
@Suite("Kill -9")
struct KillTests {
    static let count = 400

    /// Publishes while `kill` does its work, once `count / 4` alerts have been stored.
    private func publish(
        _ deployment: Deployment, killing kill: @Sendable @escaping () async throws -> Void
    ) async throws {
        let publishing = try await deployment.post.publishing(["--wait", "200s", "--format", "json"])
        let writing = Task.detached {
            for draft in Draft.many(KillTests.count) { publishing.write(line: draft) }
            publishing.closeInput()
        }
        _ = try await publishing.lines(KillTests.count / 4)
        try await kill()
        await writing.value
        let account = try await publishing.ended(within: .seconds(240))
        #expect(account.status == 0)
        let lines = try account.published()
        #expect(lines.allSatisfy { $0.state == "stored" })
        #expect(lines.map(\.sequence) == Array(1...KillTests.count))
        #expect(lines.map(\.offset) == Array(1...KillTests.count))
    }

    @Test("of the hub: every alert that was told to be stored is there once, and a live reader misses none")
    func hub() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let tail = try await deployment.national.tail(["--since", "0", "--format", "json"])
            try await publish(deployment) {
                try await deployment.hub.kill()
                try await deployment.hub.start()
            }
            let lines = try await tail.lines(KillTests.count).map { try TailLine(line: $0) }
            #expect(lines.map(\.offset) == Array(1...KillTests.count))
            #expect(lines.map(\.sequence) == Array(1...KillTests.count))
            #expect(lines.allSatisfy { $0.verified })
            let stored = try await deployment.log()
            #expect(stored.map(\.alert.id) == lines.map(\.alert.id))
            #expect(try await tail.stop().output.count == KillTests.count)
        }
    }

    @Test("of the post's daemon: what its outbox holds goes on where it was")
    func post() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await publish(deployment) {
                try await deployment.post.kill()
                try await deployment.post.start()
            }
            #expect(try await deployment.log().map(\.sequence) == Array(1...KillTests.count))
        }
    }

    @Test("of an analyst with a cursor: the next one goes on exactly after what was printed")
    func analyst() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let arguments = ["--since", "0", "--cursor", "desk", "--format", "json"]
            let first = try await deployment.national.tail(arguments)
            let account = try await deployment.post.publish(Draft.many(50), ["--wait", "100s"])
            #expect(account.status == 0)
            _ = try await first.lines(50)
            // Of a line that was read a moment ago the cursor may not know yet: on a pipe it would come again.
            let file = deployment.national.state + "/desk.cursor"
            let end = ContinuousClock.now + Testbed.patience
            while Cursor.place(in: Array(FileManager.default.contents(atPath: file) ?? Data()))?.offset != 50,
                ContinuousClock.now < end
            { try await Task.sleep(for: .milliseconds(10)) }
            let printed = try await first.kill().output
            _ = try await deployment.post.publish(Draft.many(50), ["--wait", "100s"])
            let second = try await deployment.national.tail(arguments + ["--count", "50"])
            let offsets = try await (printed + second.ended().output).map { try TailLine(line: $0).offset }
            #expect(offsets == Array(1...100))
        }
    }

    @Test("of all at once")
    func all() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let publishing = try await deployment.post.publishing(["--format", "json"])
            for draft in Draft.many(100) { publishing.write(line: draft) }
            _ = try await publishing.lines(100)
            try await publishing.kill()
            try await deployment.post.kill()
            try await deployment.hub.kill()
            try await deployment.start()
            let tail = try await deployment.national.tail([
                "--since", "0", "--count", "100", "--format", "json",
            ])
            let sequences = try await tail.ended().output.map { try TailLine(line: $0).sequence }
            #expect(sequences == Array(1...100))
        }
    }
}
