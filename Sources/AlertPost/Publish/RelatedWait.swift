internal import Platform

/// Of the alerts that one run of `publish` has seen stored, those whose possible matches it has not told yet. The hub says so
/// after an alert is stored, and an older one never, which its greeting tells.
struct RelatedWait {
    /// How long the hub may take for it, once all is stored.
    static let patience = Duration.seconds(2)
    /// Alerts that are looked after: the last ones; whoever publishes more reads them with `show`.
    static let most = 100

    private var ids: [[UInt8]] = []

    mutating func stored(_ id: [UInt8]) {
        ids.append(id)
        if ids.count > RelatedWait.most { ids.removeFirst() }
    }

    /// Tells what has come.
    /// - Returns: whether something may still come.
    mutating func look(_ publisher: Publisher, _ report: PublishReport) throws -> Bool {
        var open: [[UInt8]] = []
        for id in ids {
            switch try publisher.relation(of: id) {
            case .none: continue
            case .open: open.append(id)
            case .told(let related): report.related(related)
            }
        }
        ids = open
        return !open.isEmpty
    }
}
