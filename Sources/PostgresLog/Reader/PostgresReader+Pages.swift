import AlertStore
import Alerts
import PostgreSQL

extension PostgresReader {
    /// Records read at once.
    private static let fetched = 256
    /// So many offsets for each record wanted are looked at first: where topics are dense, they fill the page.
    private static let firstLook: UInt64 = 4

    func page(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) throws(StoreError) -> Page {
        try session.run("page") { connection throws(PostgresError) in
            let head = try PostgresReader.head(connection)
            guard after < head else { return Page(records: [], through: after) }
            let most = UInt64(StoreLimits.recordsScanned)
            let last = head - after > most ? after + most : head
            return try page(
                connection, after: after, through: last, topics: topics, limit: max(limit, 1), bytes: bytes)
        }
    }

    private func page(
        _ connection: Connection, after: UInt64, through last: UInt64, topics: Set<UInt32>, limit: Int,
        bytes: Int
    ) throws(PostgresError) -> Page {
        guard !topics.isEmpty else { return Page(records: [], through: last) }
        let look = UInt64(clamping: limit).multipliedReportingOverflow(by: PostgresReader.firstLook)
        let near = look.overflow || last - after <= look.partialValue ? last : after + look.partialValue
        var offsets = try self.offsets(connection, after: after, through: near, topics: topics, limit: limit)
        if offsets.count < limit, near < last {
            offsets += try self.offsets(
                connection, after: near, through: last, topics: topics, limit: limit - offsets.count)
        }
        var page = Page(records: [], through: after)
        var taken = 0
        var rest = offsets[...]
        while !rest.isEmpty {
            let wanted = rest.prefix(PostgresReader.fetched)
            rest = rest.dropFirst(wanted.count)
            let found = try records.records(connection, at: Array(wanted))
            guard found.count == wanted.count else {
                throw .damaged("of the alerts after offset \(page.through) some are gone")
            }
            for record in found {
                page.records.append(record)
                page.through = record.offset
                taken += record.signed.size
                if taken >= bytes { return page }
            }
        }
        // Fewer than the limit: no topic has more up to `last`.
        if offsets.count < limit { page.through = last }
        return page
    }

    /// The first offsets, ascending, with a delivery on any of the topics.
    private func offsets(
        _ connection: Connection, after: UInt64, through: UInt64, topics: Set<UInt32>, limit: Int
    ) throws(PostgresError) -> [UInt64] {
        var arguments = Arguments()
        arguments.add(array: topics.map { Int32(bitPattern: $0) })
        arguments.add(Int64(clamping: after))
        arguments.add(Int64(clamping: through))
        arguments.add(Int64(clamping: limit))
        return try connection.query(
            """
            SELECT DISTINCT d."offset" FROM unnest($1) t(t) CROSS JOIN LATERAL
                (SELECT "offset" FROM deliveries WHERE topic = t.t AND "offset" > $2 AND "offset" <= $3
                ORDER BY "offset" LIMIT $4) d
            ORDER BY d."offset" LIMIT $4
            """, arguments
        ).map { $0.unsigned(0) }
    }

    func outcomes(
        post: String, epoch: UInt64, sequences: ClosedRange<UInt64>
    ) throws(StoreError) -> [Outcome] {
        guard sequences.lowerBound <= LogTail.greatest else { return [] }
        var arguments = Arguments()
        arguments.add(post)
        arguments.add(Int64(bitPattern: epoch))
        arguments.add(Int64(clamping: sequences.lowerBound))
        arguments.add(Int64(clamping: sequences.upperBound))
        return try session.run("outcomes") { connection throws(PostgresError) in
            var outcomes: [UInt64: Outcome] = [:]
            // The newest refusal of a sequence wins, and being stored wins over any.
            for row in try connection.query(
                """
                SELECT sequence, code, reason FROM refusals
                WHERE post = $1 AND epoch = $2 AND sequence BETWEEN $3 AND $4 ORDER BY number
                """, arguments)
            {
                let sequence = row.unsigned(0)
                outcomes[sequence] = .refused(sequence: sequence, code: row.text(1), reason: row.text(2))
            }
            for row in try connection.query(
                """
                SELECT sequence, "offset", id FROM alerts
                WHERE position = (SELECT number FROM positions WHERE post = $1 AND epoch = $2)
                    AND sequence BETWEEN $3 AND $4
                """, arguments)
            {
                let sequence = row.unsigned(0)
                outcomes[sequence] = .stored(
                    sequence: sequence, offset: row.unsigned(1), alert: row.bytes(2))
            }
            return outcomes.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}
