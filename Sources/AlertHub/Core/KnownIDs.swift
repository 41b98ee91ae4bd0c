internal import Alerts
package import AlertStore
internal import Wire

/// The ids of all alerts that the hub has, staged ones too: whether an alert is new, a repetition, or an alert that takes
/// another's id; and whose the alerts are that it refers to.
///
/// The newest are kept here. Older ones are in the log's index, which is asked only where an id's own time leaves it open:
/// one that is later than every id which has left this value is new. Posts make ids from their clock as they go, so that
/// nearly all of theirs are later, and the index, a disk's read at worst, is for an outbox that comes late, for an author
/// of old alerts, and for who invents ids.
package struct KnownIDs: Sendable {
    /// Ids kept: more than wait to be indexed or to be committed.
    static let kept = 2 * StoreLimits.unindexedIDs

    private var known: [AlertID: KnownAlert] = [:]
    /// Those of `known` by offset, from `first` on.
    private var order: [AlertID] = []
    private var first = 0
    /// The latest time of the ids that only the index has, in milliseconds.
    private var latestLeft = Int64.min
    let kept: Int

    /// - ids: as the log's reader gives them at the hub's start. kept: at least ``StoreLimits/unindexedIDs`` and a batch.
    package init(_ ids: UnindexedIDs = UnindexedIDs(), kept: Int = KnownIDs.kept) {
        self.kept = kept
        if let greatest = ids.greatest { leave(greatest) }
        for entry in ids.entries { add(entry.alert, entry.known) }
    }

    enum Verdict: Sendable, Equatable {
        case new
        /// The log has the alert at this offset: the same post has sent the same payload under another sequence before.
        case repeated(offset: UInt64)
        case refused(Rejection)
        /// The log could not be read, so that nothing is decided.
        case unreadable(StoreError)
    }

    /// - index: ``AlertReader/known(_:)``. record: the record at an offset that is known here, staged or committed.
    func judge(
        _ alert: ValidatedAlert, index: ([UInt8]) throws(StoreError) -> KnownAlert?,
        record: (UInt64) throws(StoreError) -> Record?
    ) -> Verdict {
        do throws(StoreError) {
            if let first = try find(alert.id, index) {
                guard first.post == alert.header.post, let record = try record(first.offset),
                    record.payloadDigest == alert.digest
                else {
                    return .refused(
                        Rejection(
                            code: .id,
                            reason: first.post == alert.header.post
                                ? "id: the alert at offset \(first.offset) has it, with another content"
                                : "id: an alert of another post has it"))
                }
                return .repeated(offset: first.offset)
            }
            for (place, reference) in alert.changes.enumerated() {
                let author = try find(reference, index)?.post
                guard author != alert.header.post else { continue }
                let rule =
                    author == nil
                    ? "the hub has no alert of this id"
                    : "of another post; only its author may update or cancel an alert"
                return .refused(Rejection(code: .reference, reason: "references[\(place)]: \(rule)"))
            }
            return .new
        } catch {
            return .unreadable(error)
        }
    }

    /// The alert of this id, staged ones too; nil where the hub has none.
    func find(
        _ id: [UInt8], _ index: ([UInt8]) throws(StoreError) -> KnownAlert?
    ) throws(StoreError) -> KnownAlert? {
        guard let key = AlertID(bytes: id) else { return try index(id) }
        if let found = known[key] { return found }
        return key.time.milliseconds > latestLeft ? nil : try index(id)
    }

    /// Notes a staged alert, or one that the index does not have yet; by offset.
    mutating func add(_ id: [UInt8], _ alert: KnownAlert) {
        guard let key = AlertID(bytes: id), known[key] == nil else { return }
        known[key] = alert
        order.append(key)
        guard order.count - first > kept else { return }
        let oldest = order[first]
        first += 1
        known[oldest] = nil
        latestLeft = max(latestLeft, oldest.time.milliseconds)
        if first > kept {
            order.removeFirst(first)
            first = 0
        }
    }

    /// Forgets what was staged after this offset and is not stored.
    mutating func rollBack(to offset: UInt64) {
        while order.count > first, let last = order.last, let alert = known[last], alert.offset > offset {
            known[last] = nil
            order.removeLast()
        }
    }

    private mutating func leave(_ id: [UInt8]) {
        guard let key = AlertID(bytes: id) else { return }
        latestLeft = max(latestLeft, key.time.milliseconds)
    }
}

extension Refusal {
    /// Of a sequence whose alert the log has already, under another sequence of the same post: kept among the refusals,
    /// since it is consumed and not stored, and told as stored at the first offset.
    static let repetition = "duplicate"

    init(repeating offset: UInt64, post: String, epoch: UInt64, sequence: UInt64, received: Timestamp) {
        self.init(
            post: post, epoch: epoch, sequence: sequence, received: received, code: Refusal.repetition,
            reason: "\(offset)")
    }
}

/// The first offset of what was refused as a repetition; nil of every other refusal.
func firstOffset(code: String, reason: String) -> UInt64? {
    code == Refusal.repetition ? UInt64(reason) : nil
}
