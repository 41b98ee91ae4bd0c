/// Which alerts a reader is shown. What is nil does not narrow.
public struct Filter: Sendable, Hashable {
    /// The least severity; an unknown one is less than minor.
    public var minimumSeverity: Severity?
    public var statuses: Set<Status>?

    public init(minimumSeverity: Severity? = nil, statuses: Set<Status>? = nil) {
        self.minimumSeverity = minimumSeverity
        self.statuses = statuses
    }

    public func matches(_ alert: Alert) -> Bool {
        if let minimumSeverity, alert.severity < minimumSeverity { return false }
        if let statuses, !statuses.contains(alert.status) { return false }
        return true
    }
}
