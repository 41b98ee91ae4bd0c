import Alerts
import AlertStore
import Foundation
import HTTP
import Testing
import Wire

@testable import AlertHub

@Suite("Metrics")
struct MetricsTests {
    static let promtool = ["/usr/bin", "/usr/local/bin"].map { $0 + "/promtool" }
        .appending(ProcessInfo.processInfo.environment["BORDERWIRE_PROMTOOL"])
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private func text(_ hub: Hub, _ format: MetricsText.Format = .prometheus) -> String {
        var report = hub.core.report(at: hub.now)
        report.replay = ReplayLoad(queue: 1, pages: 2, alerts: 300)
        return MetricsText.make(report, version: "0.0.0", format)
    }

    /// A hub that has stored two alerts, refused one, dropped one, and taken times.
    private func busy() throws -> Hub {
        let post = Actor("koh-kong", publish: Reference.grant("koh-kong"), read: Reference.grant("koh-kong"))
        let other = Actor("prey-veng", publish: Reference.grant("prey-veng"))
        var hub = try Hub([post, other])
        hub.ingest(post.alert(1), from: post)
        hub.ingest(post.alert(2, provinces: ["KH-9", "KH-14"], kind: .movement), from: post)
        hub.ingest(post.alert(3, provinces: ["KH-14"]), from: post)
        hub.core.ingested([[1]], excess: 0, user: post.user, at: hub.now, log: hub.reader)
        _ = try hub.commit()
        hub.core.answered(3, after: .milliseconds(5))
        hub.core.answered(1, after: .seconds(20))
        hub.core.heard(DescriptorUse(used: 57, limit: 400, reserve: 50, waiting: 3, cut: 12))
        hub.core.beat(at: hub.now)
        return hub
    }

    @Test(
        "what was received, stored, refused, dropped and delivered is counted, each under its reason or province"
    )
    func counts() throws {
        let lines = Set(text(try busy()).split(separator: "\n"))
        for line in [
            "borderwire_alerts_received_total 4", "borderwire_alerts_stored_total 2",
            "borderwire_alerts_refused_total{reason=\"grant\"} 1",
            "borderwire_alerts_refused_total{reason=\"signature\"} 0",
            "borderwire_messages_dropped_total{reason=\"malformed\"} 1",
            "borderwire_alerts_delivered_total{country=\"kh\",province=\"koh-kong\",kind=\"suspect\"} 1",
            "borderwire_alerts_delivered_total{country=\"kh\",province=\"prey-veng\",kind=\"movement\"} 1",
            "borderwire_post_silent{post=\"koh-kong\"} 0", "borderwire_log_offset 2",
            "borderwire_post_heard_timestamp_seconds{post=\"koh-kong\"} 1800000000",
            "borderwire_descriptors_open 57", "borderwire_descriptors_reserve 50",
            "borderwire_connections_cut_total 12", "borderwire_replay_pages_total 2",
            "borderwire_identities_heard 1",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
    }

    @Test("what is recorded of an identity's reads shows with its other budgets, in metrics and in status")
    func recordings() throws {
        var hub = try busy()
        let line = Budgets.Line(resource: .auditRows, used: 500, most: 5_000, refused: 2)
        hub.core.hold(["koh-kong": line, "revoked-meanwhile": line], at: hub.now)
        let lines = Set(text(hub).split(separator: "\n"))
        for line in [
            "borderwire_budget_used_ratio{identity=\"koh-kong\",resource=\"audit-rows\"} 0.1",
            "borderwire_budget_refused_total{identity=\"koh-kong\",resource=\"audit-rows\"} 2",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        func used() -> Int64? {
            let status = HubStatus(hub.core.report(at: hub.now), request: 1)
            let link = status.links.first { $0.identity == "koh-kong" }
            return link?.budgets?.first { $0.resource == "audit-rows" }?.used
        }
        #expect(used() == 500)
        // All of them come back within an hour.
        hub.now.milliseconds += 180_000
        #expect(used() == 250)
    }

    @Test("a histogram's buckets are cumulative, and the last holds all")
    func histogram() throws {
        let lines = Set(text(try busy()).split(separator: "\n"))
        for line in [
            "borderwire_stored_seconds_bucket{le=\"0.004\"} 0",
            "borderwire_stored_seconds_bucket{le=\"0.008\"} 3",
            "borderwire_stored_seconds_bucket{le=\"8.0\"} 3",
            "borderwire_stored_seconds_bucket{le=\"+Inf\"} 4",
            "borderwire_stored_seconds_sum 20.015", "borderwire_stored_seconds_count 4",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
    }

    @Test("a batch that was rolled back stored and refused nothing")
    func rolledBack() throws {
        let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))
        var hub = try Hub([post])
        hub.ingest(post.alert(1), from: post)
        _ = hub.core.closeBatch()
        hub.core.rolledBack(at: hub.now)
        let lines = Set(text(hub).split(separator: "\n"))
        #expect(lines.contains("borderwire_alerts_stored_total 0"))
        #expect(lines.contains("borderwire_failed_commits_total 1"))
    }

    @Test(
        "OpenMetrics names counters' families without _total and ends with its mark; the other format does neither"
    )
    func formats() throws {
        let open = text(try busy(), .openMetrics)
        #expect(open.contains("# TYPE borderwire_alerts_stored counter\nborderwire_alerts_stored_total 2\n"))
        #expect(open.hasSuffix("# EOF\n"))
        let plain = text(try busy())
        #expect(
            plain.contains(
                "# TYPE borderwire_alerts_stored_total counter\nborderwire_alerts_stored_total 2\n"))
        #expect(!plain.contains("EOF"))
    }

