import AlertPost
import Foundation
import ProcessHarness
import SQLite
import Testing

@Suite("Stopping")
struct StopTests {
    @Test(
        "what a hub has received when it is told to stop is stored, and its posts know it, when it has ended")
    func drained() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            // Waits for drafts already: no program starts while a daemon stands still, which takes long on a busy machine.
            let draft = Draft.suspect("Invented")
            let publishing = try await deployment.post.publishing(["--format", "json"])
            publishing.write(line: draft)
            _ = try await publishing.lines(1)
            // The hub stands still; what the post sends meanwhile waits in the hub's own buffers.
            let hub = try #require(deployment.hub.process)
            let post = try #require(deployment.post.process)
            var total = 1
            var seen: [Int] = []
            // Where the post takes so long that it no longer counts on the hub it sends nothing: then again.
            var isSent = false
            for _ in 0..<10 where !isSent {
                _ = try await deployment.post.settle { $0.link == "up" && $0.depth == 0 }
                // The post stands still until all is queued: it gives a hub a few seconds, and the hub gives it more.
                post.signal(SIGSTOP)
                publishing.write(line: [String](repeating: draft, count: 20).joined(separator: "\n"))
                total += 20
                _ = try await publishing.lines(total)
                hub.signal(SIGSTOP)
                post.signal(SIGCONT)
                // All of it lies in the kernel's buffers of the hub's connection: twenty alerts, and no more comes.
                let end = ContinuousClock.now + .seconds(10)
                var since: (bytes: Int, at: ContinuousClock.Instant) = (0, .now)
                while !isSent, ContinuousClock.now < end {
                    let bytes = try waiting(at: deployment.testbed.address, deployment.hub.ingestPort)
                    if bytes != since.bytes { since = (bytes, .now) }
                    try await Task.sleep(for: .milliseconds(10))
                    // Where the hub was slow to answer they are compressed, but for their signatures.
                    isSent = bytes > 20 * 64 && ContinuousClock.now - since.at > .milliseconds(200)
                }
                seen.append(since.bytes)
                if !isSent { hub.signal(SIGCONT) }
            }
            try #require(
                isSent, "the post never sent twenty alerts to the hub that stands still: \(seen) bytes")
            hub.signal(SIGTERM)
            hub.signal(SIGCONT)
            let account = try await hub.ended()
            #expect(account.status == 0)
            let log = try Connection(path: deployment.hub.database, mode: .read, busyTimeout: .seconds(5))
            #expect(try log.number("SELECT count(*) FROM alerts") == total)
            // Nobody is there any more to answer anything.
            try await deployment.post.drain()
        }
    }

    /// Bytes that have arrived for connections to this place and were not read yet (proc(5), net/tcp).
    private func waiting(at address: String, _ port: Int) throws -> Int {
        // The address as the machine has it in memory: its last byte first.
        let octets = address.split(separator: ".").compactMap { UInt8($0) }.reversed()
        let place = octets.map { String(format: "%02X", $0) }.joined() + String(format: ":%04X", port)
        var bytes = 0
        // To its end: read at once, Foundation stops early in a long one, which says it has no size.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/net/tcp"))
        var table = Data()
        while let part = try file.read(upToCount: 65_536), !part.isEmpty { table += part }
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            guard fields.count > 4, fields[1] == place,
                let queue = fields[4].split(separator: ":").last
            else { continue }
            bytes += Int(queue, radix: 16) ?? 0
        }
        return bytes
    }
}

extension TestPost {
    /// Returns when the hub has answered everything of the outbox.
    fileprivate func drain() async throws {
        let depth = try await settle { $0.depth == 0 }.depth
        try #require(depth == 0, "alerts that the hub has not answered")
    }
}
