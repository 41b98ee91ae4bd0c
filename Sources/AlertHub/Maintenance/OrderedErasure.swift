internal import Alerts
internal import AlertStore
internal import Wire

/// What a notice of erasure in the log asks for. Nothing but the hub itself can have put one there.
///
/// The command that ordered it does this at once; where it was killed before that, the hub's purge does, which looks at each
/// record once. Done twice it changes nothing.
enum OrderedErasure {
    /// - Returns: how many contents were there and are erased now.
    static func carryOut(_ notice: Record, _ log: any AlertEraser) throws(StoreError) -> Int {
        guard let facts = try? PostHeader(decoding: notice.signed.header).facts, facts.notice == .erasure
        else {
            return 0
        }
        var erased: [(entry: RetentionEntry, digest: [UInt8])] = []
        for target in facts.references {
            for offset in try log.offsets(of: target) where offset < notice.offset {
                guard let record = try log.record(at: offset), record.erased == nil else { continue }
                erased.append((Purge.entry(record), record.payloadDigest))
            }
        }
        if !erased.isEmpty { try log.erase(erased) }
        return erased.count
    }
}
