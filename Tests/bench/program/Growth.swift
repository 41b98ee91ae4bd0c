import Alerts
import AlertStore
import Foundation
import Platform
import Settings
import Wire
import ZeroMQ

/// The same figures on a short log and on a long one: what grows with the log?
enum Growth {
    static let post = "bench-filler"
    static let epoch: UInt64 = 7
    /// Alerts a transaction while a log is filled.
    static let batch = 2_000
    /// Milliseconds between two alerts: 100,000 in the last hour.
    static let pace: Int64 = 36
    static let hour: Int64 = 3_600_000
    static let queries = 21

    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        let count = UInt64(values.integer("count") ?? 10_000_000)
        for count in [100_000, count] {
            for figure in try measure(values, count) {
                try StandardOutput.write(line: figure.line("\(values.require("name"))-\(count)"))
            }
        }
        return .ok
    }

    private static func measure(_ values: CommandLineValues, _ count: UInt64) throws -> [Figure] {
        let place = try BenchPlace(values.require("dir"))
        let path = place.directory + "/state/alerts.db"
        try fill(path, count)
        // What is measured is a long log, and not the disk still busy with the making of one.
        sync()
        var figures = try query(path)
        let start = nanoseconds()
        let hub = try HubProcess(place.directory)
        figures.append(
            Figure(
                test: "start", value: Double(nanoseconds() - start) / 1e6, unit: "ms",
                note: "process start to listening, looked at every 10 ms"))
        defer { hub.stop() }
        var client = Client(
            directory: place.directory, port: hub.port, server: hub.pid,
            seconds: values.integer("seconds") ?? 5, count: count)
        figures += try client.measure("last-hour")
        figures += try client.measure("ingest")
        client.seconds *= 2
        figures += try client.measure("latency")
        figures.append(
            Figure(test: "rss", value: Accounting.memory(of: hub.pid), unit: "MiB", note: "PSS after all"))
        return figures
    }

    /// Rows as the hub writes them, through its own pen; without valid seals and hashes, which nothing here looks at. When
    /// each alert ends is noted too, as a running hub does within the minute: one that had it all before it would read the
    /// whole log from the disk meanwhile.
    private static func fill(_ path: String, _ count: UInt64) throws {
        let log = SQLiteBackend(backup: path)
        let store = try log.writer()
        defer { try? store.close() }
        let eraser = try log.eraser()
        defer { try? eraser.close() }
        let expires = Timestamp(milliseconds: wallClockMilliseconds() + 86_400_000)
        var alerts = (0..<8).map { BenchAlert(post: post, topic: $0, seed: 1) }
        var sequences = [UInt64](repeating: 0, count: 8)
        let first = wallClockMilliseconds() - Int64(count) * pace
        var offset: UInt64 = 0
        var progress = Settings.Progress("filling the log")
        while offset < count {
            var batch = Batch()
            if offset == 0 {
                batch.newTopics = BenchAlert.topics.enumerated().map { index, topic in
                    TopicHead(number: UInt32(index + 1), topic: topic, sequence: 0)
                }
            }
            for _ in 0..<min(Growth.batch, Int(count - offset)) {
                offset += 1
                let topic = Int(offset % 8)
                sequences[topic] += 1
                let received = Timestamp(milliseconds: first + Int64(offset) * pace)
                alerts[topic].stamp(offset)
                let random = (0..<AlertID.randomLength).map { _ in UInt8.random(in: 0...255) }
                batch.records.append(
                    Record(
                        offset: offset, post: post, epoch: epoch, sequence: offset, received: received,
                        alert: AlertID(time: received, random: random).bytes, references: [],
                        deliveries: [.init(topic: UInt32(topic + 1), sequence: sequences[topic])],
                        chains: [UInt8](repeating: UInt8(offset >> 4 & 255), count: 32),
                        signed: SignedAlert(
                            header: PostHeader(
                                post: post, epoch: epoch, sequence: offset, queued: received,
                                facts: alerts[topic].facts
                            ).encoded(), payload: alerts[topic].bytes,
                            signature: [UInt8](repeating: UInt8(offset & 255), count: 164)),
                        hash: [UInt8](repeating: UInt8(offset >> 8 & 255), count: 32)))
            }
            batch.positions = [Position(post: post, epoch: epoch, through: offset)]
            try store.commit(batch)
            try eraser.note(
                batch.records.map {
                    RetentionEntry(
                        offset: $0.offset, retention: $0.offset % 2 == 0 ? .suspect : .movement,
                        expires: expires)
                }, through: offset)
            progress.show(offset, of: count)
        }
        progress.end()
    }

    /// A page of one province's topics from an hour ago on, as the hub's replay thread reads it.
    private static func query(_ path: String) throws -> [Figure] {
        let reader = try SQLiteBackend(backup: path).reader()
        defer { try? reader.close() }
        var times: [Double] = []
        for _ in 0..<queries {
            let start = nanoseconds()
            let after = try reader.offset(before: Timestamp(milliseconds: wallClockMilliseconds() - hour))
            let page = try reader.page(
                after: after, topics: [1, 2], limit: WireLimits.pageAlerts, bytes: WireLimits.pageBytes)
            times.append(Double(nanoseconds() - start) / 1e6)
            guard page.records.count > 1 else { throw BenchFailure("the hour is empty") }
        }
        times.sort()
        return [
            Figure(
                test: "query", value: times[queries / 2], unit: "ms",
                note: String(
                    format: "one province, one hour, first page; %.2f .. %.2f (n=%d)", times[0],
                    times[queries - 1], queries))
        ]
    }
}
