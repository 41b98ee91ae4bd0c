internal import Alerts
internal import AlertStore
internal import Wire

extension QueryRunner {
    /// One page of what a post sent. Costs a read of all that came in since, a page at a time.
    func sent(
        by post: String, since: Timestamp, after: UInt64?, _ hub: String, _ topics: Int
    ) throws(StoreError) -> Reply.Compromised {
        let first = try min(log.offset(before: since), query.offset)
        let after = max(after ?? 0, first)
        var reply = Reply.Compromised(request: query.request, through: after, head: query.offset)
        guard after < query.offset, topics > 0 else { return reply }
        let page = try log.page(
            after: after, topics: Set(1...UInt32(clamping: topics)), limit: WireLimits.pageAlerts,
            bytes: WireLimits.pageBytes)
        reply.through = min(page.through, query.offset)
        for record in page.records where record.offset <= query.offset {
            guard record.post == post || record.post == hub,
                let header = try? PostHeader(decoding: record.signed.header)
            else { continue }
            if record.post == hub {
                guard header.facts.notice == .withdrawal else { continue }
                reply.withdrawn += record.references.compactMap { AlertID(bytes: $0)?.description }
            } else if let id = AlertID(bytes: record.alert) {
                reply.alerts.append(
                    Reply.Compromised.Sent(
                        id: id.description, kind: header.facts.kind, status: header.facts.status))
            }
        }
        return reply
    }
}
