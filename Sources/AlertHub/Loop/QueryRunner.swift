internal import Alerts
package import AlertStore
internal import Identity
internal import LogProof
package import Wire

/// One reading of the log, turned into its reply.
package struct QueryRunner {
    /// Refusals shown in a status.
    static let refusalsShown = 20

    let log: any AlertReader
    let query: LogQuery

    package init(log: any AlertReader, query: LogQuery) {
        self.log = log
        self.query = query
    }

    package func reply() throws(StoreError) -> Reply {
        switch query.subject {
        case .page(let after, let wanted, let limit, let bytes, let granted):
            return try page(after: after, wanted: wanted, limit: limit, bytes: bytes, granted: granted)
        case .thread(let alert, let part, let after, let granted, let all, let time):
            return try thread(of: alert, part, after: after, granted: granted, all: all, at: time)
        case .related(let alert, let granted, let all, let hub, let time):
            return .related(try related(to: alert, granted: granted, all: all, hub: hub, at: time))
        case .locate(let since):
            let after = min(try log.offset(before: since), query.offset)
            return .located(Reply.Located(request: query.request, after: after))
        case .outcomes(let post, let epoch, let sequences, let through):
            return .acknowledged(
                try outcomes(post, epoch, sequences, through: through, request: query.request))
        case .duplicate(let post, let epoch, let sequence, let signature, let through):
            return try duplicate(post, epoch, sequence, signature, through: through)
        case .checkpoint(let offset, let topics, let wanted, let now, let key):
            return .checkpoint(try checkpoint(offset, topics, wanted, now, key))
        case .sent(let post, let since, let after, let hub, let topics):
            return .compromised(try sent(by: post, since: since, after: after, hub, topics))
        case .seen(let question): return try seen(question)
        case .status(let report):
            var status = HubStatus(report, request: query.request)
            let counts = try log.counts()
            status.stored = counts.stored
            status.refused = counts.refused
            status.refusals = try log.refusals(limit: QueryRunner.refusalsShown).map {
                HubStatus.Refusal(
                    post: $0.post, epoch: HexNumber($0.epoch), sequence: $0.sequence,
                    received: $0.received.milliseconds, code: $0.code,
                    reason: firstOffset(code: $0.code, reason: $0.reason).map {
                        "it is the alert at offset \($0) once more, and was answered with that"
                    } ?? $0.reason)
            }
            return .status(status)
        }
    }

    private func page(
        after: UInt64, wanted: Set<UInt32>, limit: Int, bytes: Int, granted: [UInt32: Topic]
    ) throws(StoreError) -> Reply {
        var draft = PageDraft(wanted: wanted, through: query.offset, bytes: bytes)
        var looked = query.offset
        if after < query.offset, !wanted.isEmpty {
            looked = try log.page(after: after, topics: wanted, limit: limit, bytes: bytes, into: &draft)
        }
        let through = max(min(looked, query.offset), after)
        let topics =
            through >= query.offset
            ? try sequences(of: granted, through: query.offset) : draft.topics(granted)
        return .page(
            Reply.Page(
                request: query.request, log: HexNumber(query.log), after: after, through: through,
                head: query.offset, count: draft.count, topics: topics),
            records: draft.bytes)
    }

    /// What the asker may read of a thread, and of that first what the author of the alert wrote: nobody's updates can push
    /// those out. The author may read all of it: an answer may come from provinces that no grant of theirs names.
    private func thread(
        of alert: [UInt8], _ part: Request.Find.Part?, after: UInt64, granted: [UInt32: Topic],
        all: [UInt32: Topic], at time: Timestamp
    ) throws(StoreError) -> Reply {
        let thread = try log.thread(of: alert)
        var granted = granted
        if thread.author == query.asker.account {
            for number in thread.members.flatMap(\.topics) { granted[number] = all[number] }
        }
        let readable = thread.members.filter { member in
            member.offset <= query.offset && member.topics.contains { granted[$0] != nil }
        }
        let own = readable.filter { $0.post == thread.author }
        let others = readable.filter { $0.post != thread.author }
        let wanted =
            switch part {
            case .author: own
            case .others: others
            case nil: own + others
            }
        var records: [Record] = []
        var bytes = 0
        var isCut = false
        for member in wanted where member.offset > after {
            isCut = records.count >= WireLimits.threadPage || bytes >= WireLimits.pageBytes
            if isCut { break }
            guard let record = try log.record(at: member.offset) else { continue }
            bytes += record.signed.header.count + record.signed.payload.count + record.signed.signature.count
            records.append(record)
        }
        records.sort { $0.offset < $1.offset }
        // Below the head, even where the cut is behind the last alert of the log.
        let through =
            isCut
            ? max(after, min(records.last?.offset ?? 0, max(1, query.offset) - 1))
            : max(after, query.offset)
        var page = Reply.Page(
            request: query.request, log: HexNumber(query.log), after: after, through: through,
            head: query.offset, count: records.count,
            topics: try sequences(of: granted, through: query.offset))
        page.others = UInt64(others.count)
        page.beyond = thread.isCut ? true : nil
        page.time = time.milliseconds
        return .page(page, records: PageRecord.encode(records.map { encoded($0) { granted[$0] != nil } }))
    }

    private func outcomes(
        _ post: String, _ epoch: UInt64, _ sequences: ClosedRange<UInt64>, through: UInt64, request: UInt64?
    ) throws(StoreError) -> Reply.Acknowledged {
        var answer = Reply.Acknowledged(
            request: request, epoch: HexNumber(epoch), through: through, sums: [])
        var open = Set(sequences.prefix { $0 <= through })
        for outcome in try log.outcomes(post: post, epoch: epoch, sequences: sequences) {
            switch outcome {
            case .stored(let sequence, let offset, let alert):
                // One run each: the post can then tell which of them are not its own.
                answer.stored.append([sequence, offset, 1])
                answer.sums?.append(AlertSum(CollectionOfOne(alert)))
                open.remove(sequence)
            case .refused(let sequence, let code, let reason):
                if let offset = firstOffset(code: code, reason: reason),
                    let first = try log.record(at: offset)
                {
                    answer.stored.append([sequence, offset, 1])
                    answer.sums?.append(AlertSum(CollectionOfOne(first.alert)))
                    open.remove(sequence)
                    continue
                }
                answer.refused.append(
                    Reply.RefusedSequence(
                        sequence: sequence, code: ReasonCode(rawValue: code), reason: reason))
                open.remove(sequence)
            }
        }
        // What is consumed and was not stored was refused, too long ago for its reason to be kept.
        for sequence in open.sorted() {
            answer.refused.append(
                Reply.RefusedSequence(
                    sequence: sequence, code: .forgotten,
                    reason: "it was refused, and the hub no longer keeps the reason"))
        }
        return answer
    }

    private func duplicate(
        _ post: String, _ epoch: UInt64, _ sequence: UInt64, _ signature: [UInt8], through: UInt64
    ) throws(StoreError) -> Reply {
        let answer = try outcomes(post, epoch, sequence...sequence, through: through, request: nil)
        // The same bytes have the same signature (Ed25519 is deterministic); another one is another alert.
        // What is stored under another sequence was a repetition: the sum tells the post which alert is meant.
        if let run = answer.stored.first, let record = try log.record(at: run[1]),
            record.sequence == sequence, record.epoch == epoch, record.signed.signature != signature
        {
            return .refused(
                Reply.Refused(
                    request: nil, code: .conflict,
                    reason:
                        "sequence \(sequence) of this epoch is another alert here: the outbox was restored from "
                        + "an older copy, or two machines use this identity"))
        }
        return .acknowledged(answer)
    }

    private func checkpoint(
        _ offset: UInt64, _ topics: Int, _ wanted: [UInt32: Topic]?, _ now: Timestamp, _ key: SigningKey
    ) throws(StoreError) -> Reply.Checkpoint {
        var hash = Chain.origin
        if offset > 0 {
            guard let record = try log.record(at: offset) else {
                throw StoreError(
                    operation: "checkpoint", path: "the log", cause: .damaged,
                    detail: "the alert at offset \(offset) is gone")
            }
            hash = record.hash
        }
        // Topics are numbered in the order of their first deliveries: those that had one by then are the first ones.
        var marks: [TopicMark] = []
        let known = try log.marks(of: Set(0...UInt32(clamping: topics)), through: offset)
        while let mark = known[UInt32(marks.count) + 1] {
            marks.append(mark)
        }
        let tree = TopicTree(marks)
        let checkpoint = Checkpoint(
            log: query.log, offset: offset, time: now, hash: hash, root: tree.root
        ).signed(by: key)
        var reply = Reply.Checkpoint(request: query.request, checkpoint: checkpoint)
        guard let wanted else { return reply }
        let shown = wanted.keys.filter { Int($0) <= marks.count }.sorted()
        reply.topics = shown.map { number in
            Reply.TopicSequence(
                topic: wanted[number]?.name ?? "", number: number, sequence: marks[Int(number) - 1].sequence,
                chain: HexBytes(marks[Int(number) - 1].chain))
        }
        reply.count = UInt32(marks.count)
        reply.proof = tree.proof(of: Set(shown)).map { HexBytes($0) }
        return reply
    }

    private func encoded(_ record: Record, _ isShown: (UInt32) -> Bool) -> PageRecord {
        PageRecord(
            offset: record.offset, received: record.received,
            deliveries: record.deliveries.filter { isShown($0.topic) }.map {
                Heads.Entry(topic: $0.topic, sequence: $0.sequence)
            }, signed: record.signed, erased: record.erased)
    }

    private func sequences(
        of granted: [UInt32: Topic], through: UInt64
    ) throws(StoreError) -> [Reply.TopicSequence] {
        let heads = try log.heads(of: Set(granted.keys), through: through)
        return granted.sorted { $0.key < $1.key }.map { number, topic in
            Reply.TopicSequence(topic: topic.name, number: number, sequence: heads[number] ?? 0)
        }
    }
}
