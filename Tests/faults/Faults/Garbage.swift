import Glibc
import Identity
import ProcessHarness
import Seeded
import Wire
import ZeroMQ

extension Strangers {
    /// ZeroMQ's greeting with CURVE, cut before its end (ZMTP 3.1, "Greeting").
    private static let halfGreeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1, 0x43, 0x55]
    /// Connections that say nothing.
    private static let idle = 2_000
    /// How long the hub may take to answer a known reader meanwhile.
    private static let patience = Duration.seconds(3)
    /// Seconds for an answer to what need not have one.
    private static let answer = 3.0

    /// Connections that say nothing, half a handshake or anything at all, and messages at and past every limit from those
    /// whose keys are known.
    static func garbage(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run { load in
            try await load.start(&trial.random)
            let hostile = try Hostile(load.hub)
            let ports =
                [load.hub.controlPort, load.hub.ingestPort, load.hub.metricsPort]
                + (try await load.hub.status().feeds.map(\.port))
            var open: [Int32] = []
            defer { for descriptor in open { close(descriptor) } }
            for port in ports {
                open += hostile.connections(idle / ports.count, port, sending: [])
                open += hostile.connections(30, port, sending: halfGreeting)
                for _ in 0..<30 {
                    let count = Int.random(in: 1...4_000, using: &trial.random)
                    let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &trial.random) }
                    open += hostile.connections(1, port, sending: noise)
                }
            }
            row.notes.append(
                "\(open.count) connections on \(ports.count) ports that say nothing, half a greeting, or anything"
            )
            if open.count < idle { row.problems.append("only \(open.count) connections could be opened") }
            try limits(load, hostile, &trial.random)
            row.times = 1
            let reader = load.desks[0].analyst
            let before = load.ledger.count
            let account = try await reader.run("tail", ["--no-follow", "--format", "json"])
            if account.status != 0 { row.problems.append("a known reader is not served: \(account.talk)") }
            if try await !until(patience, { load.ledger.count > before }) {
                row.problems.append("posts are not served")
            }
            row.refusal("garbage", load.hub.process?.account.ending == nil, "the hub has ended")
            try await load.settle(&row)
        }
        return row
    }

    private static func limits(_ load: Load, _ hostile: Hostile, _ random: inout SeededRandom) throws {
        let analyst = load.desks[1].analyst
        let reader = try hostile.security(KeyFiles.readSecret("\(analyst.directory)/\(analyst.name).key"))
        let post = load.posts[0]
        let writer = try hostile.security(KeyFiles.readSecret("\(post.directory)/\(post.name).key"))
        func noise(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let sizes = [
            0, 1, 63, 64, 194, 195, WireLimits.payload, WireLimits.payload + 1, WireLimits.requestFrame,
        ]
        let frames = sizes.map { noise($0) }
        for count in [1, 2, 3, 4, 5, WireLimits.frames, WireLimits.frames + 1, 100] {
            let messages = frames.map { Array(repeating: $0, count: count) }
            try hostile.send(messages, reader)
            try hostile.publish(messages, writer)
        }
        // Beyond what libzmq takes: the connection ends.
        try hostile.send([[noise(WireLimits.requestFrame + 1)]], reader)
        try hostile.publish([[noise(WireLimits.requestFrame + 1)], [noise(1_000_000)]], writer)
        // Well formed, but beyond a limit.
        let topics = Array(repeating: "kh.koh-kong.suspect.", count: WireLimits.topics + 1)
        _ = try hostile.ask(
            .replay(Request.Replay(request: 1, after: .max, topics: topics, limit: .max)), reader,
            within: answer)
        _ = try hostile.ask(
            .replay(Request.Replay(request: 2, after: .max, topics: [], limit: -1)), reader, within: answer)
        _ = try hostile.ask(
            .checkpoint(Request.Checkpoint(request: .max, offset: .max)), reader, within: answer)
        _ = try hostile.ask(.locate(Request.Locate(request: 3, since: .min)), reader, within: answer)
    }

    // MARK: Flood

    /// The rate that the hub allows a post, alerts a second.
    private static let allowed = 300

    /// A post that sends faster than it may: it is held back, and the other's alerts are as quick as ever.
    static func flood(_ trial: Trial) async throws -> Row {
        var trial = trial
        var row = Row(fault: trial.name)
        try await Load.run(hubExtra: "[limits]\nrate = \(allowed)") { load in
            try await load.start(&trial.random, firstRate: 900)
            try await Task.sleep(for: .seconds(1))
            let before = try Stored.all(load.hub.database).count { $0.post == "koh-kong" }
            try await Task.sleep(for: .seconds(3))
            let stored = try Stored.all(load.hub.database).count { $0.post == "koh-kong" } - before
            // A second's worth may have been saved up.
            row.refusal(
                "more than \(allowed) alerts a second", stored <= allowed * 4 + 100, "\(stored) in 3 s")
            let waits = try Kept.all(load.posts[1].outbox).compactMap(\.milliseconds)
            row.notes.append(
                "\(stored) of the flood stored in 3 s; the other post's p99 from queued to stored: \(milliseconds(p99(waits)))"
            )
            if (p99(waits) ?? .infinity) > 500 { row.problems.append("the other post waits") }
            row.times = 1
            try await load.settle(&row)
        }
        return row
    }
}
