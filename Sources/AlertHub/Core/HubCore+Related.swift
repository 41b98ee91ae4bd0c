internal import Alerts
internal import AlertStore
internal import Wire

/// Alerts that may be about the same: an author is told with the answer to its alert, and readers ask.
extension HubCore {
    /// Looks for what the stored alerts may be related to, off the loop's thread, for each author that wants to be told.
    mutating func relate(_ entries: [IdentifierEntry], among records: [Record], at now: Timestamp) {
        guard let first = records.first?.offset else { return }
        var last: UInt64 = 0
        for entry in entries where entry.offset != last {
            last = entry.offset
            let place = Int(clamping: entry.offset - min(entry.offset, first))
            guard records.indices.contains(place) else { continue }
            let record = records[place]
            guard let peer = links.wantsRelated(record.post), affordsRelated(record.post, at: now),
                let identity = registry.named(record.post), let user = identity.users.min()
            else { continue }
            let asker = Asker(peer: peer, user: user, account: identity.name, read: identity.read)
            lookUpRelated(to: record.alert, identity, asker, request: 0, at: now)
        }
    }

    mutating func related(
        _ body: Request.Related, _ identity: EnrolledIdentity, _ asker: Asker, at now: Timestamp
    ) {
        guard let id = AlertID(body.alert) else {
            return refuse(asker.peer, body.request, .malformed, "related: an alert's id is a UUID")
        }
        guard affordsRelated(identity.name, at: now) else {
            return refuse(
                asker.peer, body.request, .busy,
                "\(budgets.most(.related)) alerts were looked up by their plates and documents within an hour: ask later"
            )
        }
        lookUpRelated(to: id.bytes, identity, asker, request: body.request, at: now)
    }

    private mutating func lookUpRelated(
        to alert: [UInt8], _ identity: EnrolledIdentity, _ asker: Asker, request: UInt64, at now: Timestamp
    ) {
        read(
            .related(
                alert: alert, granted: topics(grantedBy: identity.read), all: topics(grantedBy: .all),
                hub: hub,
                at: clock(now)),
            for: asker, request: request,
            audit: AuditEvent(
                identity: identity.name, action: .related, subject: AlertID(bytes: alert)?.description ?? ""),
            at: now)
    }

    /// What may not be read shows in the answer as being there: an insider must not be able to ask for plate after plate.
    private mutating func affordsRelated(_ name: String, at now: Timestamp) -> Bool {
        if budgets.take(of: .related, for: name, at: now) { return true }
        reached(
            .related, name,
            "more than \(budgets.most(.related)) look-ups of plates and documents within an hour",
            at: now)
        return false
    }

    /// An answer leaves: the operator sees how often alerts may be about the same, and who was told of what it may not read.
    mutating func count(_ related: RelatedCount, to asker: Asker, at now: Timestamp) {
        guard related.named > 0 || related.isHidden else { return }
        counters.related &+= 1
        if related.isHidden { counters.relatedHidden &+= 1 }
        let beyond = related.isHidden ? ", and in a province that it may not read" : ""
        let words =
            "told \(asker.account) that alert \(related.alert) may be about the same as \(related.named) others\(beyond)"
        if var notice = drops.notice(.possibleMatch, "related", peer: asker.account, words, at: now) {
            notice.weight = .notice
            perform(.log(notice))
        }
    }
}

/// How much an answer to ``Request/related(_:)`` holds.
struct RelatedCount: Sendable, Equatable {
    /// The alert's id.
    var alert: String
    var named: Int
    var isHidden: Bool
}
