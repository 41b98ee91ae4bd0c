import Alerts
import SQLite

// All of it within the transaction of one commit.
extension SQLiteWriter {
    /// - next: the tail with the batch taken in. numbers: gets the rows that new positions were given.
    func write(_ batch: Batch, _ next: LogTail, _ numbers: inout [LogTail.Stream: Int64]) throws(SQLiteError)
        -> [LateRow]
    {
        for new in batch.newTopics { try insert(new) }
        try write(batch, positionsOf: next, &numbers)
        let rows = try lateRows(of: batch, numbers)
        try insert(batch.records, rows)
        try indexes.write(adding: rows, to: connection)
        try insert(batch.refusals)
        try writeResponses(of: batch)
        return rows
    }

    private func insert(_ new: TopicHead) throws(SQLiteError) {
        let insert = try connection.statement("INSERT INTO topics (number, name) VALUES (?1, ?2)")
        try insert.bind(Int64(new.number), at: 1)
        try insert.bind(new.topic.name, at: 2)
        try insert.run()
    }

    /// Writes the positions that the batch begins, and those whose last sequence no stored alert tells: the others follow
    /// with the late indexes.
    private func write(
        _ batch: Batch, positionsOf next: LogTail, _ numbers: inout [LogTail.Stream: Int64]
    ) throws(SQLiteError) {
        // Only a position of the batch begins an epoch.
        for post in batch.positions.lazy.map(\.post) where tail.epochs[post] != next.epochs[post] {
            let leave = try connection.statement(
                "UPDATE positions SET current = 0 WHERE post = ?1 AND current = 1")
            try leave.bind(post, at: 1)
            try leave.run()
        }
        for stream in batch.positions.lazy.map(\.stream) {
            let current = next.epochs[stream.post] == stream.epoch
            let through = next.streams[stream] ?? 0
            let isKnown =
                numbers[stream] != nil && current == (tail.epochs[stream.post] == stream.epoch)
            if isKnown, through == tail.streams[stream] || through == batch.lastStored(of: stream) {
                continue
            }
            let write = try connection.statement(
                """
                INSERT INTO positions (post, epoch, through, current) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (post, epoch) DO UPDATE SET through = excluded.through, current = excluded.current
                RETURNING number
                """)
            defer { write.reset() }
            try write.bind(stream.post, at: 1)
            try write.bind(Int64(bitPattern: stream.epoch), at: 2)
            try write.bind(through, at: 3)
            try write.bind(Int64(current ? 1 : 0), at: 4)
            while try write.step() { numbers[stream] = write.integer(0) }
        }
    }

    private func lateRows(
        of batch: Batch, _ numbers: [LogTail.Stream: Int64]
    ) throws(SQLiteError) -> [LateRow] {
        let identifiers = Dictionary(grouping: batch.identifiers) { $0.offset }
        return try batch.records.map { record throws(SQLiteError) in
            guard let number = numbers[record.stream] else {
                throw SQLiteError(
                    operation: "commit", code: .constraint, message: "no position for \(record.post)")
            }
            return LateRow(
                offset: record.offset, position: number, sequence: record.sequence, alert: record.alert,
                deliveries: record.deliveries,
                identifiers: identifiers.isEmpty ? [] : identifiers[record.offset] ?? [])
        }
    }

    private func insert(_ records: [Record], _ rows: [LateRow]) throws(SQLiteError) {
        let alert = try connection.statement(
            """
            INSERT INTO alerts
                (offset, position, sequence, received, id, deliveries, refers, hash, signature, header, payload, chains)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """)
        for (record, row) in zip(records, rows) {
            try alert.bind(record.offset, at: 1)
            try alert.bind(row.position, at: 2)
            try alert.bind(record.sequence, at: 3)
            try alert.bind(record.received.milliseconds, at: 4)
            try alert.bind(record.alert, at: 5)
            try alert.bind(Packing.pack(record.deliveries), at: 6)
            try alert.bind(Packing.pack(record.references), at: 7)
            try alert.bind(record.hash, at: 8)
            try alert.bind(record.signed.signature, at: 9)
            try alert.bind(record.signed.header, at: 10)
            try alert.bind(record.signed.payload, at: 11)
            try alert.bind(record.chains, at: 12)
            try alert.run()
            if record.references.isEmpty { continue }
            let refers = try connection.statement(
                "INSERT OR IGNORE INTO alert_references (target, offset) VALUES (?1, ?2)")
            for target in record.references {
                try refers.bind(target, at: 1)
                try refers.bind(record.offset, at: 2)
                try refers.run()
            }
        }
    }

    /// Numbered on and on, so that the last number is the count of all there ever were.
    private func insert(_ refusals: [Refusal]) throws(SQLiteError) {
        guard !refusals.isEmpty else { return }
        let insert = try connection.statement(
            """
            INSERT INTO refusals (number, post, epoch, sequence, received, code, reason)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        var number = refused
        for refusal in refusals {
            number += 1
            try insert.bind(number, at: 1)
            try insert.bind(refusal.post, at: 2)
            // Both as bit patterns: a peer says them, and whatever it says must not stop the commit.
            try insert.bind(Int64(bitPattern: refusal.epoch), at: 3)
            try insert.bind(Int64(bitPattern: refusal.sequence), at: 4)
            try insert.bind(refusal.received.milliseconds, at: 5)
            try insert.bind(refusal.code, at: 6)
            try insert.bind(refusal.reason, at: 7)
            try insert.run()
        }
        guard number > StoreLimits.refusalsKept else { return }
        let forget = try connection.statement("DELETE FROM refusals WHERE number <= ?1")
        try forget.bind(number - StoreLimits.refusalsKept, at: 1)
        try forget.run()
    }
}

extension Batch {
    /// The last sequence of a stream among the records.
    fileprivate func lastStored(of stream: LogTail.Stream) -> UInt64? {
        records.last { $0.epoch == stream.epoch && $0.post == stream.post }?.sequence
    }
}
