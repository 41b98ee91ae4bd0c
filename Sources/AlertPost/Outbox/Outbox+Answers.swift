public import Alerts
import SQLite
internal import Wire

extension Outbox {
    /// Notes what the hub said, in one transaction. The first answer to a sequence stands: a repeated one, and one to a
    /// sequence that this epoch never gave, change nothing. With the word that a Cancel is stored after which whoever was sought is
    /// safe, the content of its thread is erased.
    /// - checks: what the hub said of which alerts it means. An answer to sequences that hold other alerts here is not
    ///   taken: these alerts are not in the national log, whatever else is there under their numbers.
    @discardableResult
    public func resolve(
        _ answers: [Answer], _ checks: [Check] = [], at answered: Timestamp
    ) throws(OutboxError) -> Resolution {
        guard !answers.isEmpty else { return Resolution() }
        return try write("resolve") { () throws(SQLiteError) in
            var head = try readHead()
            var conflicts: [Check] = []
            for check in checks where try !holds(check, epoch: head.epoch) { conflicts.append(check) }
            var resolution = Resolution(count: 0, conflict: conflicts.first?.sequences)
            for answer in answers
            where !conflicts.contains(where: { $0.sequences.contains(answer.sequence) }) {
                resolution.count += try note(answer, epoch: head.epoch, answered)
            }
            head.waiting -= resolution.count
            if resolution.count > 0 {
                try write(head)
                try eraseClosed()
            }
            return resolution
        }
    }

    /// Whether the outbox holds these very alerts. One that is answered and forgotten is taken on trust if it was alone.
    private func holds(_ check: Check, epoch: UInt64) throws(SQLiteError) -> Bool {
        guard let first = Int64(exactly: check.sequences.lowerBound),
            let last = Int64(exactly: check.sequences.upperBound)
        else { return true }
        let select = try connection.statement(
            "SELECT id FROM alerts WHERE epoch = ?1 AND sequence BETWEEN ?2 AND ?3")
        defer { select.reset() }
        try select.bind(epoch, at: 1)
        try select.bind(first, at: 2)
        try select.bind(last, at: 3)
        var sum = AlertSum()
        var count: Int64 = 0
        while try select.step() {
            sum.add(select.bytes(0))
            count += 1
        }
        return count == 0 || (count == last - first + 1 && sum == check.sum)
    }

    private func note(_ answer: Answer, epoch: UInt64, _ answered: Timestamp) throws(SQLiteError) -> Int {
        let update = try connection.statement(
            """
            UPDATE alerts SET state = ?3, answered = ?4, offset = ?5, code = ?6,
                reason = CASE WHEN ?7 IS NULL OR erased IS NULL THEN ?7 ELSE ?8 END
            WHERE epoch = ?1 AND sequence = ?2 AND state = 0
            """)
        let number: UInt64
        switch answer {
        case .stored(let sequence, let offset):
            number = sequence
            try update.bind(OutboxSchema.State.stored.rawValue, at: 3)
            // As a bit pattern: whatever a hub says must not stop the others' answers.
            try update.bind(Int64(bitPattern: offset), at: 5)
        case .rejected(let sequence, let code, let reason):
            number = sequence
            try update.bind(OutboxSchema.State.rejected.rawValue, at: 3)
            try update.bind(code, at: 6)
            try update.bind(reason, at: 7)
            try update.bind(Outbox.goneReason, at: 8)
        }
        guard let sequence = Int64(exactly: number) else { return 0 }
        try update.bind(epoch, at: 1)
        try update.bind(sequence, at: 2)
        try update.bind(answered.milliseconds, at: 4)
        try update.run()
        return Int(clamping: connection.changes)
    }

    /// Forgets alerts that were answered before the moment; those that wait for the hub stay. Callers that have no rule
    /// of their own take now minus ``retention``. Sequences go on as before.
    /// - Returns: how many were forgotten: at most ``prunedAtOnce``, so that other programs need not wait long. Call again
    ///   while it is as many.
    @discardableResult
    public func prune(answeredBefore moment: Timestamp) throws(OutboxError) -> Int {
        try write("prune") { () throws(SQLiteError) in
            try pruneRelated(toldBefore: moment)
            let delete = try connection.statement(
                """
                DELETE FROM alerts WHERE rowid IN
                    (SELECT rowid FROM alerts WHERE answered < ?1 ORDER BY answered LIMIT ?2)
                """)
            try delete.bind(moment.milliseconds, at: 1)
            try delete.bind(Int64(Outbox.prunedAtOnce), at: 2)
            try delete.run()
            let pruned = Int(clamping: connection.changes)
            if pruned > 0 { owesForgetting = true }
            return pruned
        }
    }
}
