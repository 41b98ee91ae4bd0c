import Foundation
import Platform
import Settings

/// `make bench`: Borderwire alone, several times, each figure as its median with the least and the greatest.
enum RepeatedRun {
    /// In their order: live replays what replay has stored.
    static let tests = ["replay", "live", "latency", "floor", "ingest", "fanout", "post"]

    static func run(_ values: CommandLineValues) async throws -> ExitStatus {
        let repetitions = values.integer("repetitions") ?? 3
        let wanted = values.strings("tests")
        let tests = wanted.isEmpty ? RepeatedRun.tests : wanted
        var figures: [String: [Figure]] = [:]
        var order: [String] = []
        for repetition in 1...repetitions {
            StandardError.write(line: "repetition \(repetition) of \(repetitions)")
            var measured = try measure(values, tests.filter { $0 != "post" })
            if tests.contains("post") { measured += try await PostBench.measure() }
            for figure in measured {
                if figures[figure.test] == nil { order.append(figure.test) }
                figures[figure.test, default: []].append(figure)
            }
        }
        for test in order {
            let sorted = (figures[test] ?? []).sorted { $0.value < $1.value }
            guard let least = sorted.first, let greatest = sorted.last else { continue }
            var median = sorted[(sorted.count - 1) / 2]
            median.note = String(
                format: "%.6g .. %.6g (n=%d) | %@", least.value, greatest.value, sorted.count, median.note)
            try StandardOutput.write(line: median.line(values.require("name")))
        }
        return .ok
    }

    private static func measure(_ values: CommandLineValues, _ tests: [String]) throws -> [Figure] {
        let place = try BenchPlace(values.require("dir"))
        let hub = try HubProcess(place.directory)
        defer { hub.stop() }
        var client = Client(
            directory: place.directory, port: hub.port, server: hub.pid,
            seconds: values.integer("seconds") ?? 5,
            count: UInt64(values.integer("count") ?? 200_000))
        var figures = [
            Figure(
                test: "rss-idle", value: Accounting.memory(of: hub.pid), unit: "MiB",
                note: "PSS, just started")
        ]
        for test in tests {
            if test == "replay" {
                let before = hub.diskBytes()
                _ = try client.measure("preload")
                let grown = Double(hub.diskBytes() - before) / Double(client.count)
                figures.append(
                    Figure(
                        test: "disk-per-alert", value: grown, unit: "bytes",
                        note: "allocated blocks, \(client.count) alerts"))
                figures.append(
                    Figure(
                        test: "rss-loaded", value: Accounting.memory(of: hub.pid), unit: "MiB",
                        note: "PSS with a backlog of \(client.count) alerts"))
            }
            let seconds = client.seconds
            if ["latency", "live", "floor"].contains(test) { client.seconds = seconds * 2 }
            figures += try client.measure(test)
            client.seconds = seconds
        }
        figures.append(
            Figure(
                test: "rss-after-ingest", value: Accounting.memory(of: hub.pid), unit: "MiB",
                note: "PSS after all tests"))
        return figures
    }
}
