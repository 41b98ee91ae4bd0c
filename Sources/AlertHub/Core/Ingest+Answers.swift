internal import Alerts
internal import AlertStore
internal import Wire

/// How an alert relates to others: what it answers, and on which topics it goes for that (PROTOCOL.md, "Routing").
extension AlertFacts {
    /// What an alert is to the one that it answers; nil: it answers none.
    var answer: Reply.Answered.What? {
        if knownMessageType == .ack { return .acknowledged }
        return knownKind == .sighting && knownMessageType == .alert ? .sighted : nil
    }
}

extension Ingest {
    enum Routing: Sendable, Equatable {
        /// - answered: who wrote the alert that is answered; nil: the hub does not have it, or nothing is.
        case topics([Topic], answered: String? = nil)
        case refused(Rejection)
    }

    /// An acknowledgement, an update and a cancellation also go wherever what they are about has gone: a correction reaches
    /// who read the original. A sighting goes to whoever reads sightings of the alert's provinces. What the hub does not have
    /// is no reason to refuse an answer: it stays on its author's own provinces, and in the alert's thread once that comes.
    func route(_ alert: ValidatedAlert, _ log: any AlertReader) throws(StoreError) -> Routing {
        let facts = alert.header.facts
        let isAck = facts.knownMessageType == .ack
        let isAnswer = facts.knownKind == .sighting && facts.knownMessageType == .alert
        guard isAck || isAnswer || !alert.changes.isEmpty else { return .topics(alert.topics) }
        let subjects = isAck || isAnswer ? alert.references : alert.changes
        var answered: [Topic] = []
        var author: String?
        for (place, subject) in subjects.enumerated() {
            guard let record = try record(of: subject, log) else { continue }
            if isAck || isAnswer, let refusal = Ingest.objection(to: record, by: facts, at: place) {
                return .refused(refusal)
            }
            answered += staged.topics(of: record)
            if isAnswer { author = record.post }
        }
        if isAck, !(answered.isEmpty ? alert.topics : answered).contains(where: alert.duty.allows) {
            // The reason names no province, so that who may not read the alert learns nothing about it.
            return .refused(
                Rejection(
                    code: .grant,
                    reason:
                        "references[0]: only who is on duty for one of the alert's provinces acknowledges it, and "
                        + "\(alert.header.post) is not; the hub's operator says who is: borderwire-hub enroll --duty"
                ))
        }
        if facts.isSafe {
            switch try closing(alert, log) {
            case .refused(let rejection): return .refused(rejection)
            case .topics(let topics, _): return .topics(Ingest.distinct(alert.topics + answered + topics))
            }
        }
        guard isAnswer else { return .topics(Ingest.distinct(alert.topics + answered)) }
        let sightings = answered.map { Topic(country: $0.country, province: $0.province, kind: .sighting) }
        let own = sightings.isEmpty || alert.isShared ? alert.topics : []
        return .topics(Ingest.distinct(sightings + own), answered: author)
    }

    /// An answer can't be taken for real where the alert is an exercise, nor the other way round.
    private static func objection(to record: Record, by facts: AlertFacts, at place: Int) -> Rejection? {
        guard let subject = try? PostHeader(decoding: record.signed.header).facts else { return nil }
        let field = facts.knownMessageType == .ack ? "references[\(place)]" : "sighting.of"
        if subject.notice != nil || subject.knownMessageType == .ack {
            return Rejection(code: .reference, reason: "\(field): not an alert, and not answered")
        }
        if facts.knownMessageType == .ack, subject.kind != facts.kind {
            return Rejection(code: .reference, reason: "\(field): the alert is of another kind")
        }
        guard subject.status == facts.status else {
            return Rejection(code: .reference, reason: "\(field): the alert is of another status")
        }
        return nil
    }

    private static func distinct(_ topics: [Topic]) -> [Topic] {
        var seen: Set<Topic> = []
        return topics.filter { seen.insert($0).inserted }
    }

    /// The alert of this id, staged or committed; nil where the hub has none.
    func record(of id: [UInt8], _ log: any AlertReader) throws(StoreError) -> Record? {
        guard let known = try ids.find(id, { (id) throws(StoreError) in try log.known(id) }) else {
            return nil
        }
        if let record = stagedRecord(at: known.offset) { return record }
        return try log.record(at: known.offset)
    }
}
