import Alerts
import SQLite
internal import Wire

extension Outbox {
    /// The first and the last stored sequence of the current epoch that it still holds; nil: none.
    /// - through: none after this one is looked at.
    func stored(through: UInt64) throws(OutboxError) -> ClosedRange<UInt64>? {
        guard let through = Int64(exactly: through) else { return nil }
        return try call("read") { () throws(SQLiteError) in
            var ends: [UInt64] = []
            for order in ["ASC", "DESC"] {
                let select = try connection.statement(
                    """
                    SELECT sequence FROM alerts WHERE epoch = (SELECT epoch FROM outbox) AND sequence <= ?1 AND state = 1
                    ORDER BY sequence \(order) LIMIT 1
                    """)
                defer { select.reset() }
                try select.bind(through, at: 1)
                if try select.step() { ends.append(try select.unsigned(0)) }
            }
            return ends.count == 2 ? ends[0]...max(ends[0], ends[1]) : nil
        }
    }

    /// The stored alerts of the current epoch among these sequences of which the hub now says something else than it
    /// had: another offset, another alert, that it refused them, or nothing. Ascending.
    func altered(
        in sequences: ClosedRange<UInt64>, _ answers: [Answer], _ checks: [Check]
    ) throws(OutboxError) -> [UInt64] {
        guard let first = Int64(exactly: sequences.lowerBound),
            let last = Int64(exactly: sequences.upperBound)
        else { return [] }
        var offsets: [UInt64: UInt64] = [:]
        for case .stored(let sequence, let offset) in answers { offsets[sequence] = offset }
        // In an answer to `outcomes` each run is of one alert.
        let sums = Dictionary(checks.map { ($0.sequences.lowerBound, $0.sum) }) { first, _ in first }
        return try call("read") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT sequence, offset, id FROM alerts
                WHERE epoch = (SELECT epoch FROM outbox) AND sequence BETWEEN ?1 AND ?2 AND state = 1 ORDER BY sequence
                """)
            defer { select.reset() }
            try select.bind(first, at: 1)
            try select.bind(last, at: 2)
            var altered: [UInt64] = []
            while try select.step() {
                let sequence = try select.unsigned(0)
                let isSame =
                    offsets[sequence] == UInt64(bitPattern: select.integer(1))
                    && sums[sequence].map { $0 == AlertSum(CollectionOfOne(select.bytes(2))) } ?? true
                if !isSame { altered.append(sequence) }
            }
            return altered
        }
    }
}
