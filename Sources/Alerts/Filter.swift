/// Which alerts a reader asks for. What is nil does not narrow.
public struct Filter: Sendable, Hashable {
    /// ISO 3166-2 codes: one of them must be among the alert's.
    public var provinces: Set<String>?
    public var kinds: Set<Kind>?
    /// The least severity; an unknown one is less than minor.
    public var minimumSeverity: Severity?
    public var statuses: Set<Status>?

    public init(
        provinces: Set<String>? = nil, kinds: Set<Kind>? = nil, minimumSeverity: Severity? = nil,
        statuses: Set<Status>? = nil
    ) {
        self.provinces = provinces
        self.kinds = kinds
        self.minimumSeverity = minimumSeverity
        self.statuses = statuses
    }

    public func matches(_ alert: Alert) -> Bool {
        if let provinces, !alert.provinces.contains(where: provinces.contains) { return false }
        if let kinds, !kinds.contains(alert.kind) { return false }
        if let minimumSeverity, alert.severity < minimumSeverity { return false }
        if let statuses, !statuses.contains(alert.status) { return false }
        return true
    }
}
