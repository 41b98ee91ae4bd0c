/// A post's account of itself, for `borderwire-post status`.
public struct PostStatus: Sendable, Codable, Equatable {
    public var post: String
    /// `up`, `greeting`, `welcomed`, `down`, `refused`, or `not running` where no daemon answers.
    public var link: String
    /// Why it is refused; nil otherwise.
    public var reason: String?
    public var epoch: String
    /// The last sequence used.
    public var last: UInt64
    /// Alerts that wait for the hub, and when the oldest of them was queued (ms since 1970).
    public var depth: Int
    public var oldest: Int64?
    public var rejected: Int
    /// The hub's clock less this machine's, in milliseconds, when the link came up; nil before.
    public var skew: Int64?
    /// Milliseconds by which the clocks of post and hub may differ before it is said.
    public static let mostSkew: Int64 = 60_000
}
