public import Alerts
import SQLite
internal import Wire

extension Outbox {
    /// Queues alerts under the next sequences, in one transaction: when this returns, all of them are on disk.
    ///
    /// - count: how many. Other programs wait meanwhile, so a long file is better appended some hundreds at a time.
    /// - make: called once for each, in order, with the epoch and the sequence that the alert gets; header and signature
    ///   depend on them. What it throws ends the append, and nothing is queued.
    ///
    /// - new: ids of those whose drafts named one. Refused with `.taken` where the outbox has one of them.
    ///
    /// Refused with `.tooMany` when more would wait for the hub than the outbox's limit, with `.full` when the disk is.
    @discardableResult
    public func append(
        _ count: Int, at queued: Timestamp, new ids: [[UInt8]] = [],
        _ make: (_ epoch: UInt64, _ sequence: UInt64) throws(OutboxError) -> Draft
    ) throws(OutboxError) -> Stretch {
        try write(
            "append",
            asking: { () throws(OutboxError) in
                var head = try call("append", readHead())
                let count = max(count, 0)
                let first = head.last + 1
                guard count <= limit, head.waiting <= limit - count else {
                    throw tooMany(head.waiting, count)
                }
                try expectNew(ids)
                for sequence in first..<first + UInt64(count) {
                    let draft = try make(head.epoch, sequence)
                    try call(
                        "append", insert(draft, epoch: head.epoch, sequence: sequence, queued: queued))
                }
                guard count > 0 else { return Stretch(epoch: head.epoch, sequences: first..<first) }
                head.last += UInt64(count)
                head.waiting += count
                try call("append", write(head))
                return Stretch(epoch: head.epoch, sequences: first..<head.last + 1)
            })
    }

    private func tooMany(_ waiting: Int, _ count: Int) -> OutboxError {
        OutboxError(
            operation: "append", path: path, cause: .tooMany(limit: limit),
            detail:
                "\(waiting) alerts wait for the hub, and \(count) more would be above the limit of \(limit)",
            remedy: "See to the link to the hub, or raise the limit")
    }

    private func insert(
        _ draft: Draft, epoch: UInt64, sequence: UInt64, queued: Timestamp
    ) throws(SQLiteError) {
        let insert = try connection.statement(
            """
            INSERT INTO alerts (epoch, sequence, state, queued, id, signature, header, payload, origin, closes)
            VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        try insert.bind(epoch, at: 1)
        try insert.bind(sequence, at: 2)
        try insert.bind(queued.milliseconds, at: 3)
        try insert.bind(draft.id, at: 4)
        try insert.bind(draft.signed.signature, at: 5)
        try insert.bind(draft.signed.header, at: 6)
        try insert.bind(draft.signed.payload, at: 7)
        try insert.bind(draft.origin, at: 8)
        try insert.bind(Int64(draft.isSafe ? 1 : 0), at: 9)
        try insert.run()
        for reference in draft.references { try note(draft.id, refersTo: reference) }
    }

    /// Begins a new epoch, with sequences from 1: for the operator, when the hub has seen sequences of this epoch that
    /// the outbox does not know (an old copy of its file was put back).
    ///
    /// Answered alerts keep their epoch and sequence. Alerts that wait for the hub have numbers that the hub may have
    /// seen on other alerts, and their signatures cover those numbers, so without `reseal` this is refused with
    /// `.waiting` while any waits. With it they move to the new epoch, in order, from sequence 1. One that the hub
    /// had stored, but whose answer never came, is known to it by its id, and answered with its offset.
    ///
    /// - reseal: makes the header and the signature of a waiting alert for its new epoch and sequence; its payload stays.
    /// - Returns: the new epoch.
    @discardableResult
    public func startNewEpoch(
        reseal: ((_ entry: Entry, _ epoch: UInt64, _ sequence: UInt64) throws(OutboxError) -> SignedAlert)? =
            nil
    ) throws(OutboxError) -> UInt64 {
        try write(
            "start a new epoch of",
            asking: { () throws(OutboxError) in
                var head = try call("start a new epoch of", readHead())
                let old = head.epoch
                if head.waiting > 0, reseal == nil {
                    throw OutboxError(
                        operation: "start a new epoch of", path: path, cause: .waiting(head.waiting),
                        detail: "\(head.waiting) alerts of this epoch wait for the hub",
                        remedy: "Let the post send them first, or have them signed again")
                }
                repeat { head.epoch = UInt64.random(in: 1...UInt64(Int64.max)) } while head.epoch == old
                head.last = 0
                var after: UInt64 = 0
                while let reseal, let entry = try pending(after: after, limit: 1, epoch: old).first {
                    after = entry.sequence
                    head.last += 1
                    let signed = try reseal(entry, head.epoch, head.last)
                    try call("start a new epoch of", move(entry.sequence, of: old, to: head, signed))
                }
                try call("start a new epoch of", write(head))
                return head.epoch
            })
    }

    private func move(
        _ sequence: UInt64, of epoch: UInt64, to head: Head, _ signed: SignedAlert
    ) throws(SQLiteError) {
        let update = try connection.statement(
            """
            UPDATE alerts SET epoch = ?3, sequence = ?4, header = ?5, signature = ?6 WHERE epoch = ?1 AND sequence = ?2
            """)
        try update.bind(epoch, at: 1)
        try update.bind(sequence, at: 2)
        try update.bind(head.epoch, at: 3)
        try update.bind(head.last, at: 4)
        try update.bind(signed.header, at: 5)
        try update.bind(signed.signature, at: 6)
        try update.run()
    }
}
