import AlertPost
import Foundation
import ProcessHarness
import Testing

/// Outputs that nobody takes, and descriptors that are closed.
@Suite("Pipes and descriptors")
struct PipeTests {
    private static func file(of count: Int, _ deployment: Deployment) throws -> String {
        try deployment.testbed.write(Draft.many(count).map { $0 + "\n" }.joined(), to: "drafts.jsonl")
    }

    @Test("publish queues a whole file also when whoever reads its output has gone")
    func publishToHead() async throws {
        try await withDeployment { deployment in
            // More batches than one, and more output than a pipe holds.
            let file = try PipeTests.file(of: 2_000, deployment)
            let account = try await deployment.testbed.shell(
                """
                $B/borderwire-post publish -f \(file) -c \(deployment.post.settings) | head -n 1
                echo ${PIPESTATUS[0]}
                """)
            #expect(account.output.count == 2 && account.output.last == "0", "\(account)")
            #expect(try await deployment.post.status().depth == 2_000)
        }
    }

    @Test("publish goes on with what standard input brings after whoever reads its output has gone")
    func publishInputToHead() async throws {
        try await withDeployment { deployment in
            let script = """
                exec 3> >(exec head -n 1); reader=$!
                $B/borderwire-post publish -f - -c \(deployment.post.settings) <&0 >&3 3>&- & exec 3>&-
                wait $reader; echo gone >&2; wait
                """
            let publishing = try await deployment.testbed.start(
                .other("/bin/bash"), ["-c", script], input: nil, environment: ["B": try BuiltTree.programs])
            publishing.write(line: Draft.suspect("First"))
            _ = try await publishing.wait(for: "the end of head") { account in
                account.talk.contains("gone") ? true : nil
            }
            for draft in Draft.many(3) { publishing.write(line: draft) }
            publishing.closeInput()
            let account = try await publishing.ended()
            #expect(account.output.count == 1, "\(account)")
            #expect(try await deployment.post.status().depth == 4)
        }
    }

    @Test(
        "publish to a full disk ends with 74, and says that everything was queued",
        arguments: ["text", "json"])
    func publishToFull(format: String) async throws {
        try await withDeployment { deployment in
            let file = try PipeTests.file(of: 3, deployment)
            let account = try await deployment.testbed.shell(
                "$B/borderwire-post publish -f \(file) -c \(deployment.post.settings) --format \(format) >/dev/full"
            )
            #expect(account.status == 74)
            #expect(account.words.contains("No space left on device"), "\(account)")
            #expect(account.words.contains("all 3 alerts were queued"), "\(account)")
            #expect(try await deployment.post.status().depth == 3)
        }
    }

    @Test("a check that finds something ends with its own status also when nobody reads it")
    func checkToNobody() async throws {
        try await withDeployment { deployment in
            try FileManager.default.removeItem(atPath: deployment.hub.state)
            let account = try await deployment.testbed.shell(
                """
                exec 3> >(true); wait $!
                $B/borderwire-hub check -c \(deployment.hub.settings) >&3; echo $?
                $B/borderwire-hub check -c \(deployment.hub.settings) >/dev/full; echo $?
                """)
            #expect(account.output == ["78", "78"], "\(account)")
        }
    }

    @Test("an enrolment that can't be reported is made, and ends with 74")
    func enrollToFull() async throws {
        try await withDeployment { deployment in
            let account = try await deployment.testbed.shell(
                "$B/borderwire-hub enroll \(deployment.post.publicKey) --publish koh-kong --read all "
                    + "-c \(deployment.hub.settings) >/dev/full")
            #expect(account.status == 74)
            #expect(account.words.contains("koh-kong is enrolled"), "\(account)")
            #expect(
                try await deployment.hub.run("identities").output.contains {
                    $0.hasPrefix("koh-kong: publishes koh-kong, reads all")
                })
        }
    }

    @Test("tail ends when whoever reads its output has gone, and does not wait for the next alert")
    func tailToHead() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            _ = try await deployment.post.publish(Draft.many(3), ["--wait", "100s"])
            let account = try await deployment.testbed.shell(
                """
                set -o pipefail
                $B/borderwire tail --since 0 --format json -c \(deployment.national.settings) | head -n 3 | wc -l
                """)
            #expect(account.status == 0 && account.output == ["3"], "\(account)")
            #expect(account.talk.isEmpty, "\(account)")
        }
    }

    @Test("with descriptors 0, 1 and 2 closed nothing is printed into a file of the program's own")
    func closedDescriptors() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let publish = try await deployment.testbed.shell(
                """
                $B/borderwire-post publish -f <(echo '\(Draft.suspect("Van"))') --wait 100s \
                -c \(deployment.post.settings) <&- >&- 2>&-
                """)
            #expect(publish.status == 0, "\(publish)")
            let settings = deployment.national.settings
            let account = try await deployment.testbed.shell(
                """
                $B/borderwire tail --cursor desk --since 0 --no-follow -c \(settings) <&- >&- 2>&-; echo $?
                $B/borderwire tail --cursor desk --no-follow -c \(settings) 2>&1; echo $?
                $B/borderwire-hub status -c \(deployment.hub.settings) <&- >&- 2>&-; echo $?
                """)
            #expect(account.output == ["0", "0", "0"], "\(account)")
            let cursor = try String(
                contentsOfFile: deployment.national.state + "/desk.cursor", encoding: .utf8)
            #expect(cursor.hasPrefix("{\"log\":") && !cursor.contains("Van"), "\(cursor)")
        }
    }
}
