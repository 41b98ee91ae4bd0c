internal import Alerts
internal import AlertStore
internal import Wire

/// A Cancel by which an author says that whoever its alerts sought is safe: what it names is erased once it is stored
/// (``OrderedErasure``). So it has to name every version, and goes wherever the answers that are erased with them went: who
/// finds a content gone finds the author's own word for it too.
extension Ingest {
    /// References that are looked at for one such Cancel: then it costs no more than some other alerts.
    static let mostReferring = 64

    /// - Returns: the topics of the answers, beside those of what it names.
    func closing(_ cancel: ValidatedAlert, _ log: any AlertReader) throws(StoreError) -> Routing {
        let named = Set(cancel.changes)
        var missing: [[UInt8]] = []
        var topics: [Topic] = []
        var left = Ingest.mostReferring
        for id in cancel.changes {
            guard let version = try record(of: id, log), version.erased == nil else { continue }
            if let facts = try? PostHeader(decoding: version.signed.header).facts {
                for earlier in facts.changes where !named.contains(earlier) {
                    if try record(of: earlier, log)?.erased == nil { missing.append(earlier) }
                }
            }
            let places = Set(
                staged.topics(of: version).map {
                    Topic(country: $0.country, province: $0.province, kind: .sighting)
                })
            for referring in try referring(to: id, left, log) {
                left -= 1
                if referring.post == cancel.header.post, referring.erased == nil,
                    let facts = try? PostHeader(decoding: referring.signed.header).facts,
                    facts.knownMessageType == .update, facts.knownKind != .sighting,
                    !named.contains(referring.alert)
                {
                    missing.append(referring.alert)
                }
                topics += staged.topics(of: referring).filter { places.contains($0) }
            }
        }
        guard missing.isEmpty else {
            let ids = Set(missing.compactMap { AlertID(bytes: $0) }).sorted().map(\.description)
            return .refused(
                Rejection(
                    code: .reference,
                    reason:
                        "references: with the resolution safe it names every version of the alert; add \(ids.joined(separator: ", "))"
                ))
        }
        return .topics(topics)
    }

    /// What refers to an alert itself, committed and staged.
    private func referring(
        to id: [UInt8], _ limit: Int, _ log: any AlertReader
    ) throws(StoreError) -> [Record] {
        guard limit > 0 else { return [] }
        var records: [Record] = []
        for member in try log.referring(to: id, limit: limit) {
            if let record = try log.record(at: member.offset) { records.append(record) }
        }
        records += uncommitted.filter { $0.references.contains(id) }
        return records
    }
}
