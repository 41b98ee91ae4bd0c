internal import AlertStore
internal import Alerts
internal import Identity
internal import Wire

/// Who has seen an alert, and what came of it.
extension QueryRunner {
    /// Members of a thread that are looked at for acknowledgements and corrections; the newest.
    static let answersRead = 1_000

    func seen(_ question: SeenQuestion) throws(StoreError) -> Reply {
        let thread = try log.thread(of: question.alert.bytes)
        guard let record = try find(question.alert, thread), record.offset <= query.offset else {
            return hidden
        }
        let topics = topics(of: record.deliveries, question)
        let isAuthor = query.asker.account == record.post
        guard isAuthor || topics.contains(where: question.read.allows) else { return hidden }
        let known = if let own = question.known { own } else { try SeenQuestion.Known(log) }

        var reply = Reply.Seen(
            request: query.request, alert: question.alert.description, offset: record.offset,
            received: record.received.milliseconds)
        let progress = try progress(of: record.offset, known.pending)
        reply.seen = progress.seen?.milliseconds
        reply.acknowledged = progress.acknowledged?.milliseconds
        reply.sighted = progress.sighted?.milliseconds
        let onDuty = known.roster.identities(onDutyFor: topics, at: record.offset).filter {
            $0 != record.post
        }
        let answers = try answers(in: thread, question)
        // Who answers an alert has seen it, on whatever they read.
        let answerers = Set(answers.filter { $0.isAcknowledgement || $0.isSighting }.map(\.record.post))
        let seen = onDuty.filter {
            answerers.contains($0) || known.receipts.has($0, shown: record.deliveries)
        }
        reply.onDuty = onDuty.count
        reply.seenBy = seen.count
        let readers = known.receipts.identities(whoHaveShown: record.deliveries).filter {
            $0 != record.post
        }
        let mayKnowNames = isAuthor || question.mayKnowNames
        var corrections: [Reply.Seen.Correction] = []
        for answer in answers {
            if answer.isAcknowledgement {
                guard reply.acknowledgers.count < WireLimits.answerers,
                    !reply.acknowledgers.contains(where: { $0.identity == answer.record.post })
                else { continue }
                reply.acknowledgers.append(
                    Reply.Seen.Acknowledger(
                        identity: answer.record.post, offset: answer.record.offset,
                        time: answer.record.received.milliseconds))
            } else if mayKnowNames, let change = answer.change, corrections.count < WireLimits.answerers,
                let id = AlertID(bytes: answer.record.alert)
            {
                corrections.append(
                    Reply.Seen.Correction(
                        alert: id.description, offset: answer.record.offset, change: change,
                        unseen: readers.filter {
                            $0 != answer.record.post
                                && !known.receipts.has($0, shown: answer.record.deliveries)
                        }))
            }
        }
        if mayKnowNames {
            reply.names = Reply.Seen.Names(
                seen: seen, unseen: onDuty.filter { !seen.contains($0) },
                others: readers.filter { !onDuty.contains($0) }, corrections: corrections)
        }
        return .seen(reply)
    }

    private func progress(
        of offset: UInt64, _ pending: [AlertResponse]
    ) throws(StoreError) -> AlertProgress {
        var progress = AlertProgress(offset: offset)
        if let kept = try log.progress(after: offset - 1, limit: 1).first, kept.offset == offset {
            progress.add(kept)
        }
        for response in pending where response.offset == offset { progress.add(response.progress) }
        return progress
    }

    /// The same for what is not there and for what may not be read.
    private var hidden: Reply {
        .refused(
            Reply.Refused(
                request: query.request, code: .reference,
                reason: "the hub has no alert of this id, or none that you may read"))
    }

    private func topics(of deliveries: [Record.Delivery], _ question: SeenQuestion) -> [Topic] {
        deliveries.compactMap { delivery in
            let index = Int(delivery.topic) - 1
            return question.topics.indices.contains(index) ? question.topics[index] : nil
        }
    }

    /// The newest ids are not indexed yet: they are among the thread.
    private func find(_ alert: AlertID, _ thread: AlertThread) throws(StoreError) -> Record? {
        if let known = try log.known(alert.bytes) { return try log.record(at: known.offset) }
        for member in thread.members
        where member.offset + UInt64(StoreLimits.unindexedIDs) > query.offset && member.post == thread.author
        {
            if let record = try log.record(at: member.offset), record.alert == alert.bytes { return record }
        }
        return nil
    }

    private struct ThreadAnswer {
        var record: Record
        var isAcknowledgement: Bool
        var isSighting: Bool
        /// nil: it changes and doubts nothing.
        var change: Reply.Seen.Change?
    }

    /// What refers to the alert itself, by offset.
    private func answers(
        in thread: AlertThread, _ question: SeenQuestion
    ) throws(StoreError) -> [ThreadAnswer] {
        let alert = question.alert.bytes
        var answers: [ThreadAnswer] = []
        for member in thread.members.suffix(QueryRunner.answersRead) where member.offset <= query.offset {
            guard let record = try log.record(at: member.offset), record.references.contains(alert),
                let facts = try? PostHeader(decoding: record.signed.header).facts
            else { continue }
            answers.append(
                ThreadAnswer(
                    record: record, isAcknowledgement: facts.knownMessageType == .ack,
                    isSighting: facts.answered == alert,
                    change: change(facts, record, question.provinces)))
        }
        return answers
    }

    private func change(
        _ facts: AlertFacts, _ record: Record, _ provinces: ProvinceDirectory
    ) -> Reply.Seen.Change? {
        switch facts.knownMessageType {
        case .update: return .update
        case .cancel: return .cancel
        case .alert where facts.knownKind == .sighting:
            // What is erased disputes nothing any more.
            let alert = try? Alert.decode(record.signed.payload, provinces: provinces, screened: false)
            return alert?.sighting?.outcome == .mistaken ? .dispute : nil
        case .alert, .ack: return nil
        case nil: return facts.notice == .withdrawal ? .withdrawal : nil
        }
    }
}
