internal import Alerts

/// How much each post may still send: so many alerts a second, and as many at once after a silence. A token bucket.
///
/// What goes beyond is not taken and not refused: the post keeps it, is told how long to wait, and sends it again.
struct Allowance: Sendable {
    /// Alerts a second; also the most that a post can have saved up.
    var rate: Int
    private var posts: [String: Bucket] = [:]

    private struct Bucket: Sendable {
        /// In thousandths of an alert.
        var level: Int64
        var at: Timestamp
    }

    init(rate: Int) {
        self.rate = rate
    }

    /// Takes one alert out of the post's allowance.
    /// - Returns: nil when it is there; else the milliseconds after which a window of alerts will be.
    mutating func take(_ post: String, at now: Timestamp, window: Int) -> Int? {
        let full = Int64(rate) * 1_000
        var bucket = posts[post] ?? Bucket(level: full, at: now)
        // A clock that was set back gives nothing and takes nothing.
        let passed = min(max(0, now.milliseconds - bucket.at.milliseconds), 1_000)
        bucket.level = min(full, bucket.level + passed * Int64(rate))
        bucket.at = now
        defer { posts[post] = bucket }
        guard bucket.level >= 1_000 else {
            let missing = min(full, Int64(window) * 1_000) - bucket.level
            return max(1, Int(missing / Int64(rate)))
        }
        bucket.level -= 1_000
        return nil
    }
}
