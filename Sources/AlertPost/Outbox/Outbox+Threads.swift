public import Alerts
import SQLite
internal import Wire

extension Outbox {
    /// The versions of alerts, as far as the outbox knows them.
    public struct Versions: Sendable, Equatable {
        /// Those that were asked for first, then the others; none whose content is erased among the others.
        public var ids: [AlertID]
        /// Those of them that the outbox does not have: what else they are versions of it can't know.
        public var unknown: [AlertID]
    }

    /// What the alerts update, what updates them, and so on.
    public func versions(of ids: [AlertID]) throws(OutboxError) -> Versions {
        try call("read") { () throws(SQLiteError) in
            try connection.transaction(.deferred) { () throws(SQLiteError) in
                var versions = Versions(ids: [], unknown: [])
                var rest = ids
                var seen: Set<AlertID> = []
                while let id = rest.first {
                    rest.removeFirst()
                    guard seen.insert(id).inserted else { continue }
                    let found = try headers(of: id)
                    if found.isEmpty { versions.unknown.append(id) }
                    guard ids.contains(id) || !found.contains(where: \.isErased) else { continue }
                    versions.ids.append(id)
                    for (header, _) in found {
                        rest += header.facts.changes.compactMap { AlertID(bytes: $0) }
                    }
                    rest += try updates(of: id)
                }
                return versions
            }
        }
    }

    private func headers(of id: AlertID) throws(SQLiteError) -> [(header: PostHeader, isErased: Bool)] {
        let select = try connection.statement("SELECT header, erased FROM alerts WHERE id = ?1")
        defer { select.reset() }
        try select.bind(id.bytes, at: 1)
        var headers: [(header: PostHeader, isErased: Bool)] = []
        while try select.step() {
            if let header = try? PostHeader(decoding: select.bytes(0)) {
                headers.append((header, !select.isNull(1)))
            }
        }
        return headers
    }

    /// Alerts that take the place of one; rejected ones took nothing's.
    private func updates(of id: AlertID) throws(SQLiteError) -> [AlertID] {
        let select = try connection.statement(
            "SELECT header FROM referring JOIN alerts USING (id) WHERE target = ?1 AND state <> 2 ORDER BY alerts.rowid"
        )
        defer { select.reset() }
        try select.bind(id.description, at: 1)
        var updates: [AlertID] = []
        while try select.step() {
            guard let facts = try? PostHeader(decoding: select.bytes(0)).facts,
                facts.knownMessageType == .update, facts.changes.contains(id.bytes),
                let update = AlertID(bytes: facts.id)
            else { continue }
            updates.append(update)
        }
        return updates
    }
}
