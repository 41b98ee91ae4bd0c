package import Alerts
package import AlertStore
internal import Wire

/// What the next commit makes durable, and what follows once it is, or has failed.
extension HubCore {
    /// What to commit now; nil when there is nothing, or while a batch is under way: until ``committed()`` or
    /// ``rolledBack(at:)``.
    /// - now: nil: what readers have shown waits for nothing.
    package mutating func closeBatch(at now: Timestamp? = nil) -> Batch? {
        guard role == .writing else { return nil }
        let isDue = responses.isDue(at: now) || escalation.isDue
        guard var batch = ingest.closeBatch(evenEmpty: isDue) else { return nil }
        responses.close(into: &batch, ingest.answersUnderWay)
        escalation.close(into: &batch)
        handover.close()
        return batch
    }

    /// The batch under way is on disk: publish, then answer.
    /// - took: how long the transaction took.
    package mutating func committed(in took: Duration = .zero, at now: Timestamp) {
        counters.commit.observe(took)
        let watchChanges = ingest.watchChangesUnderWay
        let done = ingest.committed()
        publish(done.records)
        counters.store(done.records.count)
        for author in done.disputed { counters.mistaken[author, default: 0] &+= 1 }
        watch(watchChanges)
        settleResponses(done.records)
        handover.committed()
        tellEscalations()
        answerNotices(among: done.records)
        for (post, answer) in done.answers {
            for refused in answer.refused { counters.refuse(refused.code) }
            guard let peer = links.routing(of: post) else { continue }
            perform(.reply(to: peer, .acknowledged(answer)))
        }
        let safe = done.records.filter { done.safe.contains($0.alert) }.map(\.offset)
        if !safe.isEmpty { perform(.erase(safe)) }
        relate(done.identifiers, among: done.records, at: now)
        guard !isLogWritable else { return }
        isLogWritable = true
        var notice = Notice(.logWritable, .notice, "the log can be written again")
        notice.offset = end.offset
        perform(.log(notice))
    }

    /// What is in the log now goes to the feeds.
    mutating func publish(_ records: [Record]) {
        let messages = feeds.deliveries(of: records) { [topics = end.topics] number in
            topics.indices.contains(Int(number) - 1) ? topics[Int(number) - 1] : nil
        }
        for (domain, frames) in messages { perform(.publish(domain: domain, frames: frames)) }
    }

    /// The posts of so many alerts were answered so long after they were taken.
    mutating func answered(_ alerts: Int, after time: Duration) {
        counters.answer.observe(time, times: alerts)
    }

    /// The commit failed; nothing was answered or published, and the posts still have it all. Said once, not for each
    /// batch: posts try again every second until there is room.
    package mutating func rolledBack(_ error: StoreError, at now: Timestamp) {
        counters.failedCommits &+= 1
        if isLogWritable {
            perform(
                .log(
                    Notice(
                        .logFull, .error,
                        "the log can't grow; posts keep their alerts and try again: \(error)",
                        reason: error.cause == .full ? "full" : "locked")))
        }
        isLogWritable = false
        giveUpNotices()
        for (post, resume) in ingest.rolledBack(wait: HubCore.waitAfterFailure, at: now) {
            guard let peer = links.routing(of: post) else { continue }
            perform(.reply(to: peer, .resume(resume)))
        }
        responses.rolledBack(next: end.offset + 1)
        escalation.rolledBack()
    }
}
