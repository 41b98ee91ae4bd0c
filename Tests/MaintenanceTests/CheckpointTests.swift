import AlertPost
import Alerts
import Foundation
import Identity
import LogProof
import ProcessHarness
import Testing
import Wire

@Suite struct CheckpointTests {
    private let hub = SigningKey()

    private func signed(
        _ offset: UInt64, hash: UInt8, log: UInt64 = 7, by key: SigningKey? = nil
    ) -> SignedCheckpoint {
        Checkpoint(
            log: log, offset: offset, time: SmallHub.start, hash: Array(repeating: hash, count: 32),
            root: Array(repeating: hash, count: 32)
        ).signed(by: key ?? hub)
    }

    private func fork(_ work: () throws -> Void) -> String? {
        do {
            try work()
            return nil
        } catch {
            return (error as? CheckpointVerifier.Fork)?.description
        }
    }

    @Test("a checkpoint survives both of its forms, and a byte more or less makes it malformed")
    func forms() throws {
        let checkpoint = signed(4711, hash: 9)
        #expect(try SignedCheckpoint(decoding: checkpoint.encoded()) == checkpoint)
        let json = try JSONEncoder().encode(checkpoint)
        #expect(try JSONDecoder().decode(SignedCheckpoint.self, from: json) == checkpoint)
        for count in 0..<checkpoint.encoded().count {
            #expect(throws: Malformed.self) {
                try SignedCheckpoint(decoding: Array(checkpoint.encoded().prefix(count)))
            }
        }
        #expect(throws: Malformed.self) { try SignedCheckpoint(decoding: checkpoint.encoded() + [0]) }
        for damage in [#""hash":"00""#, #""hash":"0g""#, #""hash":1"#] {
            let text = String(decoding: json, as: UTF8.self).replacing(
                #/"hash":"[0-9a-f]*"/#, with: damage)
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(SignedCheckpoint.self, from: Data(text.utf8))
            }
        }
    }

    @Test("a heartbeat carries it as one more frame")
    func heartbeat() throws {
        var heartbeat = Heartbeat(log: 7, offset: 12, sent: SmallHub.start, heads: Heads())
        #expect(try FeedMessage(frames: heartbeat.frames()) == .heartbeat(heartbeat))
        heartbeat.checkpoint = signed(12, hash: 1)
        #expect(heartbeat.frames().count == 3)
        #expect(try FeedMessage(frames: heartbeat.frames() + [[1]]) == .heartbeat(heartbeat))
    }

    @Test("the latest checkpoint is kept, and the hub is asked for its offset on each link")
    func keeping() throws {
        var witness = CheckpointVerifier(hub: hub.verifyingKey, kept: [])
        #expect(try witness.question(log: 7, head: 0, latest: nil) == nil)
        let first = try witness.see(signed(5, hash: 5))
        let older = try witness.see(signed(4, hash: 4))
        let again = try witness.see(signed(5, hash: 5))
        #expect((first, older, again) == (true, false, false))
        #expect(try witness.question(log: 7, head: 9, latest: signed(9, hash: 9)) == 5)
        #expect(try witness.question(log: 7, head: 5, latest: signed(5, hash: 5)) == nil)
        try witness.confirm(signed(5, hash: 5))
        // Another log says nothing about this one.
        #expect(try witness.question(log: 8, head: 0, latest: nil) == nil)
    }

    @Test("a log with another hash at the kept offset, or without that offset, is a fork")
    func forks() throws {
        let kept = signed(5, hash: 5)
        let witness = CheckpointVerifier(hub: hub.verifyingKey, kept: [kept])
        #expect(fork { try witness.confirm(signed(5, hash: 6)) }?.contains("has forked") == true)
        #expect(fork { try witness.confirm(signed(6, hash: 5)) } != nil)
        #expect(fork { try witness.confirm(signed(5, hash: 5, by: SigningKey())) }?.contains("key") == true)
        #expect(fork { _ = try witness.question(log: 7, head: 4, latest: nil) }?.contains("gone") == true)
        #expect(fork { _ = try witness.question(log: 7, head: 5, latest: signed(5, hash: 6)) } != nil)
        var seeing = witness
        #expect(fork { _ = try seeing.see(signed(5, hash: 6)) } != nil)
        #expect(fork { _ = try seeing.see(signed(6, hash: 6, by: SigningKey())) } != nil)
    }

    /// A hub with alerts and its checkpoint over them, a post and an analyst that have seen it.
    private func town(_ testbed: Testbed) async throws -> (TestHub, TestPost, TestAnalyst) {
        let hub = try testbed.hub()
        let post = try await testbed.post("koh-kong", hub)
        let analyst = try await testbed.analyst("analyst", hub, read: ["all"])
        try await hub.start()
        try await post.start()
        try await post.publish(SampleDrafts.drafts(5), ["--wait", "100s"]).expect(0, "publish")
        // On its start the hub signs where its log ends.
        try await hub.stop()
        try await hub.start()
        let read = try await analyst.run("tail", ["--no-follow", "--cursor", "desk", "--format", "json"])
        try read.expect(0, "tail")
        #expect(read.output.count == 5)
        try await post.stop()
        try await post.start()
        try await post.settle { $0.link == "up" }
        return (hub, post, analyst)
    }

    @Test("a hub whose log was rewritten is refused by the analyst with a cursor and by the post")
    func rewritten() async throws {
        try await withTestbed { testbed in
            let (hub, post, analyst) = try await town(testbed)
            try await hub.stop()
            try await testbed.shell(
                "sqlite3 \(hub.database) \"UPDATE alerts SET hash = zeroblob(32) WHERE offset = 5\""
            )
            .expect(0, "sqlite3")
            try await hub.start()
            let read = try await analyst.run("tail", ["--no-follow", "--cursor", "desk"])
            #expect(read.status == 65)
            #expect(
                read.talk.contains { $0.contains("the hub's log has forked: at offset 5") }, "\(read.talk)")
            let verified = try await analyst.run("verify")
            #expect(verified.status == 65)
            #expect(verified.output.contains { $0.contains("has forked") })
            let status = try await post.settle { $0.link == "refused" }
            #expect(status.reason?.contains("has forked") == true, "\(status)")
        }
    }

    @Test("a hub whose log has lost its end is refused")
    func lostEnd() async throws {
        try await withTestbed { testbed in
            let hub = try testbed.hub()
            let (_, post, analyst) = (
                hub, try await testbed.post("koh-kong", hub),
                try await testbed.analyst("analyst", hub, read: ["all"])
            )
            try await hub.start()
            try await post.start()
            try await post.publish(SampleDrafts.drafts(2), ["--wait", "100s"]).expect(0, "publish")
            try await hub.stop()
            try await testbed.shell("cp \(hub.database) \(testbed.directory)/old.db").expect(0, "cp")
            try await hub.start()
            try await post.publish(SampleDrafts.drafts(2), ["--wait", "100s"]).expect(0, "publish")
            try await hub.stop()
            try await hub.start()
            try await analyst.run("tail", ["--no-follow", "--cursor", "desk"]).expect(0, "tail")
            try await post.stop()
            try await post.start()
            try await post.settle { $0.link == "up" }
            try await hub.stop()
            try await testbed.shell("cp \(testbed.directory)/old.db \(hub.database)").expect(0, "cp")
            try await hub.start()
            let read = try await analyst.run("tail", ["--no-follow", "--cursor", "desk"])
            #expect(read.status == 65)
            #expect(
                read.talk.contains { $0.contains("alerts that were in the log are gone") }, "\(read.talk)")
            let status = try await post.settle { $0.link == "refused" }
            #expect(status.reason?.contains("gone") == true)
        }
    }

    @Test("an untouched hub verifies from the analyst's side")
    func sound() async throws {
        try await withTestbed { testbed in
            let (_, _, analyst) = try await town(testbed)
            let account = try await analyst.run("verify")
            try account.expect(0, "verify")
            #expect(account.output.contains("the log continues the checkpoint of desk"))
            #expect(account.output.last?.contains("offsets 1 to 5: sound; 5 alerts: 5 seals verify") == true)
            let json = try await analyst.run(
                "verify", ["--format", "json", "--from", "3", "--cursor", "desk"])
            #expect(json.output.first?.contains(#""alerts":3"#) == true)
        }
    }
}
