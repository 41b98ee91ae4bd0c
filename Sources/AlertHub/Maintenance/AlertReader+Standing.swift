internal import AlertStore
internal import Alerts
internal import LogProof
internal import Wire

/// Words of an alert's author and of the operator that are looked at: the last ones.
private let mostChanges = 256

extension AlertReader {
    /// Whether neither its author, nor the operator, nor time has ended an alert. What is in the log was checked when it was stored.
    /// - hub: the hub's own name; nil: not known, and the operator's word is not looked at.
    func isActive(_ record: Record, hub: String?, at time: Timestamp) throws(StoreError) -> Bool {
        guard let header = try? PostHeader(decoding: record.signed.header), header.facts.expires > time,
            let id = AlertID(bytes: record.alert)
        else { return false }
        var standings = Standings()
        standings.take(header, isSigned: true)
        // Of others there may be as many as they like.
        let changes = try thread(of: record.alert).members.filter {
            $0.offset > record.offset && ($0.post == record.post || $0.post == hub)
        }
        for change in changes.suffix(mostChanges) {
            guard let later = try self.record(at: change.offset),
                let header = try? PostHeader(decoding: later.signed.header)
            else { continue }
            standings.take(header, isSigned: true)
        }
        return standings.standing(of: id, at: time)?.state == .active
    }
}
