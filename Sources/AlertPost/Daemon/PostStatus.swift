internal import FoundationEssentials

/// A post's account of itself, for `borderwire-post status`.
public struct PostStatus: Sendable, Codable, Equatable {
    public var post: String
    /// `up`, `greeting`, `welcomed`, `down`, `refused`; `not running` where no daemon runs, `not answering` where one does
    /// that does not answer.
    public var link: String
    /// Why it is not up, as far as it is known.
    public var reason: String?
    /// Since when it is what it is (ms since 1970); nil where no daemon answers.
    public var since: Int64?
    public var epoch: String
    /// The last sequence used.
    public var last: UInt64
    /// Alerts that wait for the hub, and when the oldest of them was queued (ms since 1970).
    public var depth: Int
    public var oldest: Int64?
    public var rejected: Int
    /// The hub's clock less this machine's, in milliseconds, when the link came up; nil before.
    public var skew: Int64?
    /// Stored alerts that the hub's log had not any more where it had stored them, when they were last compared;
    /// nil before the daemon's first comparison.
    public var altered: Int?
    /// Whether the hub says what alerts may be related to; nil where no daemon answers.
    public var related: Bool?
    /// Milliseconds by which the clocks of post and hub may differ before it is said.
    public static let mostSkew: Int64 = 60_000
    /// The same by which the post's clock may be ahead before the hub refuses its alerts.
    public static let refusedSkew: Int64 = 86_400_000
}

extension PostStatus {
    /// nil when that is not what ``bytes`` makes.
    package init?(_ bytes: [UInt8]) {
        guard let read = try? JSONDecoder().decode(PostStatus.self, from: Data(bytes)) else { return nil }
        self = read
    }

    /// As the daemon sends it.
    package var bytes: [UInt8] {
        // Integers and strings always encode.
        Array((try? JSONEncoder().encode(self)) ?? Data())
    }
}
