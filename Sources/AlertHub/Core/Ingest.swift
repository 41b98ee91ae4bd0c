internal import Alerts
internal import AlertStore
internal import Wire

/// Takes each post's alerts in their order, once, and gathers what the next commit makes durable. Go-back-N: the next
/// expected sequence is taken, what is there already is ignored, a gap is answered with "resume from".
///
/// A value without clock or I/O. Between ``stage`` and ``committed`` it works on a copy of the log's end: a commit that
/// fails is forgotten with ``rolledBack``. While one batch is being committed the next one is gathered behind it.
struct Ingest: Sendable {
    /// What is committed.
    private(set) var end: LogEnd
    /// The log's end as it will be once the batch under way and the one that is gathered are committed.
    var staged: LogEnd
    private var batch = Batch()
    /// What to tell each post once the batch is durable.
    private var answers: [Answer] = []
    /// Authors of alerts that the batch's sightings call mistaken, once for each such sighting.
    private var disputed: [String] = []
    /// Ids of the batch's Cancels after which content is erased.
    private var safe: Set<[UInt8]> = []
    /// The positions that the batch moves, in the order of their first move; a post's last one is its current one.
    private var moved: [Position] = []
    /// For which of the batch's alerts escalation begins or ends to wait.
    private var watchChanges = WatchChanges()
    /// Which of the batch's records answer an alert.
    private var responses: [StoredAnswer] = []
    /// Closed, and not yet known to be durable.
    private var underWay: UnderWay?
    /// From which sequence each post was last told to resume, and when. It is told at most once a second, and not for each
    /// alert behind the gap.
    private var resumed: [String: (from: UInt64, at: Timestamp)] = [:]
    /// Of `staged`.
    var ids: KnownIDs

    /// Time after which a "resume from" that brought nothing is said again, in milliseconds.
    static let resumeAgain: Int64 = 1000
    /// Most alerts staged for one commit; the loop commits when it is reached.
    static let largestBatch = 512

    typealias Answer = (post: String, answer: Reply.Acknowledged)

    private struct UnderWay: Sendable {
        var records: [Record]
        var answers: [Answer]
        var disputed: [String]
        var responses: [StoredAnswer]
        var identifiers: [IdentifierEntry]
        var safe: Set<[UInt8]>
        var watchChanges: WatchChanges
        var end: LogEnd
    }

    /// What has become durable.
    struct Committed {
        var records: [Record] = []
        /// What to tell whom.
        var answers: [Answer] = []
        /// Whose alerts it calls mistaken, once for each sighting.
        var disputed: [String] = []
        /// By offset.
        var identifiers: [IdentifierEntry] = []
        /// Ids of Cancels after which content is erased.
        var safe: Set<[UInt8]> = []
    }

    /// What escalation watches from now on, and what it no longer has to: alerts that are to be seen and acknowledged, and alerts
    /// that are over.
    struct WatchChanges: Sendable, Equatable {
        var begun: [Escalation.Subject] = []
        var ended: [AlertID] = []

        /// Most alerts are of no urgency that is watched, and change nothing.
        mutating func note(_ record: Record, _ facts: AlertFacts, _ urgency: Urgency) {
            ended += facts.ended
            guard urgency == .immediate || urgency == .expected || !facts.changes.isEmpty,
                let subject = Escalation.Subject(record, facts, urgency)
            else { return }
            begun.append(subject)
        }
    }

    /// - ids: those of the log.
    init(_ state: LogState, ids: KnownIDs) {
        end = LogEnd(state)
        staged = end
        self.ids = ids
    }

    /// Of a hub that writes nothing.
    init(following end: LogEnd) {
        self.end = end
        staged = end
        ids = KnownIDs()
    }

    /// Another hub has written this.
    mutating func follow(_ followed: FollowedRecords) throws(LogEnd.Break) {
        let named = Dictionary(followed.newTopics.map { ($0.number, $0.topic) }) { first, _ in first }
        for record in followed.records { try end.follow(record, named) }
        for position in followed.positions where end.positions[position.post]?.epoch == position.epoch {
            end.move(position.post, epoch: position.epoch, through: position.through)
        }
        staged = end
    }

