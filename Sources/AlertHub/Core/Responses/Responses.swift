internal import Alerts
package import AlertStore
internal import Wire

/// What comes of alerts: who has shown them, who was on duty, what answers there are; and what of that is not on disk yet. A
/// value: it goes into batches with the alerts, and none of it is told before its batch is durable.
package struct Responses: Sendable {
    /// Milliseconds after which what has changed is committed also without an alert.
    static let patience: Int64 = 200
    /// Readers that may wait for a confirmation at once.
    static let mostWaiting = 4_096
    /// Ids of alerts that the log does not have, and answers to each, that are remembered for when they come.
    static let mostUnresolved = 4_096
    static let mostAnswers = 16

    private(set) var receipts = Receipts()
    private(set) var roster = DutyRoster()
    private var tracked = TrackedAlerts()
    /// Answers to alerts that the log does not have, by the alert's id: it may still come. A restart finds them in the log, as far
    /// back as alerts are tracked.
    private var unresolved: [AlertID: [StoredAnswer]] = [:]
    /// What has changed and is in no batch yet.
    private var changes = Changes()
    private var underWay = Changes()

    private struct Changes: Sendable {
        var receipts: Set<Receipts.Key> = []
        var duty: [DutyChange] = []
        var forgotten: Set<String> = []
        var responses: [AlertResponse] = []
        /// The readers to tell that their report is on disk.
        var waiting: [(peer: [UInt8], request: UInt64)] = []
        /// Answers among the records of the batch, which are stored with it or not at all.
        var answers: [StoredAnswer] = []
        var since: Timestamp?

        var isEmpty: Bool {
            receipts.isEmpty && duty.isEmpty && forgotten.isEmpty && responses.isEmpty && waiting.isEmpty
        }
    }

    package init() {}

    /// As the log has it.
    package init(_ log: any AlertReader) throws(StoreError) {
        receipts = Receipts(try log.receipts())
        roster = DutyRoster(try log.duty())
        let head = try log.head()
        var after = head - min(head, UInt64(TrackedAlerts.most))
        let start = after
        var answers: [Answering] = []
        var offsets: [[UInt8]: UInt64] = [:]
        while case let page = try log.outlines(after: after, limit: Responses.page), let last = page.last {
            for alert in page {
                tracked.stored(alert)
                offsets[alert.alert] = alert.offset
                if let answer = Answering(alert) { answers.append(answer) }
            }
            after = last.offset
        }
        after = start
        while case let page = try log.progress(after: after, limit: Responses.page), let last = page.last {
            for progress in page { tracked.restore(progress) }
            after = last.offset
        }
        for answer in answers { try restore(answer, offsets[answer.alert], log) }
    }

    /// An answer among the newest records of the log.
    private struct Answering {
        var offset: UInt64
        var what: Reply.Answered.What
        var alert: [UInt8]
        var by: String

        init?(_ record: AlertOutline) {
            guard let facts = try? PostHeader(decoding: record.header).facts, let what = facts.answer,
                let alert = facts.references.last
            else { return nil }
            (offset, self.what, self.alert, by) = (record.offset, what, alert, record.post)
        }
    }

    /// One that came before its alert, which may still come, or of which nothing was noted before the hub was killed: what came
    /// first of an alert is known all the same, with its time.
    /// - subject: where the alert is among the newest records; nil: not there.
    private mutating func restore(
        _ answer: Answering, _ subject: UInt64?, _ log: any AlertReader
    ) throws(StoreError) {
        if let subject, subject < answer.offset { return }
        if subject == nil, try log.known(answer.alert) != nil { return }
        guard let at = try log.record(at: answer.offset)?.received else { return }
        if let subject {
            changes.responses += [tracked.note(answer.what, of: subject, by: answer.by, at: at)].compactMap(
                \.self)
        } else {
            keep(
                StoredAnswer(
                    what: answer.what, alert: answer.alert, subject: nil, by: answer.by, at: at))
        }
    }

    /// Rows that one look at the log reads.
    private static let page = 4_096

    // MARK: Events

    mutating func follow(_ registry: Registry, from offset: UInt64) {
        changes.duty += roster.follow(registry, from: offset, others: receipts.identities)
    }

    /// Whether anybody is known who is enrolled no longer.
    var knowsGone: Bool { roster.knowsGone }

    /// Forgets whoever was gone before an offset: what they have shown, and that they were on duty.
    mutating func forget(goneBefore offset: UInt64) {
        for name in roster.gone(before: offset) {
            receipts.forget(name)
            roster.forget(name)
            changes.receipts = changes.receipts.filter { $0.identity != name }
            changes.duty.removeAll { $0.identity == name }
            changes.forgotten.insert(name)
        }
    }

    /// - name: the topic's.
    /// - Returns: whether something older had to be forgotten.
    mutating func shown(
        _ range: ClosedRange<UInt64>, of topic: UInt32, _ name: Topic, by identity: String, at now: Timestamp,
        _ clock: Timestamp
    ) -> Bool {
        let key = Receipts.Key(identity: identity, topic: topic)
        let (new, isFull) = receipts.add(range, key)
        guard !new.isEmpty else { return isFull }
        changes.since = changes.since ?? now
        changes.receipts.insert(key)
        for part in new {
            changes.responses += tracked.shown(part, of: topic, by: identity, at: clock) { [roster] offset in
                roster.counts(identity, for: name, at: offset)
            }
        }
        return isFull
    }

    /// - Returns: false where too many wait.
    mutating func awaitsConfirmation(_ peer: [UInt8], _ request: UInt64, at now: Timestamp) -> Bool {
        guard changes.waiting.count < Responses.mostWaiting else { return false }
        changes.waiting.append((peer, request))
        changes.since = changes.since ?? now
        return true
    }

    /// Whether there is something that has to be committed now even without an alert. A batch with alerts takes all of it
    /// along anyway.
    func isDue(at now: Timestamp?) -> Bool {
        guard !changes.isEmpty else { return false }
        guard let now, let since = changes.since, changes.duty.isEmpty, changes.forgotten.isEmpty else {
            return true
        }
        return !(0..<Responses.patience).contains(now.milliseconds - since.milliseconds)
    }

    /// What has come of alerts and is not on disk yet.
    var pending: [AlertResponse] { underWay.responses + changes.responses }

    // MARK: Batches

    /// - answers: of the batch's records those that answer an alert.
    mutating func close(into batch: inout Batch, _ answers: [StoredAnswer]) {
        batch.receipts = changes.receipts.compactMap(receipts.row)
        batch.duty = changes.duty
        batch.forgotten = changes.forgotten.sorted()
        var progress: [UInt64: AlertProgress] = [:]
        let new =
            changes.responses.map(\.progress)
            + answers.compactMap { answer in
                answer.subject.map { AlertProgress(answer.what, of: $0, at: answer.at) }
            }
        for one in new { progress[one.offset, default: AlertProgress(offset: one.offset)].add(one) }
        batch.progress = progress.values.sorted { $0.offset < $1.offset }
        underWay = changes
        underWay.answers = answers
        changes = Changes()
    }

    /// - Returns: what is durable now, and whom to tell that.
    mutating func committed(
        _ records: [Record]
    ) -> (responses: [AlertResponse], confirmed: [(peer: [UInt8], request: UInt64)]) {
        let done = underWay
        underWay = Changes()
        // An answer may stand before its alert in the same batch, so that answers are taken after all alerts.
        for answer in done.answers where answer.subject == nil { keep(answer) }
        for record in records {
            tracked.stored(record.outline)
            if !unresolved.isEmpty { resolve(record) }
        }
        let answered = done.answers.compactMap { answer in
            answer.subject.flatMap { tracked.note(answer.what, of: $0, by: answer.by, at: answer.at) }
        }
        return (done.responses + answered, done.waiting)
    }

    private mutating func keep(_ answer: StoredAnswer) {
        guard let alert = AlertID(bytes: answer.alert),
            unresolved.count < Responses.mostUnresolved || unresolved[alert] != nil,
            unresolved[alert]?.count ?? 0 < Responses.mostAnswers
        else { return }
        unresolved[alert, default: []].append(answer)
    }

    /// An alert is stored whose answer was stored before it.
    private mutating func resolve(_ record: Record) {
        guard let answers = AlertID(bytes: record.alert).flatMap({ unresolved.removeValue(forKey: $0) })
        else {
            return
        }
        changes.responses += answers.compactMap {
            tracked.note($0.what, of: record.offset, by: $0.by, at: $0.at)
        }
    }

    /// Nothing of the batch under way is stored. What readers have shown stays shown, and goes into the next batch.
    /// - next: the offset that the next alert gets now.
    mutating func rolledBack(next: UInt64) {
        roster.rollBack(to: next)
        underWay.duty += changes.duty
        for index in underWay.duty.indices {
            underWay.duty[index].from = min(underWay.duty[index].from, next)
        }
        underWay.receipts.formUnion(changes.receipts)
        underWay.forgotten.formUnion(changes.forgotten)
        underWay.responses += changes.responses
        underWay.waiting += changes.waiting
        underWay.answers = []
        underWay.since = underWay.since ?? changes.since
        changes = underWay
        underWay = Changes()
    }
}

/// A record that answers an alert.
struct StoredAnswer: Sendable, Equatable {
    var what: Reply.Answered.What
    /// The id of what it answers, and its offset; nil: the log does not have it.
    var alert: [UInt8]
    var subject: UInt64?
    var by: String
    var at: Timestamp
}

extension Record {
    var outline: AlertOutline {
        AlertOutline(offset: offset, post: post, alert: alert, header: signed.header, deliveries: deliveries)
    }
}
