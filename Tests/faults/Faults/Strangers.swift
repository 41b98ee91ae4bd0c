import Alerts
import Glibc
import Identity
import Platform
import ProcessHarness
import Seeded
import SQLite
import Wire
import ZeroMQ

/// Those who do not belong there, or not with what they do, while those who do go on.
enum Strangers {
    static let all = [
        Fault(name: "strangers", isAlone: true, run: strangers),
        Fault(name: "revoked", isAlone: true) { try await revoked($0) },
        Fault(name: "garbage", isAlone: true, run: garbage),
        Fault(name: "flood", isAlone: true, run: flood),
    ]

    // MARK: Keys and grants

    private static func strangers(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random, rate: trial.rate)
            let hostile = try Hostile(load.hub)
            try await keys(load, hostile, &row)
            try await grants(load, hostile, &row)
            try await captured(load, hostile, &row)
            row.times = row.refused?.of ?? 0
            try await load.settle(&row)
        }
        return row
    }

    /// Each refusal beside a good key that is let in at the same port, with the same kind of socket.
    private static func keys(_ load: Load, _ hostile: Hostile, _ row: inout Row) async throws {
        let feeds = try await load.hub.status().feeds
        let unknown = try hostile.security(IdentityKeys(name: "nobody"))
        let analyst = load.desks[1].analyst
        let mine = try hostile.security(of: analyst.name, in: analyst.directory)
        let post = try hostile.security(of: load.posts[0].name, in: load.posts[0].directory)
        var ports: [(name: String, port: Int, type: SocketType, good: Security)] = [
            ("control", load.hub.controlPort, .dealer, mine),
            ("control", load.hub.controlPort, .dealer, post),
            ("ingest", load.hub.ingestPort, .extendedPublish, post),
        ]
        for feed in feeds {
            guard let desk = load.desks.first(where: { feed.identities.contains($0.analyst.name) }) else {
                continue
            }
            let good = try hostile.security(of: desk.analyst.name, in: desk.analyst.directory)
            ports.append(("the feed of \(feed.read)", feed.port, .subscribe, good))
            if try !hostile.hears(feed.port, good) {
                row.problems.append("nothing comes on the feed of \(feed.read)")
            }
        }
        for (name, port, type, good) in ports {
            if try hostile.knock(port, type, good) != .letIn {
                row.problems.append("a good key is not let in at \(name): refusals there show nothing")
            }
            try refuses(hostile, "no key at \(name)", port, type, .none, &row)
            try refuses(hostile, "an unknown key at \(name)", port, type, unknown, &row)
        }
        try refuses(hostile, "an analyst at ingest", load.hub.ingestPort, .extendedPublish, mine, &row)
        for feed in feeds {
            if !feed.identities.contains(analyst.name) {
                try refuses(
                    hostile, "\(analyst.name) at the feed of \(feed.read)", feed.port, .subscribe, mine, &row)
            }
            try refuses(hostile, "a post at the feed of \(feed.read)", feed.port, .subscribe, post, &row)
        }
    }

    static func refuses(
        _ hostile: Hostile, _ what: String, _ port: Int, _ type: SocketType, _ security: Security,
        _ row: inout Row
    ) throws {
        let answer = try hostile.knock(port, type, security)
        row.refusal(what, answer == .refused, "\(answer)")
    }

    /// On each path what is granted is given, and what is not is refused.
    private static func grants(_ load: Load, _ hostile: Hostile, _ row: inout Row) async throws {
        let analyst = load.desks[1].analyst
        let stored = try Stored.all(load.hub.database)
        try await programs(load, analyst, stored, &row)
        let security = try hostile.security(of: analyst.name, in: analyst.directory)
        let granted = try hostile.ask(
            .replay(Request.Replay(request: 6, after: 0, topics: ["kh.koh-kong.suspect."])), security)
        if case .page(let page, _)? = granted, page.count > 0 {
        } else {
            row.problems.append(
                "replay with a grant gives \(granted.map { "\($0)".prefix(300) } ?? "no reply")")
        }
        let topics = ["kh.koh-kong.suspect.", "kh.prey-veng.suspect."]
        let reply = try hostile.ask(.replay(Request.Replay(request: 7, after: 0, topics: topics)), security)
        if case .refused(let refused)? = reply, refused.code == .grant {
            row.refusal("replay without a grant", true)
        } else {
            row.refusal("replay without a grant", false, "\(reply.map { "\($0)".prefix(300) } ?? "no reply")")
        }
        for (isMine, number) in [(true, UInt64(8)), (false, 9)] {
            guard let alert = stored.first(where: { $0.provinces.contains("KH-9") == isMine }) else {
                continue
            }
            let found = try hostile.ask(.find(Request.Find(request: number, alert: alert.id)), security)
            guard case .page(let page, _)? = found else {
                row.problems.append("find: \(found.map { "\($0)".prefix(300) } ?? "no reply")")
                continue
            }
            if isMine, page.count == 0 { row.problems.append("find with a grant gives nothing") }
            if !isMine { row.refusal("find without a grant", page.count == 0, "\(page.count) records") }
        }
        let status = try hostile.ask(.status(Request.Status(request: 10)), security)
        if case .refused? = status {
            row.refusal("status for an analyst", true)
        } else {
            row.refusal("status for an analyst", false, "\(status.map { "\($0)".prefix(300) } ?? "no reply")")
        }
    }

    /// The same with the programs: reading a stream, one alert, and publishing for another province.
    private static func programs(
        _ load: Load, _ analyst: TestAnalyst, _ stored: [Stored], _ row: inout Row
    ) async throws {
        for (province, isGranted) in [("koh-kong", true), ("prey-veng", false)] {
            let live = try await analyst.run("tail", ["--province", province, "--since", "0", "--no-follow"])
            if isGranted {
                if live.status != 0 || live.output.isEmpty {
                    row.problems.append("tail with a grant: \(live.talk)")
                }
            } else {
                row.refusal("tail without a grant", live.status == 77 && live.output.isEmpty, "\(live.talk)")
                let search = try await analyst.run("search", [province, "--province", province])
                row.refusal(
                    "search without a grant", search.status == 77 && search.output.isEmpty, "\(search)")
            }
        }
        try await search(analyst, stored, &row)
        for isGranted in [true, false] {
            let alert = stored.first { $0.provinces.contains("KH-9") == isGranted }
            guard let alert else { continue }
            let shown = try await analyst.run("show", [alert.id])
            if isGranted {
                if shown.status != 0 || shown.output.isEmpty {
                    row.problems.append("show with a grant: \(shown.talk)")
                }
            } else {
                row.refusal("show without a grant", shown.status != 0 && shown.output.isEmpty, "\(shown)")
            }
        }
        var drafts = Drafts(province: "prey-veng", other: "koh-kong", random: SeededRandom(seed: 1))
        // Of its own, since a refused alert takes a number.
        let post = try await load.testbed.post(
            "other-post", load.hub, province: "koh-kong", publish: ["koh-kong"])
        try await post.start()
        let foreign = try await post.publish([drafts.next()], ["--wait", "100s", "--format", "json"])
        row.refusal(
            "an alert of another province",
            foreign.status == 65 && foreign.output.contains { $0.contains("grant") },
            "\(foreign)")
    }

    /// A province's alerts by its name and by their ids: those found are those granted, all of them and no other.
    private static func search(_ analyst: TestAnalyst, _ stored: [Stored], _ row: inout Row) async throws {
        for isGranted in [true, false] {
            guard let alert = stored.first(where: { $0.provinces.contains("KH-9") == isGranted }) else {
                continue
            }
            let found = try await analyst.run("search", [alert.id, "--format", "json"])
            if !isGranted {
                row.refusal("search without a grant", found.status == 66 && found.output.isEmpty, "\(found)")
            } else if found.status != 0 || found.output.count != 1 {
                row.problems.append("search with a grant: \(found.talk)")
            }
        }
        let last = stored.last?.offset ?? 0
        let found = try await analyst.run("search", ["Prey Veng", "--format", "json", "--until", "\(last)"])
        // Names of provinces and of posts are looked at.
        let both = stored.filter {
            $0.provinces.contains("KH-9") && ($0.named.contains("KH-14") || $0.post == "prey-veng")
        }
        if found.output.count != both.count {
            row.problems.append(
                "search finds \(found.output.count) of \(both.count) alerts of both provinces")
        }
    }

    /// Another post's alert, as it went over the wire, and one of its own under another's name.
    private static func captured(_ load: Load, _ hostile: Hostile, _ row: inout Row) async throws {
        let connection = try Connection(path: load.hub.database, mode: .read, busyTimeout: .seconds(5))
        defer { try? connection.close() }
        let rows = try connection.statement(
            """
            SELECT header, payload, signature FROM alerts JOIN positions ON number = position
            WHERE post = 'koh-kong' ORDER BY offset LIMIT 20
            """)
        var messages: [[[UInt8]]] = []
        while try rows.step() {
            for topic in ["kh.koh-kong.suspect.", "kh.prey-veng.suspect."] {
                messages.append(
                    IngestMessage.frames(
                        topic: Topic(topic) ?? Topic(country: "kh", province: "koh-kong", kind: .suspect),
                        SignedAlert(header: rows.bytes(0), payload: rows.bytes(1), signature: rows.bytes(2))))
            }
        }
        let post = load.posts[1]
        let security = try hostile.security(of: post.name, in: post.directory)
        let before = try await load.hub.status().dropped.values.reduce(0, +)
        try hostile.publish(messages, security, linger: .seconds(30))
        if messages.isEmpty { row.problems.append("there was no alert to capture") }
        var after: [String: UInt64] = [:]
        let isDropped = try await until(.seconds(60)) {
            after = try await load.hub.status().dropped
            return after.values.reduce(0, +) >= before + UInt64(messages.count)
        }
        // Whether one was stored twice or elsewhere shows when the log is checked.
        row.refusal("another post's captured alerts", isDropped, "\(after)")
    }

    // MARK: Revoked in mid-stream

    private static func revoked(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            let extra = try await load.testbed.analyst("extra", load.hub, read: ["all"])
            let intruder = try await load.testbed.post(
                "extra-post", load.hub, province: "koh-kong", publish: ["koh-kong"])
            try await load.start(&trial.random)
            try await intruder.start()
            let tail = try await extra.tail(["--since", "0", "--format", "json"])
            _ = try await tail.lines(50)
            let accepted = Ledger()
            let publish = try await intruder.publishing(["--wait", "2s", "--format", "json"]) {
                accepted.take($0)
            }
            let writing = try Writing(
                publish, Drafts(province: "koh-kong", other: "prey-veng", random: trial.random.split()))
            defer { writing.end() }
            _ = try await until(.seconds(10)) { accepted.count > 50 }

            let hostile = try Hostile(load.hub)
            let keys = try hostile.security(of: extra.name, in: extra.directory)
            let feed = try await load.hub.status().feeds.first { $0.identities.contains(extra.name) }
            let spy = try Eavesdropper(load.hub, feed: feed?.port ?? 0, keys)
            defer { spy.end() }
            let isServed = try await until(.seconds(10)) { spy.heard.feed != nil && spy.heard.control != nil }
            if !isServed { row.problems.append("before it is revoked, a key is not served") }

            let began = (steady: steadyClock(), wall: wallClockMilliseconds())
            for name in ["extra", "extra-post"] {
                try await load.hub.run("revoke", [name]).expect(0, "revoke")
            }
            let ended = try await tail.ended()
            let took = steadyClock() - began.steady
            row.refusal("a revoked analyst's stream", ended.status == 77 && took < .seconds(1), "\(took)")
            try await Task.sleep(for: .milliseconds(2_500))
            let heard = spy.heard
            let last = try received(load, "extra-post") - began.wall
            for (path, after) in [
                ("feed", ((heard.feed ?? .zero) - began.steady) / .milliseconds(1)),
                ("control", ((heard.control ?? .zero) - began.steady) / .milliseconds(1)),
                ("ingest", Double(last)),
            ] {
                row.refusal("a revoked key at \(path), in mid-stream", after < 1_000, milliseconds(after))
                row.notes.append("\(path) cut off \(milliseconds(max(0, after))) after the command began")
            }
            row.notes.append("the analyst had ended after \(milliseconds(took / .milliseconds(1)))")
            writing.end()
            try await publish.kill()
            try await intruder.stop()
            for (directory, name) in [(extra.directory, extra.name), (intruder.directory, intruder.name)] {
                let keys = try hostile.security(of: name, in: directory)
                try refuses(hostile, "\(name) at control", load.hub.controlPort, .dealer, keys, &row)
                try refuses(hostile, "\(name) at ingest", load.hub.ingestPort, .extendedPublish, keys, &row)
                for feed in try await load.hub.status().feeds {
                    try refuses(hostile, "\(name) at a feed", feed.port, .subscribe, keys, &row)
                }
            }
            row.times = 1
            try await load.settle(&row)
        }
        return row
    }

    /// When the hub took the post's last alert, by its clock.
    private static func received(_ load: Load, _ post: String) throws -> Int64 {
        let connection = try Connection(path: load.hub.database, mode: .read, busyTimeout: .seconds(5))
        defer { try? connection.close() }
        let rows = try connection.statement(
            "SELECT max(received) FROM alerts JOIN positions ON number = position WHERE post = ?1")
        try rows.bind(post, at: 1)
        return try rows.step() ? rows.integer(0) : 0
    }
}
