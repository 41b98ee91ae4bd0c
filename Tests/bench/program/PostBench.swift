import AlertPost
import Foundation
import Platform
import ProcessHarness
import Settings

/// What a post's officer waits for: real programs, from the command line to the hub's disk and back.
enum PostBench {
    static let publications = 21
    static let queued = 10_000

    static func measure() async throws -> [Figure] {
        let testbed = try Testbed()
        let hub = try testbed.hub(extra: "[limits]\nrate = 1000000\nbyte_rate = \"4GiB\"\ndaily = \"64GiB\"")
        let post = try await testbed.post("koh-kong", hub)
        try await hub.start()
        try await post.start()
        let one = try await publish(post)
        try await hub.kill()
        let drained = try await drain(post, hub)
        return [one, drained]
    }

    /// From the start of the program to the line that says that the hub has it.
    private static func publish(_ post: TestPost) async throws -> Figure {
        var times: [Double] = []
        for number in 0...publications {
            let start = nanoseconds()
            let running = try await post.publishing(["--wait", "100s"])
            guard running.write(line: draft(number)) else { throw BenchFailure("publish takes no draft") }
            running.closeInput()
            try await running.wait(for: "stored") { account in
                account.output.contains { $0.hasPrefix("stored") } ? () : nil
            }
            times.append(Double(nanoseconds() - start) / 1e6)
            _ = try await running.ended()
        }
        // The first one also brings the link up.
        let sorted = times.dropFirst().sorted()
        return Figure(
            test: "publish", value: sorted[sorted.count / 2], unit: "ms",
            note: String(format: "%.1f .. %.1f (n=%d)", sorted[0], sorted[sorted.count - 1], sorted.count))
    }

    /// From the link's return to the last answer of what was queued while the hub was away.
    private static func drain(_ post: TestPost, _ hub: TestHub) async throws -> Figure {
        let account = try await post.publish((0..<queued).map(draft))
        try account.expect(0, "publish")
        let before = try await post.status()
        guard before.depth == queued else { throw BenchFailure("\(before.depth) wait, not \(queued)") }
        try await hub.start()
        var status = before
        // The last moment at which the link was not seen to be up: the time can only come out too long.
        var up = nanoseconds()
        while status.depth > 0 {
            let asked = nanoseconds()
            status = try await post.status()
            if status.link != "up" { up = asked }
        }
        let took = nanoseconds() - up
        return Figure(
            test: "drain", value: Double(took) / 1e9, unit: "s",
            note:
                "\(queued) alerts queued while the hub was away, from the link's return to the last answer"
        )
    }

    private static func draft(_ number: Int) -> String {
        #"{"kind":"movement","provinces":["Koh Kong"],"headline":"An invented van \#(number)","movement":{"mode":"road","direction":"out"}}"#
    }
}
