import Synchronization

/// Latency samples in nanoseconds. Thread-safe.
final class Samples: Sendable {
    private let values = Mutex<[UInt64]>([])

    var count: Int { values.withLock { $0.count } }
    func add(_ value: UInt64) { values.withLock { $0.append(value) } }

    /// Exact quantiles of all but the first ones, which are the start's.
    /// - want: how many there should be in all.
    func figures(_ test: String, of want: Int, dropping first: Int, note: String) -> [Figure] {
        let got = count
        let sorted = values.withLock { $0.dropFirst(first).sorted() }
        return [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)].map { name, quantile in
            let index = min(sorted.count - 1, Int(quantile * Double(sorted.count)))
            return Figure(
                test: "\(test)-\(name)", value: sorted.isEmpty ? -1 : Double(sorted[index]) / 1e3, unit: "us",
                note:
                    "n=\(sorted.count) max=\((sorted.last ?? 0) / 1_000) us, delivered \(got) of \(want), \(note)"
            )
        }
    }
}
