/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored as POSIX does.
///
/// Borderwire orders alerts by offset, never by a clock; a timestamp only tells people when.
public struct Timestamp: Sendable, Hashable, Comparable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
