import Foundation
import ProcessHarness
import Testing
import Wire

/// Real programs whose clocks are wrong, by libfaketime.
@Suite("Clocks", .enabled(if: Wrong.library != nil, "needs libfaketime"))
struct ClockTests {
    private static let metric = "borderwire_clock_trusted"

    private func metrics(_ deployment: Deployment) async throws -> String {
        try await deployment.testbed.shell(
            "curl -s http://\(deployment.testbed.address):\(deployment.hub.metricsPort)/metrics"
        ).words
    }

    private func said(_ deployment: Deployment, _ words: String...) async throws {
        for words in words {
            try await deployment.hub.process?.wait(for: words) {
                $0.talk.contains { $0.contains(words) } ? () : nil
            }
        }
    }

    /// The hub's command with a clock of its own.
    private func command(
        _ deployment: Deployment, _ arguments: [String], _ clock: [String: String?]
    ) async throws -> Account {
        try await deployment.testbed.run(
            .hub, arguments + ["--config", deployment.hub.settings], environment: clock)
    }

    private func erased(_ deployment: Deployment) async throws -> Int {
        try await deployment.national.run("tail", ["--no-follow", "--format", "json"]).output
            .count { $0.contains("\"erased\":true") }
    }

    @Test(
        "a hub that starts with a clock two months ahead erases nothing, says so, and goes on with the operator's word"
    )
    func ahead() async throws {
        try await withDeployment { deployment in
            let clock = Wrong.clock("+62d")
            try await deployment.start()
            try await deployment.post.publish([Draft.movement("Grey van at the pier")], ["--wait", "100s"])
                .expect(0, "publish")
            try await deployment.hub.stop()
            // Before a hub has run with it: no command erases either.
            let purge = try await command(deployment, ["purge"], clock)
            #expect(purge.status == 75, "\(purge.words)")
            #expect(purge.words.contains("62 days ahead of the time when the hub last ran"), "\(purge.words)")
            let dry = try await command(deployment, ["purge", "--dry-run"], clock)
            #expect(dry.status == 0)
            #expect(dry.output.first?.contains("1 alerts") == true, "\(dry.words)")
            #expect(dry.words.contains("not now: the clock is"))
            try await deployment.hub.start(environment: clock)
            try await said(deployment, "the clock is 62 days ahead of the time when the hub last ran")
            #expect(try await metrics(deployment).contains("\n\(ClockTests.metric) 0"))
            #expect(try await metrics(deployment).contains("\nborderwire_erasing 0"))
            let check = try await command(deployment, ["check"], clock)
            #expect(check.status == 78)
            #expect(
                check.output.contains { $0.hasPrefix("clock: the clock is 62 days ahead") }, "\(check.words)")
            let shown = try await command(deployment, ["clock"], clock)
            #expect(shown.status == 75)
            #expect(shown.words.contains("posts heard: "), "\(shown.words)")
            let status = try await command(deployment, ["status"], clock)
            #expect(status.words.contains("62 days ahead"), "\(status.words)")
            // The post's clock is right, so that of the alerts stays so.
            try await deployment.post.publish([Draft.movement("Another van")], ["--wait", "100s"]).expect(
                0, "meanwhile")
            #expect(try await erased(deployment) == 0)
            // Nor is it written down until when former keys are good; what must end at once does.
            let rotate = ["enroll", "--rotate", deployment.post.publicKey]
            let long = try await command(deployment, rotate + ["--overlap", "1h"], clock)
            #expect(long.status == 75, "\(long.words)")
            try await command(deployment, rotate + ["--overlap", "0s"], clock).expect(0, "overlap 0s")
            // A word about another reading of the clock is none.
            let early = try await command(deployment, ["clock", "accept"], Wrong.clock("+0"))
            #expect(early.status == 0)
            try await said(deployment, "about another reading")
            #expect(try await metrics(deployment).contains("\nborderwire_erasing 0"))
            let word = try await command(deployment, ["clock", "accept"], clock)
            try word.expect(0, "accept")
            try await said(
                deployment, "the operator says", "believed again", "erased the content of 2 alerts")
            #expect(try await metrics(deployment).contains("\n\(ClockTests.metric) 1"))
            #expect(try await command(deployment, ["check"], clock).status == 0)
            #expect(try await command(deployment, ["verify"], clock).status == 0)
        }
    }

    @Test("a hub that was off for two months goes on by itself when three posts' clocks agree with its own")
    func off() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await deployment.post.publish([Draft.movement("Grey van at the pier")], ["--wait", "100s"])
                .expect(0, "publish")
            try await deployment.hub.stop()
            try await deployment.post.stop()
            let clock = Wrong.clock("+62d")
            try await deployment.hub.start(environment: clock)
            try await said(deployment, "62 days ahead")
            for (index, name) in ["koh-kong", "prey-veng", "pursat"].enumerated() {
                let post =
                    index == 0 ? deployment.post : try await deployment.testbed.post(name, deployment.hub)
                post.setEnvironment(clock)
                try await post.start()
            }
            try await said(deployment, "believed again", "erased the content of 1 alerts")
        }
    }

    @Test(
        "an alert that comes while the hub's clock is 73 years ahead is stamped with the time that it is, and so are later ones"
    )
    func stamp() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            try await deployment.post.publish([Draft.movement("The first")], ["--wait", "100s"]).expect(
                0, "1")
            try await deployment.hub.stop()
            try await deployment.hub.start(environment: Wrong.clock("+26645d"))
            try await deployment.post.publish([Draft.movement("The second")], ["--wait", "100s"]).expect(
                0, "2")
            try await deployment.hub.stop()
            try await deployment.hub.start()
            try await deployment.post.publish([Draft.movement("The third")], ["--wait", "100s"]).expect(
                0, "3")
            let log = try await deployment.national.run("tail", ["--no-follow", "--format", "json"])
            let year = "\(Calendar(identifier: .gregorian).component(.year, from: Date()))"
            #expect(log.output.count == 3)
            for line in log.output { #expect(line.contains("\"received\":\"\(year)"), "\(line)") }
            #expect(try await deployment.hub.run("check").status == 0)
        }
    }

    @Test(
        "a clock that jumps while the hub runs is not followed: no stamp, no silence, no keys by it; and back again all is well"
    )
    func jump() async throws {
        try await withDeployment(extra: "[limits]\nsilence = \"60s\"") { deployment in
            let file = deployment.testbed.directory + "/clock"
            try deployment.testbed.write("+0", to: file)
            try await deployment.hub.start(environment: Wrong.clock(following: file))
            try await deployment.post.start()
            let publish = [
                "publish", "movement", "--mode", "road", "--direction", "out", "--headline", "Van", "--wait",
                "100s",
            ]
            try await deployment.post.run(publish).expect(0, "before")
            let new = deployment.testbed.directory + "/new"
            try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: false)
            try deployment.testbed.makeKeys("koh-kong", in: new)
            try await deployment.hub.run("enroll", ["--rotate", "--overlap", "1h", "\(new)/koh-kong.pub"])
                .expect(
                    0, "rotate")
            for (step, word) in [("+26645d", "ahead"), ("-3000d", "behind")] {
                try deployment.testbed.write(step, to: file)
                try await said(deployment, "days \(word)")
                // With the former keys.
                try await deployment.post.run(publish).expect(0, step)
                try deployment.testbed.write("+0", to: file)
                let count = word == "ahead" ? 1 : 2
                try await deployment.hub.process?.wait(for: "believed") {
                    $0.talk.count { $0.contains("believed again") } == count ? () : nil
                }
            }
            let talk = deployment.hub.process?.account.talk ?? []
            #expect(
                !talk.contains { $0.contains("silent") || $0.contains("former keys no longer") }, "\(talk)")
            let log = try await deployment.national.run("tail", ["--no-follow", "--format", "json"])
            let year = "\(Calendar(identifier: .gregorian).component(.year, from: Date()))"
            #expect(log.output.count == 3)
            for line in log.output { #expect(line.contains("\"received\":\"\(year)"), "\(line)") }
        }
    }

    @Test(
        "an alert from the future is refused with field, rule and way out, by the post and by the hub; the officer hears of the clock"
    )
    func future() async throws {
        try await withDeployment { deployment in
            try await deployment.start()
            let far = Draft.suspect(
                "Grey van",
                more: #", "sent": "2062-01-01T00:00:00+07:00", "expires": "2062-01-02T00:00:00+07:00""#)
            let local = try await deployment.post.publish([far])
            #expect(local.status == 65)
            #expect(local.words.contains("sent: more than a day after this post's clock"), "\(local.words)")
            #expect(!local.words.contains("2062"))
            try await deployment.post.stop()
            let clock = Wrong.clock("+13000d")
            deployment.post.setEnvironment(clock)
            try await deployment.post.start()
            try await deployment.post.process?.wait(for: "skew") {
                $0.talk.contains {
                    $0.contains("ahead of the hub's: set it; alerts sent more than a day ahead")
                }
                    ? () : nil
            }
            let refused = try await deployment.testbed.run(
                .post, ["publish", "--file", "-", "--wait", "100s", "--config", deployment.post.settings],
                input: Array((Draft.suspect("Grey van") + "\n").utf8), environment: clock)
            #expect(refused.status == 65, "\(refused.words)")
            #expect(refused.words.contains("sent: more than a day after the hub's clock"), "\(refused.words)")
            #expect(refused.talk.contains { $0.contains("ahead of the hub's: set it") }, "\(refused.talk)")
            #expect(try await deployment.log().isEmpty)
            let status = try await deployment.hub.status()
            #expect(status.refusals.first?.code == "clock")
        }
    }
}

/// The environment of a program whose clock is wrong.
enum Wrong {
    /// Debian has it in a directory of its architecture.
    static let library: String? = {
        let directories = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return directories.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
    }()

    static func clock(_ shift: String) -> [String: String?] {
        ["LD_PRELOAD": library, "DONT_FAKE_MONOTONIC": "1", "FAKETIME": shift]
    }

    /// Whatever the file says at the time.
    static func clock(following file: String) -> [String: String?] {
        [
            "LD_PRELOAD": library, "DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
            "FAKETIME_TIMESTAMP_FILE": file,
        ]
    }
}