    @Test(
        "promtool finds nothing to say",
        .enabled(if: promtool != nil, "no promtool: Debian's package prometheus has it"))
    func promtoolCheck() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(MetricsTests.promtool))
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        input.fileHandleForWriting.write(Data(text(try busy()).utf8))
        try input.fileHandleForWriting.close()
        let verdict = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(verdict.isEmpty)
        #expect(process.terminationStatus == 0)
    }

    @Test("a post that says nothing for longer than it may is reported once, and once more when it is back")
    func silence() throws {
        let post = Actor("koh-kong", publish: Reference.grant("koh-kong"))
        let reader = Actor("analyst", read: Reference.grant("koh-kong"))
        var hub = try Hub([post, reader])
        func look() -> [String] {
            hub.core.beat(at: hub.now)
            return notices(hub.core.takeActions()).map(\.message)
        }
        #expect(look().isEmpty)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 60_000)
        #expect(look().isEmpty)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 1)
        #expect(look() == ["koh-kong is silent: not heard of yet"])
        #expect(text(hub).contains("borderwire_post_silent{post=\"koh-kong\"} 1\n"))
        #expect(look().isEmpty)
        hub.core.links.heard("koh-kong", at: hub.now)
        #expect(look() == ["koh-kong is heard again"])
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 60_001)
        #expect(look().count == 1)
        // The clock is set back: no word of the post, no end of the silence.
        hub.now = Timestamp(milliseconds: hub.now.milliseconds - 50_000)
        #expect(look().isEmpty)
        #expect(text(hub).contains("borderwire_post_silent{post=\"koh-kong\"} 1\n"))
        // A post that is enrolled has its time from there.
        hub.core.follow(Registry([Actor("new", publish: Reference.grant("koh-kong")).registered]))
        _ = hub.core.takeActions()
        #expect(look().isEmpty)
    }

    @Test("which posts are silent is told to who may know, of the posts whose alerts it may read")
    func silentPosts() throws {
        let posts = ["koh-kong", "pursat", "prey-veng"].map { Actor($0, publish: Reference.grant($0)) }
        var desk = Actor("desk", read: Reference.grant("koh-kong", "prey-veng/suspect"))
        desk.may = [.receipts]
        let analyst = Actor("analyst", read: Reference.grant("all"))
        var hub = try Hub(posts + [desk, analyst])
        func ask(_ actor: Actor) throws -> Reply? {
            try hub.reply(hub.ask(.silent(Request.Silent(request: 5)), as: actor))
        }
        #expect(try ask(desk) == .silent(Reply.Silent(request: 5, posts: [])))
        hub.core.links.heard("prey-veng", at: hub.now)
        hub.core.beat(at: hub.now)
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 20_000)
        hub.core.links.heard("koh-kong", at: hub.now)
        let heard = hub.now.milliseconds
        hub.now = Timestamp(milliseconds: hub.now.milliseconds + 60_001)
        hub.core.beat(at: hub.now)
        _ = hub.core.takeActions()
        #expect(
            try ask(desk)
                == .silent(
                    Reply.Silent(
                        request: 5,
                        posts: [
                            Reply.Silent.Post(post: "koh-kong", since: heard),
                            Reply.Silent.Post(post: "prey-veng", since: heard - 20_000),
                        ])))
        guard case .refused(let refused) = try ask(analyst) else {
            Issue.record("who may not know it is told")
            return
        }
        #expect(refused.code == .grant)
    }

    @Test(
        "health follows the loop's beat, readiness the hub's phase, and metrics come once there is a report"
    )
    func pages() throws {
        let board = StatusBoard()
        let pages = Pages(board: board)
        func status(_ path: String) -> Int { pages.answer(HTTPRequest(path: path)).status }
        func all(_ expected: Int...) -> Bool {
            ["/healthz", "/readyz", "/metrics"].map(status) == expected
        }
        #expect(all(200, 503, 503))
        #expect(status("/") == 404)
        board.phase = .ready
        let hub = try busy()
        let now = ContinuousBoot.now
        board.beat(now)
        board.publish(hub.core.report(at: hub.now))
        #expect(all(200, 200, 200))
        let open = pages.answer(
            HTTPRequest(
                path: "/metrics", accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"))
        #expect(open.type.hasPrefix("application/openmetrics-text"))
        board.beat(now - board.limit - .seconds(1))
        #expect(status("/healthz") == 503)
        board.phase = .stopping
        #expect(status("/readyz") == 503)
    }
}

extension [String] {
    fileprivate func appending(_ more: String?) -> [String] { self + (more.map { [$0] } ?? []) }
}

/// The clock that the board is read with.
private enum ContinuousBoot {
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
