/// How often something took how long. Bounded, and without an allocation once it is made.
struct Histogram: Sendable, Equatable {
    /// Upper bounds of the buckets, in seconds; beyond the last there is one more.
    static let bounds: [Double] = [
        0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 4, 8,
    ]

    /// One more than the bounds; each observation is in one of them.
    private(set) var counts = [UInt64](repeating: 0, count: Histogram.bounds.count + 1)
    /// Of all observations, in seconds.
    private(set) var sum = 0.0

    /// Counts so many observations of the same time.
    mutating func observe(_ time: Duration, times: Int = 1) {
        guard times > 0 else { return }
        let seconds = time / .seconds(1)
        var bucket = 0
        while bucket < Histogram.bounds.count, seconds > Histogram.bounds[bucket] { bucket += 1 }
        counts[bucket] &+= UInt64(times)
        sum += seconds * Double(times)
    }
}
