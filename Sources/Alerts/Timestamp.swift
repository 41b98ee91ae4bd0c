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

extension Timestamp {
    /// The moment so long before this one; as far back as a number goes.
    public func before(_ span: Duration) -> Timestamp {
        let (moment, isEarlier) = milliseconds.subtractingReportingOverflow(span.inMilliseconds)
        return Timestamp(milliseconds: isEarlier ? .min : moment)
    }

    /// The moment so long after this one; as far as a number goes.
    public func after(_ span: Duration) -> Timestamp {
        let (moment, isLater) = milliseconds.addingReportingOverflow(span.inMilliseconds)
        return Timestamp(milliseconds: isLater ? .max : moment)
    }
}

extension Duration {
    /// Rounded towards zero; as far as a number goes.
    public var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (milliseconds, isOverflow) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !isOverflow else { return seconds < 0 ? .min : .max }
        return milliseconds &+ attoseconds / 1_000_000_000_000_000
    }
}
