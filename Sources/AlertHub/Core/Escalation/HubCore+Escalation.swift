internal import Alerts
internal import AlertStore
internal import JSON
internal import Wire

/// Alerts that nobody looks at, or takes over.
extension HubCore {
    /// A feed's heartbeats name an escalation for so many milliseconds; a reader that was away for longer hears of it in its
    /// welcome.
    static let escalationRepeated: Int64 = 60_000

    /// The time between the hub's last run and its start: its own time begins with the one at which it last ran.
    var sinceLastRun: Outage { Outage(from: started, until: clock(started)) }

    /// Takes over the escalations of the time before the start.
    /// - outage: since the log was written last; nil: there was none.
    mutating func restore(_ escalation: Escalation, outage: Outage? = nil) {
        self.escalation = escalation
        if let outage, !responses.roster.isEmpty,
            outage.until.milliseconds - outage.from.milliseconds > 1_000
        {
            self.escalation.outage = outage
        }
        self.escalation.expire(at: time?.certain ?? started)
        for raised in self.escalation.open { perform(.log(notice(raised, isStill: true))) }
    }

    /// Once a second.
    mutating func lookForEscalations(at now: Timestamp) {
        let before = escalation.held
        // Out of self while the closure uses them.
        var budgets = Budgets()
        swap(&budgets, &self.budgets)
        escalation.look(at: now, clock: clock(now), certain: time?.certain ?? now) { author in
            budgets.take(of: .escalations, for: author, at: now)
        }
        swap(&budgets, &self.budgets)
        // Said once for as long as it lasts.
        for author in escalation.held.subtracting(before).sorted() {
            reached(
                .escalations, author,
                "more than \(self.budgets.most(.escalations)) of its alerts are to be escalated within an hour: the "
                    + "others' come first, and its further ones one after another", at: now)
        }
    }

    /// Takes over from the batch that is stored now what escalation has to watch, and what it need not watch any more.
    mutating func watch(_ changes: Ingest.WatchChanges) {
        // Alerts that came while somebody was on duty end too, also where nobody is on duty any more.
        for id in changes.ended { escalation.settle(id) }
        guard !changes.begun.isEmpty, !responses.roster.isEmpty else { return }
        for stored in changes.begun {
            var subject = stored
            let topics = subject.topics.compactMap { end.topic($0) }
            subject.isOnDuty = responses.roster.isAnybody(
                onDutyFor: topics, at: subject.offset, but: subject.author)
            let since = Timestamp(milliseconds: subject.stored.milliseconds - (time?.shift ?? 0))
            guard !escalation.stored(subject, since: since) else { continue }
            let words =
                "more of its alerts wait to be seen than are watched (\(Escalation.mostOfAuthor) of one author, "
                + "\(Escalation.mostWatched) of all): its further ones are not escalated"
            if let notice = drops.notice(.escalationFull, "unwatched", peer: subject.author, words, at: since)
            {
                perform(.log(notice))
            }
        }
    }

    /// The batch under way is on disk.
    mutating func tellEscalations() {
        for raised in escalation.committed() { perform(.log(notice(raised, isStill: false))) }
    }

    private func notice(_ raised: Escalation.Raised, isStill: Bool) -> Notice {
        let word =
            switch raised.reason {
            case .unseen: "seen by nobody since \(isStill ? "before the hub's start" : "it was stored")"
            case .unacknowledged: "acknowledged by nobody"
            case .unattended: "for provinces for which nobody is on duty"
            }
        var notice = Notice(
            .alertEscalated, .warning,
            "escalation \(raised.number): alert \(raised.alert) of \(raised.author) is \(word)",
            post: raised.author, reason: raised.reason.rawValue)
        notice.offset = raised.offset
        return notice
    }

