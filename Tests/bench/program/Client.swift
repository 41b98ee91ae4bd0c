import Alerts
import Foundation
import Platform
import Settings
import Synchronization
import ZeroMQ

/// One test against a running hub; the same tests, windows and rates as the peers' programs have.
struct Client {
    static let readers = 50
    static let rate: UInt64 = 500

    var directory: String
    var port: Int
    var server: Int
    var seconds: Int
    var count: UInt64

    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        let client = Client(
            directory: values.require("dir"), port: values.integer("port") ?? 0,
            server: values.integer("server") ?? 0,
            seconds: values.integer("seconds") ?? 5, count: UInt64(values.integer("count") ?? 200_000))
        let note = values.require("note")
        for var figure in try client.measure(values.positional("TEST") ?? "") {
            if !note.isEmpty { figure.note = "\(note); \(figure.note)" }
            try StandardOutput.write(line: figure.line(values.require("name")))
        }
        return .ok
    }

    func measure(_ test: String) throws -> [Figure] {
        let context = try Context()
        defer { context.terminate() }
        switch test {
        case "preload": return try preload(context)
        case "replay": return try replay(context)
        case "latency": return try latency(context, "latency")
        case "floor": return try floor(context)
        case "live": return try liveDuringReplay(context)
        case "last-hour": return try lastHour(context)
        case "ingest": return try ingest(context)
        case "fanout": return try fanout(context)
        default:
            throw BenchFailure(
                "no test is called \(test): preload, replay, latency, floor, live, last-hour, ingest, fanout")
        }
    }

    /// One post, exactly `count` alerts on one topic.
    private func preload(_ context: Context) throws -> [Figure] {
        let progress = Progress()
        try WirePost(
            Preparation.posts[0], context, directory: directory, port: port, pace: .full, topics: 1,
            limit: count,
            progress: progress
        ).run()
        return []
    }

    private func replay(_ context: Context) throws -> [Figure] {
        let before = Accounting(server: server)
        let reader = try WireReader(context, directory: directory, port: port)
        let (got, first, end) = try reader.replayAll()
        let after = Accounting(server: server)
        guard UInt64(got) >= count else { throw BenchFailure("replayed \(got) of \(count)") }
        return [
            Figure(
                test: "replay", value: Double(got) * 1e9 / Double(end), unit: "alerts/s",
                note: "\(got) alerts; \(before.note(until: after))"),
            Figure(test: "replay-first-page", value: Double(first) / 1e6, unit: "ms", note: ""),
        ]
    }

    /// What `tail --since 1h` fetches before it follows.
    private func lastHour(_ context: Context) throws -> [Figure] {
        let reader = try WireReader(context, directory: directory, port: port)
        let start = nanoseconds()
        let after = try reader.locate(wallClockMilliseconds() - Growth.hour)
        let (got, _, _) = try reader.replayAll(after: after)
        let took = nanoseconds() - start
        return [
            Figure(
                test: "last-hour", value: Double(got) * 1e9 / Double(took), unit: "alerts/s",
                note: "\(got) alerts in \(took / 1_000_000) ms")
        ]
    }

    private func ingest(_ context: Context) throws -> [Figure] {
        let progress = Progress()
        let threads = try Preparation.posts.map { name in
            try thread(name) {
                try WirePost(
                    name, context, directory: directory, port: port, pace: .full, topics: 8, limit: .max / 2,
                    progress: progress
                ).run()
            }
        }
        Thread.sleep(forTimeInterval: 1)
        let before = Accounting(server: server)
        let start = (nanoseconds(), progress.total)
        Thread.sleep(forTimeInterval: Double(seconds))
        let end = (nanoseconds(), progress.total)
        let after = Accounting(server: server)
        progress.stop()
        for thread in threads { thread.join() }
        return [
            Figure(
                test: "ingest", value: Double(end.1 - start.1) * 1e9 / Double(end.0 - start.0),
                unit: "alerts/s",
                note: before.note(until: after))
        ]
    }

    /// The latency of live deliveries while another connection replays the whole log, again and again.
    private func liveDuringReplay(_ context: Context) throws -> [Figure] {
        let isOver = Atomic<Bool>(false)
        let replays = Atomic<Int>(0)
        // Another analyst's program: with its own I/O thread.
        let other = try Context()
        defer { other.terminate() }
        let replaying = try thread("replay") {
            while !isOver.load(ordering: .relaxed) {
                let reader = try WireReader(other, directory: directory, port: port)
                _ = try reader.replayAll(until: isOver)
                replays.add(1, ordering: .relaxed)
            }
        }
        var figures = try latency(context, "live-during-replay")
        isOver.store(true, ordering: .relaxed)
        replaying.join()
        for index in figures.indices {
            figures[index].note = "\(replays.load(ordering: .relaxed)) replays; " + figures[index].note
        }
        return figures
    }

    /// Post and analyst are two programs: each with its own I/O thread.
    private func latency(_ context: Context, _ test: String) throws -> [Figure] {
        let progress = Progress()
        let samples = Samples()
        let isReady = Atomic<Bool>(false)
        let isOver = Atomic<Bool>(false)
        let analyst = try Context()
        defer { analyst.terminate() }
        let reading = try thread("reader") {
            let reader = try WireReader(analyst, directory: directory, port: port)
            let feed = try reader.subscribe(BenchAlert.topics[0])
            let receiver = Receiver(mostFrames: 8)
            var items = [PollItem(feed.socket)]
            while !isOver.load(ordering: .relaxed) {
                _ = try poll(&items, timeout: .milliseconds(100))
                try feed.take(receiver, most: 1_000) { payload in
                    samples.add(nanoseconds() &- BenchAlert.time(of: payload))
                }
                if feed.isUp { isReady.store(true, ordering: .relaxed) }
            }
        }
        while !isReady.load(ordering: .relaxed) { Thread.sleep(forTimeInterval: 0.01) }
        let limit = Client.rate * UInt64(seconds + 1)
        let before = Accounting(server: server)
        let post = try WirePost(
            Preparation.posts[0], context, directory: directory, port: port, pace: .perSecond(Client.rate),
            topics: 8,
            limit: limit, progress: progress)
        try post.run()
        let after = Accounting(server: server)
        let want = Int(limit - limit / 5)
        let deadline = nanoseconds() + 3_000_000_000
        while samples.count < want, nanoseconds() < deadline { Thread.sleep(forTimeInterval: 0.01) }
        isOver.store(true, ordering: .relaxed)
        reading.join()
        return samples.figures(
            test, of: want, dropping: Int(Client.rate * 4 / 5),
            note: "publisher late max \(post.latest / 1_000) us; \(before.note(until: after))")
    }

    private func fanout(_ context: Context) throws -> [Figure] {
        let progress = Progress()
        let slowest = Slowest()
        let isReady = Atomic<Bool>(false)
        let reading = try thread("readers") {
            let reader = try WireReader(context, directory: directory, port: port)
            let feeds = try (0..<Client.readers).map { _ in try reader.subscribe(BenchAlert.topics[0]) }
            let receiver = Receiver(mostFrames: 8)
            var items = feeds.map { PollItem($0.socket) }
            while !progress.isStopped {
                _ = try poll(&items, timeout: .milliseconds(100))
                for (index, feed) in feeds.enumerated() where items[index].isReady {
                    try feed.take(receiver, most: 200) { _ in }
                }
                slowest.set(feeds.map(\.got).min() ?? 0, total: feeds.reduce(0) { $0 + $1.got })
                if feeds.allSatisfy(\.isUp) { isReady.store(true, ordering: .relaxed) }
            }
        }
        while !isReady.load(ordering: .relaxed) { Thread.sleep(forTimeInterval: 0.01) }
        let posting = try thread("post") {
            try WirePost(
                Preparation.posts[0], context, directory: directory, port: port, pace: .ahead(of: slowest),
                topics: 1,
                limit: .max / 2, progress: progress
            ).run()
        }
        Thread.sleep(forTimeInterval: 1)
        let before = Accounting(server: server)
        let start = (nanoseconds(), slowest.total)
        Thread.sleep(forTimeInterval: Double(seconds))
        let end = (nanoseconds(), slowest.total)
        let after = Accounting(server: server)
        progress.stop()
        posting.join()
        reading.join()
        let rate = Double(end.1 - start.1) * 1e9 / Double(end.0 - start.0)
        return [
            Figure(
                test: "fanout", value: rate, unit: "deliveries/s",
                note: String(
                    format: "%d readers, %.0f alerts/s published; ", Client.readers,
                    rate / Double(Client.readers))
                    + before.note(until: after))
        ]
    }

    /// A failure on any thread ends the program: half a test is no figure.
    func thread(_ name: String, _ body: @escaping @Sendable () throws -> Void) throws -> NamedThread {
        try NamedThread(name) {
            do { try body() } catch {
                StandardError.write(line: "error: \(name): \(error)")
                exit(2)
            }
        }
    }
}
