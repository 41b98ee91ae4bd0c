import Alerts
import Glibc
import Identity
import Platform
import SQLite
import Stage
import Wire
import ZeroMQ

/// Those who do not belong there, or not with what they do, while those who do go on.
enum Strangers {
    static let all = [
        Fault(name: "strangers", run: strangers),
        Fault(name: "revoked") { try await revoked($0) },
        Fault(name: "garbage", run: garbage),
        Fault(name: "flood", run: flood),
    ]

    // MARK: Keys and grants

    private static func strangers(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random)
            let hostile = try Hostile(load.hub)
            try await keys(load, hostile, &row)
            try await grants(load, hostile, &row)
            try await captured(load, hostile, &row)
            row.times = row.refused?.of ?? 0
            try await load.settle(&row)
        }
        return row
    }

    private static func keys(_ load: Load, _ hostile: Hostile, _ row: inout Row) async throws {
        let feeds = try await load.hub.status().feeds
        let unknown = try hostile.security(IdentityKeys(name: "nobody"))
        let ports: [(String, Int, SocketType)] =
            [("control", load.hub.controlPort, .dealer), ("ingest", load.hub.ingestPort, .extendedPublish)]
            + feeds.map { ("the feed of \($0.read)", $0.port, .subscribe) }
        for (name, port, type) in ports {
            row.refusal("no key at \(name)", try !hostile.isLetIn(port, type, .none))
            row.refusal("an unknown key at \(name)", try !hostile.isLetIn(port, type, unknown))
        }
        let analyst = load.desks[1].analyst
        let keys = try KeyFiles.readSecret("\(analyst.directory)/\(analyst.name).key")
        let mine = try hostile.security(keys)
        if try !hostile.isLetIn(load.hub.controlPort, .dealer, mine) {
            row.problems.append("a known key is not let in: the attempts above show nothing")
        }
        for feed in feeds where !feed.identities.contains(analyst.name) {
            row.refusal(
                "\(analyst.name) at the feed of \(feed.read)",
                try !hostile.isLetIn(feed.port, .subscribe, mine))
        }
    }

    private static func grants(_ load: Load, _ hostile: Hostile, _ row: inout Row) async throws {
        let analyst = load.desks[1].analyst
        let live = try await analyst.run("tail", ["--province", "prey-veng", "--no-follow"])
        row.refusal("tail without a grant", live.status == 77 && live.output.isEmpty, "\(live.talk)")
        let stored = try Stored.all(load.hub.database)
        if let foreign = stored.first(where: { !$0.provinces.contains("KH-9") }) {
            let shown = try await analyst.run("show", [foreign.id])
            row.refusal("show without a grant", shown.status != 0 && shown.output.isEmpty, "\(shown)")
        }
        let keys = try KeyFiles.readSecret("\(analyst.directory)/\(analyst.name).key")
        let topics = ["kh.koh-kong.suspect.", "kh.prey-veng.suspect."]
        let reply = try hostile.ask(
            .replay(Request.Replay(request: 7, after: 0, topics: topics)), try hostile.security(keys))
        if case .refused(let refused)? = reply, refused.code == "grant" {
            row.refusal("replay without a grant", true)
        } else {
            row.refusal("replay without a grant", false, "\(reply.map { "\($0)".prefix(300) } ?? "no reply")")
        }
        let status = try hostile.ask(.status(Request.Status(request: 8)), try hostile.security(keys))
        if case .status? = status {
            row.refusal("status for an analyst", false)
        } else {
            row.refusal("status for an analyst", true)
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
                        header: rows.bytes(0), payload: rows.bytes(1), signature: rows.bytes(2)))
            }
        }
        let post = load.posts[1]
        let keys = try KeyFiles.readSecret("\(post.directory)/\(post.name).key")
        let before = try await load.hub.status().dropped.values.reduce(0, +)
        try hostile.publish(messages, try hostile.security(keys))
        let after = try await load.hub.status().dropped
        // Whether one was stored twice or elsewhere shows when the log is checked.
        row.refusal(
            "another post's captured alerts", after.values.reduce(0, +) >= before + UInt64(messages.count),
            "\(after)")
    }

    // MARK: Revoked in mid-stream

    private static func revoked(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            let extra = try await load.stage.analyst("extra", load.hub, read: ["all"])
            let intruder = try await load.stage.post(
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

            let began = steadyClock()
            for name in ["extra", "extra-post"] {
                try await load.hub.run("revoke", [name]).expect(0, "revoke")
            }
            let ended = try await tail.ended()
            let took = steadyClock() - began
            row.refusal("a revoked analyst's stream", ended.status == 77 && took < .seconds(1), "\(took)")
            try await Task.sleep(for: max(.zero, .seconds(1) - (steadyClock() - began)))
            let last = try stored(load, "extra-post")
            try await Task.sleep(for: .seconds(1))
            row.refusal("a revoked post's alerts", try stored(load, "extra-post") == last)
            row.notes.append("the analyst was cut off after \(milliseconds(took / .milliseconds(1)))")
            writing.end()
            try await publish.kill()
            try await intruder.stop()
            let hostile = try Hostile(load.hub)
            for (directory, name) in [(extra.directory, extra.name), (intruder.directory, intruder.name)] {
                let keys = try hostile.security(try KeyFiles.readSecret("\(directory)/\(name).key"))
                row.refusal("\(name) at control", try !hostile.isLetIn(load.hub.controlPort, .dealer, keys))
                row.refusal(
                    "\(name) at ingest", try !hostile.isLetIn(load.hub.ingestPort, .extendedPublish, keys))
                for feed in try await load.hub.status().feeds {
                    row.refusal("\(name) at a feed", try !hostile.isLetIn(feed.port, .subscribe, keys))
                }
            }
            row.times = 1
            try await load.settle(&row)
        }
        return row
    }

    private static func stored(_ load: Load, _ post: String) throws -> Int {
        try Stored.all(load.hub.database).count { $0.post == post }
    }
}