    /// The open escalations of alerts that a grant covers, the newest first.
    /// - since: by the hub's clock; nil: however old.
    func escalations(_ grant: Grant, since: Timestamp? = nil, atMost most: Int) -> Escalations? {
        let open = escalation.open.reversed().lazy.filter { raised in
            since.map { raised.at >= $0 } ?? true
        }.map { raised in
            (raised, topics: raised.topics.compactMap { end.topic($0) }.filter(grant.allows).map(\.name))
        }.filter { !$0.topics.isEmpty }
        let some = Array(open.prefix(most)).map { raised, topics in
            Escalations.Entry(
                number: raised.number, offset: raised.offset, alert: raised.alert.description,
                reason: raised.reason.rawValue, time: raised.at.milliseconds, topics: topics)
        }
        return some.isEmpty ? nil : Escalations(open: some)
    }
}

extension Escalation {
    /// Alerts read at the start, and escalations, at most: what is older is not watched any more.
    static let mostRestored: UInt64 = 65_536

    /// As the log has it. The time that the hub was down, before and now, does not count.
    /// - started: on the hub's own time scale, which begins with the time at which the hub last ran. ahead: by how much the clock
    ///   is ahead of that scale although a hub was up, in milliseconds: for a hub that shares its log, while another one was.
    init(
        _ settings: EscalationSettings, _ log: any AlertReader, topics: [Topic], roster: DutyRoster,
        started: Timestamp, ahead: Int64 = 0
    ) throws(StoreError) {
        self.init(settings)
        let most = settings.most.inMilliseconds
        let now = started.milliseconds + ahead
        var earliest = Timestamp(milliseconds: now - most)
        let outages = try log.outages(after: Timestamp(milliseconds: now - 2 * most))
        func down(after moment: Timestamp) -> Int64 {
            outages.reduce(0) { $0 + max(0, $1.until.milliseconds - max($1.from, moment).milliseconds) }
        }
        earliest = Timestamp(milliseconds: earliest.milliseconds - down(after: earliest))
        let head = try log.head()
        let raised = try log.escalations(limit: Int(Escalation.mostRestored))
        // What was escalated stays open however old its alert is.
        let first = raised.map(\.offset).min().map { $0 - min($0, 1) } ?? head
        var after = max(
            min(try log.offset(before: earliest), first), head - min(head, Escalation.mostRestored))
        let start = after
        let all = Set(topics.indices.map { UInt32($0) + 1 })
        while after < head {
            let page = try log.page(
                after: after, topics: all, limit: WireLimits.pageAlerts, bytes: WireLimits.pageBytes)
            guard page.through > after else { break }
            after = page.through
            for record in page.records {
                let since = Timestamp(
                    milliseconds: record.received.milliseconds + down(after: record.received) - ahead)
                guard let header = try? PostHeader(decoding: record.signed.header) else { continue }
                for id in header.facts.ended { settle(id) }
                let urgency = Urgency(in: record.signed.payload)
                guard !roster.isEmpty(at: record.offset),
                    var subject = Subject(record, header.facts, urgency)
                else { continue }
                subject.isOnDuty = roster.isAnybody(
                    onDutyFor: record.deliveries.map { Int($0.topic) - 1 }.filter(topics.indices.contains).map
                    {
                        topics[$0]
                    }, at: record.offset, but: record.post)
                stored(subject, since: since)
            }
        }
        after = start
        while case let page = try log.progress(after: after, limit: 4_096), let last = page.last {
            for progress in page {
                if progress.seen != nil { seen(progress.offset) }
                if progress.acknowledged != nil || progress.sighted != nil { acknowledged(progress.offset) }
            }
            after = last.offset
        }
        for row in raised { restore(row) }
    }
}

extension Urgency {
    /// Of a payload; unknown where it does not say, or is erased.
    fileprivate init(in payload: [UInt8]) {
        let word = try? JSONDocument(payload).root["urgency"]?.string
        self = word.flatMap { Urgency(rawValue: $0) } ?? .unknown
    }
}
