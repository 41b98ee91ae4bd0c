import Alerts
import SQLite
import Wire

extension Outbox {
    /// Alerts that wait for the hub, by sequence.
    /// - after: a sequence of the current epoch; 0 for all of them.
    /// - limit: most entries to give. An entry holds up to 64 KiB.
    public func pending(after sequence: UInt64, limit: Int) throws(OutboxError) -> [Entry] {
        try pending(after: sequence, limit: limit, epoch: nil)
    }

    /// - epoch: nil is the current one.
    func pending(after sequence: UInt64, limit: Int, epoch: UInt64?) throws(OutboxError) -> [Entry] {
        guard let after = Int64(exactly: sequence) else { return [] }
        return try call("read") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT sequence, queued, id, header, payload, signature, origin, erased FROM alerts INDEXED BY alerts_waiting
                WHERE state = 0 AND sequence > ?1 AND epoch = coalesce(?2, (SELECT epoch FROM outbox))
                ORDER BY sequence LIMIT ?3
                """)
            defer { select.reset() }
            try select.bind(after, at: 1)
            if let epoch { try select.bind(epoch, at: 2) }
            try select.bind(Int64(max(limit, 0)), at: 3)
            var entries: [Entry] = []
            while try select.step() {
                entries.append(
                    Entry(
                        sequence: try select.unsigned(0), queued: Timestamp(milliseconds: select.integer(1)),
                        id: select.bytes(2), origin: select.text(6),
                        signed: SignedAlert(
                            header: select.bytes(3), payload: select.bytes(4), signature: select.bytes(5)),
                        isErased: !select.isNull(7)))
            }
            return entries
        }
    }

    /// What became of these sequences, ascending; those that were never given or are pruned are left out.
    public func states(of stretch: Stretch) throws(OutboxError) -> [Status] {
        guard let epoch = Int64(exactly: stretch.epoch), !stretch.sequences.isEmpty else { return [] }
        return try call("read") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT sequence, id, queued, state, answered, offset, code, reason FROM alerts
                WHERE epoch = ?1 AND sequence BETWEEN ?2 AND ?3 ORDER BY sequence
                """)
            defer { select.reset() }
            try select.bind(epoch, at: 1)
            try select.bind(Int64(clamping: stretch.sequences.lowerBound), at: 2)
            try select.bind(Int64(clamping: stretch.sequences.upperBound - 1), at: 3)
            var states: [Status] = []
            while try select.step() { states.append(try status(select)) }
            return states
        }
    }

    /// - row: with `sequence, id, queued, state, answered, offset, code, reason` first.
    func status(_ row: Statement) throws(SQLiteError) -> Status {
        Status(
            sequence: try row.unsigned(0), id: row.bytes(1), queued: Timestamp(milliseconds: row.integer(2)),
            state: try state(row))
    }

    private func state(_ row: Statement) throws(SQLiteError) -> State {
        let answered = Timestamp(milliseconds: row.integer(4))
        switch OutboxSchema.State(rawValue: row.integer(3)) {
        case .queued:
            return .queued
        case .stored:
            return .stored(offset: UInt64(bitPattern: row.integer(5)), at: answered)
        case .rejected:
            return .rejected(code: row.text(6), reason: row.text(7), at: answered)
        case nil:
            throw SQLiteError(
                operation: "read", code: .corrupt, message: "sequence \(row.integer(0)) is in no known state",
                sql: row.sql)
        }
    }

    public func summary() throws(OutboxError) -> Summary {
        try call("read") { () throws(SQLiteError) in
            try connection.transaction(.deferred) { () throws(SQLiteError) in
                let head = try readHead()
                let oldest = try connection.statement(
                    "SELECT sequence, queued FROM alerts WHERE state = 0 ORDER BY sequence LIMIT 1")
                defer { oldest.reset() }
                var summary = Summary(
                    epoch: head.epoch, last: head.last, depth: head.waiting, oldest: nil,
                    rejected: Int(
                        clamping: try connection.number("SELECT count(*) FROM alerts WHERE state = 2")))
                if try oldest.step() {
                    summary.oldest = Summary.Oldest(
                        sequence: try oldest.unsigned(0), queued: Timestamp(milliseconds: oldest.integer(1)))
                }
                return summary
            }
        }
    }
}
