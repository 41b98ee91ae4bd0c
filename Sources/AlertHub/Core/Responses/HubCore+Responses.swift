internal import Alerts
internal import AlertStore
internal import Wire

/// What comes of alerts once they are stored.
extension HubCore {
    /// Takes over what was known of responses before the start.
    package mutating func restore(_ responses: Responses) {
        self.responses = responses
        self.responses.follow(registry, from: end.offset + 1)
    }

    /// Forgets who has long been enrolled no longer: what they have shown, and that they were on duty.
    /// - period: after which it is not known any more who read what. certain: no earlier than this is certain.
    mutating func forgetGone(
        after period: Duration, certain: Timestamp, log: any AlertReader
    ) throws(StoreError) {
        guard role == .writing, responses.knowsGone else { return }
        let moment = Timestamp(milliseconds: certain.milliseconds - period.components.seconds * 1_000)
        // They count as gone from the first offset that was not given yet.
        responses.forget(goneBefore: try log.offset(before: moment) + 1)
    }

    /// Something has come of an alert for the first time, by somebody else than its author, and that is on disk: the one place
    /// where it is known.
    private mutating func happened(_ responses: [AlertResponse]) {
        var answers: [String: [Reply.Answered.Answer]] = [:]
        for response in responses {
            switch response.what {
            case .seen: escalation.seen(response.offset)
            case .acknowledged, .sighted: escalation.acknowledged(response.offset)
            }
            answers[response.author, default: []].append(
                Reply.Answered.Answer(
                    alert: response.alert.description, offset: response.offset, what: response.what,
                    by: response.by, time: response.at.milliseconds))
        }
        for (author, all) in answers.sorted(by: { $0.key < $1.key }) {
            guard links.wantsAnswers(author), let peer = links.routing(of: author) else { continue }
            for start in stride(from: 0, to: all.count, by: WireLimits.answered) {
                let some = Array(all[start..<min(all.count, start + WireLimits.answered)])
                perform(.reply(to: peer, .answered(Reply.Answered(alerts: some))))
            }
        }
    }

    /// The batch under way is on disk.
    mutating func settleResponses(_ records: [Record]) {
        let (responses, confirmed) = self.responses.committed(records)
        for (peer, request) in confirmed {
            perform(.reply(to: peer, .shown(Reply.Shown(request: request))))
        }
        if !responses.isEmpty { happened(responses) }
    }

    /// An identity reports what it has shown its user. The whole report is checked before any of it counts.
    mutating func shown(
        _ body: Request.Shown, _ identity: EnrolledIdentity, _ peer: [UInt8], at now: Timestamp
    ) {
        guard budgets.take(of: .receipts, for: identity.name, at: now) else {
            return refuse(peer, body.request, .busy, "at most one report a second: say it with the next")
        }
        guard body.log.value == end.log else {
            return refuse(peer, body.request, .ahead, "the hub has another log than this report is of")
        }
        guard body.topics.count <= WireLimits.topics,
            body.topics.reduce(0, { $0 + $1.ranges.count }) <= WireLimits.shownRanges
        else {
            return refuse(
                peer, body.request, .size,
                "shown: at most \(WireLimits.topics) topics and \(WireLimits.shownRanges) ranges")
        }
        var names: [Topic] = []
        for topic in body.topics {
            guard let name = end.topic(topic.number), identity.read.allows(name) else {
                return refuse(
                    peer, body.request, .grant, "\(identity.name) may not read topic number \(topic.number)")
            }
            names.append(name)
        }
        var isFull = false
        var receipts: [Receipt] = []
        for (topic, name) in zip(body.topics, names) {
            let head = end.sequence(of: topic.number)
            // What does not exist yet can't have been shown.
            let ranges = topic.ranges.filter { $0.count == 2 && $0[0] <= min($0[1], head) }.map {
                $0[0]...min($0[1], head)
            }
            guard role == .writing else {
                receipts.append(
                    Receipt(
                        identity: identity.name, topic: topic.number,
                        ranges: SequenceRanges(ranges).encoded))
                continue
            }
            for range in ranges {
                if responses.shown(
                    range, of: topic.number, name, by: identity.name, at: now, clock(now))
                {
                    isFull = true
                }
            }
        }
        if isFull {
            reached(
                .receipts, identity.name,
                "more than \(Receipts.mostRanges) ranges that it has shown of one topic: the oldest are forgotten",
                at: now)
        }
        let isTaken =
            role == .writing
            ? responses.awaitsConfirmation(peer, body.request, at: now)
            : handover.add(peer, body.request, receipts)
        guard isTaken else {
            return refuse(peer, body.request, .busy, "too many reports wait: say it with the next")
        }
    }

    /// Who has seen an alert.
    /// - identity: nil: the hub's operator.
    mutating func seen(
        _ body: Request.Seen, _ identity: EnrolledIdentity?, _ asker: Asker, at now: Timestamp
    ) {
        guard let id = AlertID(body.alert) else {
            return refuse(asker.peer, body.request, .malformed, "seen: an alert's id is a UUID")
        }
        read(
            .seen(
                SeenQuestion(
                    alert: id, known: role == .writing ? SeenQuestion.Known(responses) : nil,
                    topics: end.topics, provinces: provinces, read: identity.map(\.read) ?? .all,
                    mayKnowNames: identity.map { $0.may.contains(.receipts) } ?? true)),
            for: asker, request: body.request,
            // An asker that gets only counts, or asks about its own alert, has read nothing of anybody else, so that nothing
            // is recorded.
            audit: identity.flatMap {
                $0.may.contains(.receipts)
                    ? AuditEvent(identity: $0.name, action: .seen, subject: id.description) : nil
            }, at: now)
    }
}

/// A question who has seen an alert, with what the hub knows at that moment.
struct SeenQuestion: Sendable {
    /// What a hub that writes knows of responses.
    struct Known: Sendable {
        var receipts: Receipts
        var roster: DutyRoster
        /// What has come of alerts just now.
        var pending: [AlertResponse] = []
    }

    var alert: AlertID
    /// nil: what is in the log counts.
    var known: Known?
    /// The names of all topics of the log; the index is the number less one.
    var topics: [Topic]
    var provinces: ProvinceDirectory
    /// What the asker may read.
    var read: Grant
    /// Whether the asker may know the names also for alerts of other authors.
    var mayKnowNames: Bool
}

extension SeenQuestion.Known {
    /// What is on disk.
    init(_ log: any AlertReader) throws(StoreError) {
        self.init(receipts: Receipts(try log.receipts()), roster: DutyRoster(try log.duty()))
    }

    init(_ responses: Responses) {
        self.init(receipts: responses.receipts, roster: responses.roster, pending: responses.pending)
    }
}
