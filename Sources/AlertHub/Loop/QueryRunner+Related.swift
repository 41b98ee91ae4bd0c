internal import Alerts
internal import AlertStore
internal import Wire

/// What other alerts may be about what one alert is about: those with the same plate, vessel or document. Nothing but the
/// spelling is compared, so that it is always called possible, and nothing follows from it by itself.
extension QueryRunner {
    /// Alerts that are looked at for one answer.
    static let candidates = 64
    /// Alerts that are followed from one to what it refers to.
    static let mostAncestors = 16

    /// - alert: its id. hub: the hub's own name. all: every topic of the log, for an alert's own author. at: the hub's time.
    func related(
        to alert: [UInt8], granted: [UInt32: Topic], all: [UInt32: Topic], hub: String, at time: Timestamp
    ) throws(StoreError) -> Reply.Related {
        var reply = Reply.Related(
            request: query.request == 0 ? nil : query.request,
            alert: AlertID(bytes: alert)?.description ?? "", time: time.milliseconds)
        let thread = try log.thread(of: alert)
        var own: Record?
        // It is the first of its thread, but for answers to it that came before it.
        for member in thread.members.prefix(QueryRunner.candidates)
        where own == nil && member.offset <= query.offset {
            if let record = try log.record(at: member.offset), record.alert == alert { own = record }
        }
        guard let own, isReadable(own, granted) || own.post == query.asker.account else { return reply }
        let identifiers = Identifier.all(in: own.signed.payload)
        guard !identifiers.isEmpty else { return reply }
        let found = try log.alerts(with: identifiers, limit: QueryRunner.candidates)
        if found.isCut { reply.more = true }
        if !found.isComplete { reply.partial = true }
        let known = try family(of: own, thread)
        for (offset, entries) in Dictionary(grouping: found.entries, by: \.offset).sorted(by: {
            $0.key > $1.key
        })
        where offset <= query.offset && !known.contains(offset) {
            guard let record = try log.record(at: offset), try stands(record, like: own, hub: hub, at: time)
            else { continue }
            let topics = record.post == query.asker.account ? all : granted
            guard let place = record.deliveries.lazy.compactMap({ topics[$0.topic] }).first,
                let header = try? PostHeader(decoding: record.signed.header),
                let id = AlertID(bytes: record.alert), let kind = header.facts.knownKind
            else {
                reply.hidden = true
                continue
            }
            guard reply.matches.count < WireLimits.related else {
                reply.more = true
                continue
            }
            reply.matches.append(
                Reply.Related.Match(
                    alert: id.description, post: record.post, kind: kind.rawValue, province: place.province,
                    received: record.received.milliseconds,
                    identifiers: Set(entries.map(\.identifier.scheme.rawValue)).sorted()))
        }
        return reply
    }

    private func isReadable(_ record: Record, _ granted: [UInt32: Topic]) -> Bool {
        record.deliveries.contains { granted[$0.topic] != nil }
    }

    /// What is linked to an alert already: its thread, and those of what it refers to.
    private func family(of record: Record, _ thread: AlertThread) throws(StoreError) -> Set<UInt64> {
        var offsets = Set(thread.members.map(\.offset))
        offsets.insert(record.offset)
        var open = record.references
        var followed: Set<[UInt8]> = []
        while let id = open.popLast(), followed.count < QueryRunner.mostAncestors {
            guard followed.insert(id).inserted else { continue }
            let thread = try log.thread(of: id)
            offsets.formUnion(thread.members.map(\.offset))
            for member in thread.members.prefix(1) {
                if let ancestor = try log.record(at: member.offset), ancestor.alert == id {
                    open += ancestor.references
                }
            }
        }
        return offsets
    }

    /// Whether it is an alert or a sighting of the same status that still stands.
    private func stands(
        _ record: Record, like own: Record, hub: String, at time: Timestamp
    ) throws(StoreError) -> Bool {
        guard let facts = try? PostHeader(decoding: record.signed.header).facts,
            let status = try? PostHeader(decoding: own.signed.header).facts.status
        else { return false }
        guard facts.status == status, facts.hasStanding else { return false }
        return try log.isActive(record, hub: hub, at: time)
    }
}