    var isFull: Bool { batch.records.count + batch.refusals.count >= Ingest.largestBatch }

    /// What a message leads to at once; stored and refused ones are answered after the commit.
    enum Step: Sendable, Equatable {
        case staged
        /// The log has the alert already, under another sequence: consumed, and answered with its first offset.
        case repeated
        case refused(code: ReasonCode, reason: String)
        /// The hub has this sequence, or says it has: compare with what is stored.
        case duplicate
        case gap(Reply.Resume)
        /// Behind a gap that the post was told of.
        case ignored
        case superseded
        /// The log could not be read, so that it is not known whether the alert may be stored: the post is to send it again.
        case unreadable(StoreError, Reply.Resume)
        /// Its seal does not verify: it has moved nothing, and leads to nothing that its post would take for an answer.
        /// - isNext: it has the number that is expected next.
        case unsealed(isNext: Bool)
    }

    /// Takes an alert whose header and sender have been checked.
    ///
    /// The closures are called in this order, each only if it is needed. `isSealed` checks the seal: before it nothing may
    /// change, since whoever has a post's connection but not its signature could otherwise use up the post's numbers, or have
    /// it told what is not so. `hold` is asked only about the expected sequence, and told whether it begins an epoch; it gives
    /// the milliseconds that the post has to wait first, or nil. `inspect` checks the alert itself.
    /// - received: what it is stamped with; nil: `now`. log: what is committed; looked at for ids only.
    mutating func stage(
        _ header: PostHeader, at now: Timestamp, received: Timestamp? = nil, log: any AlertReader,
        isSealed: () -> Bool, hold: (Bool) -> Int?,
        inspect: () throws(Rejection) -> ValidatedAlert
    ) -> Step {
        let position = staged.positions[header.post]
        var through: UInt64 = 0
        if let position, position.epoch == header.epoch {
            through = position.through
        } else if staged.isFormer(epoch: header.epoch, of: header.post) {
            return .superseded
        }
        // The seals of alerts behind a gap are not checked: such an alert is not taken anyway, and a check costs as much as
        // everything else.
        if header.sequence > through + 1, isTold(header.post, after: through, at: now) { return .ignored }
        guard isSealed() else { return .unsealed(isNext: header.sequence == through + 1) }
        guard header.sequence > through else { return .duplicate }
        guard header.sequence == through + 1 else { return gap(header, after: through, at: now) }
        if let wait = hold(position?.epoch != header.epoch) {
            return gap(header, after: through, at: now, wait: wait)
        }
        let outcome = check(log, inspect)
        if case .unreadable(let error) = outcome {
            resumed[header.post] = (through + 1, now)
            let resume = Reply.Resume(
                epoch: HexNumber(header.epoch), from: through + 1, wait: HubCore.waitAfterFailure)
            return .unreadable(error, resume)
        }
        resumed[header.post] = nil
        staged.move(header.post, epoch: header.epoch, through: header.sequence)
        move(Position(post: header.post, epoch: header.epoch, through: header.sequence))
        return take(outcome, header, at: received ?? now)
    }

    private enum Outcome {
        case admitted(ValidatedAlert)
        case repeated(ValidatedAlert, offset: UInt64)
        case refused(Rejection)
        case unreadable(StoreError)
    }

    private func check(_ log: any AlertReader, _ inspect: () throws(Rejection) -> ValidatedAlert) -> Outcome {
        do throws(Rejection) {
            let alert = try inspect()
            let verdict = ids.judge(alert, index: { (id) throws(StoreError) in try log.known(id) }) {
                (offset) throws(StoreError) in
                if let record = stagedRecord(at: offset) { return record }
                return try log.record(at: offset)
            }
            switch verdict {
            case .new: return try routed(alert, log)
            case .repeated(let offset): return .repeated(alert, offset: offset)
            case .refused(let rejection): return .refused(rejection)
            case .unreadable(let error): return .unreadable(error)
            }
        } catch { return .refused(error) }
    }

    private func routed(_ alert: ValidatedAlert, _ log: any AlertReader) throws(Rejection) -> Outcome {
        do throws(StoreError) {
            switch try route(alert, log) {
            case .refused(let rejection): return .refused(rejection)
            case .topics(let topics, let author):
                var alert = alert
                alert.topics = topics
                if alert.isMistaken { alert.disputed = author }
                if alert.header.facts.answer != nil, let subject = alert.references.last,
                    let record = try record(of: subject, log), record.post != alert.header.post
                {
                    alert.subject = record.offset
                }
                return .admitted(alert)
            }
        } catch { return .unreadable(error) }
    }

    var uncommitted: [Record] { (underWay?.records ?? []) + batch.records }

    /// nil for what is committed.
    func stagedRecord(at offset: UInt64) -> Record? {
        for records in [underWay?.records ?? [], batch.records] {
            if let first = records.first?.offset, offset >= first, offset - first < records.count {
                return records[Int(offset - first)]
            }
        }
        return nil
    }

    /// - received: what it is stamped with.
    private mutating func take(_ outcome: Outcome, _ header: PostHeader, at received: Timestamp) -> Step {
        switch outcome {
        case .admitted(let alert):
            if let author = alert.disputed { disputed.append(author) }
            if alert.header.facts.isSafe { safe.insert(alert.id) }
            let (record, new) = staged.append(alert, at: received)
            batch.records.append(record)
            for identifier in alert.identifiers {
                batch.identifiers.append(IdentifierEntry(offset: record.offset, identifier: identifier))
            }
            batch.newTopics += new
            ids.add(record.alert, KnownAlert(offset: record.offset, post: record.post))
            watchChanges.note(record, alert.header.facts, alert.urgency)
            if let what = alert.header.facts.answer, let answered = alert.references.last {
                responses.append(
                    StoredAnswer(
                        what: what, alert: answered, subject: alert.subject, by: record.post,
                        at: record.received))
            }
            note(header) { $0.store(header.sequence, offset: record.offset, alert: record.alert) }
            return .staged
        case .repeated(let alert, let offset):
            batch.refusals.append(
                Refusal(
                    repeating: offset, post: header.post, epoch: header.epoch, sequence: header.sequence,
                    received: received))
            note(header) { $0.store(header.sequence, offset: offset, alert: alert.id) }
            return .repeated
        case .refused(let rejection):
            batch.refusals.append(
                Refusal(
                    post: header.post, epoch: header.epoch, sequence: header.sequence,
                    received: received,
                    code: rejection.code.rawValue, reason: rejection.reason))
            note(header) {
                $0.refused.append(
                    Reply.RefusedSequence(
                        sequence: header.sequence, code: rejection.code, reason: rejection.reason))
            }
            return .refused(code: rejection.code, reason: rejection.reason)
        case .unreadable: return .ignored
        }
    }

    /// Whether an alert of this post is not committed yet.
    func isStaging(_ post: String) -> Bool {
        ((underWay?.records ?? []) + batch.records).contains { $0.post == post }
    }

    /// Adds a record of the hub's own to the batch; nobody is to be told of it here.
    mutating func add(_ notice: ValidatedAlert, at received: Timestamp) {
        let header = notice.header
        staged.move(header.post, epoch: header.epoch, through: header.sequence)
        move(Position(post: header.post, epoch: header.epoch, through: header.sequence))
        let (record, new) = staged.append(notice, at: received)
        batch.records.append(record)
        watchChanges.note(record, header.facts, .unknown)
        batch.newTopics += new
        ids.add(record.alert, KnownAlert(offset: record.offset, post: record.post))
    }

    /// The batch to commit, with the positions that it moves; nil while another is under way, or when there is nothing. From
    /// here to ``committed`` or ``rolledBack`` it is under way.
    /// - evenEmpty: something else is to be committed.
    mutating func closeBatch(evenEmpty: Bool = false) -> Batch? {
        guard underWay == nil, evenEmpty || !moved.isEmpty else { return nil }
        var closed = batch
        closed.positions = moved
        underWay = UnderWay(
            records: batch.records, answers: answers, disputed: disputed, responses: responses,
            identifiers: batch.identifiers, safe: safe, watchChanges: watchChanges, end: staged)
        clear()
        return closed
    }

    /// For which alerts escalation begins or ends to wait once the batch under way is durable.
    var watchChangesUnderWay: WatchChanges { underWay?.watchChanges ?? WatchChanges() }
    /// Which records of the batch under way answer an alert.
    var answersUnderWay: [StoredAnswer] { underWay?.responses ?? [] }

    /// The batch under way is durable.
    mutating func committed() -> Committed {
        guard var done = underWay.take() else { return Committed() }
        end = done.end
        done.answers.sort { $0.post < $1.post }
        return Committed(
            records: done.records, answers: done.answers, disputed: done.disputed,
            identifiers: done.identifiers, safe: done.safe)
    }

    /// The commit failed and nothing of the batch under way is stored, so that what was gathered behind it can't be stored
    /// either: each of their posts is to send again after a while.
    ///
    /// What such a post has sent beyond comes in behind a gap. It was told of it here: a second "resume from", without the
    /// wait, would have it send everything again at once.
    mutating func rolledBack(wait: Int, at now: Timestamp) -> [(post: String, Reply.Resume)] {
        var epochs: [String: HexNumber] = [:]
        for (post, answer) in (underWay?.answers ?? []) + answers { epochs[post] = answer.epoch }
        underWay = nil
        staged = end
        ids.rollBack(to: end.offset)
        clear()
        return epochs.sorted { $0.key < $1.key }.map { post, epoch in
            let through = end.consumed(post, epoch: epoch.value)
            resumed[post] = (through + 1, now)
            return (post, Reply.Resume(epoch: epoch, from: through + 1, wait: wait))
        }
    }

    private mutating func clear() {
        batch = Batch()
        answers = []
        disputed = []
        safe = []
        responses = []
        watchChanges = WatchChanges()
        moved = []
    }

    private mutating func gap(
        _ header: PostHeader, after through: UInt64, at now: Timestamp, wait: Int? = nil
    ) -> Step {
        if isTold(header.post, after: through, at: now) { return .ignored }
        resumed[header.post] = (through + 1, now)
        return .gap(Reply.Resume(epoch: HexNumber(header.epoch), from: through + 1, wait: wait))
    }

    /// Whether the post was told just now to resume after this sequence.
    private func isTold(_ post: String, after through: UInt64, at now: Timestamp) -> Bool {
        guard let last = resumed[post], last.from == through + 1 else { return false }
        return (0..<Ingest.resumeAgain).contains(now.milliseconds - last.at.milliseconds)
    }

    private mutating func move(_ position: Position) {
        if let index = moved.lastIndex(where: { $0.post == position.post && $0.epoch == position.epoch }) {
            moved[index] = position
        } else {
            moved.append(position)
        }
    }

    private mutating func note(_ header: PostHeader, _ change: (inout Reply.Acknowledged) -> Void) {
        let epoch = HexNumber(header.epoch)
        if let index = answers.lastIndex(where: { $0.post == header.post && $0.answer.epoch == epoch }) {
            answers[index].answer.through = header.sequence
            change(&answers[index].answer)
            return
        }
        // A post that begins a new epoch within one batch gets only the new one's answer: the old one is superseded.
        answers.removeAll { $0.post == header.post }
        var answer = Reply.Acknowledged(epoch: epoch, through: header.sequence, sums: [])
        change(&answer)
        answers.append((header.post, answer))
    }
}

extension Reply.Acknowledged {
    /// Adds a stored alert, extending the last run where it follows it in sequence and offset. There must be as many sums as
    /// runs.
    mutating func store(_ sequence: UInt64, offset: UInt64, alert: [UInt8]) {
        if let run = stored.last, run[0] + run[2] == sequence, run[1] + run[2] == offset {
            stored[stored.count - 1][2] += 1
            sums?[stored.count - 1].add(alert)
        } else {
            stored.append([sequence, offset, 1])
            var sum = AlertSum()
            sum.add(alert)
            sums?.append(sum)
        }
    }
}
