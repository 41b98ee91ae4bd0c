import AlertStore
import Alerts
import PostgreSQL

/// A reader of a shared log. Used from one thread. Most calls are one statement, which sees one state; where they are several, the
/// log has only grown between them.
final class PostgresReader: AlertReader, LogInspector {
    /// What reads much may take so long.
    static let longest = Duration.seconds(60)

    let session: Session
    let records = RecordReader()

    /// Throws `.missing` where there is no log of this version.
    init(_ session: Session) throws(StoreError) {
        self.session = session
        try session.run("open") { _ throws(PostgresError) in }
    }

    func head() throws(StoreError) -> UInt64 {
        try session.run("head") { connection throws(PostgresError) in try PostgresReader.head(connection) }
    }

    static func head(_ connection: Connection) throws(PostgresError) -> UInt64 {
        try connection.query("SELECT head FROM log").first?.unsigned(0) ?? 0
    }

    func heads(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: UInt64] {
        var heads = Dictionary(uniqueKeysWithValues: topics.map { ($0, UInt64(0)) })
        try session.run("heads") { connection throws(PostgresError) in
            for row in try last(connection, topics, through, columns: "d.sequence") {
                heads[UInt32(truncatingIfNeeded: row.integer(0))] = row.unsigned(1)
            }
        }
        return heads
    }

    func marks(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: TopicMark] {
        try session.run("marks") { connection throws(PostgresError) in
            var marks: [UInt32: TopicMark] = [:]
            let columns = "a.deliveries, a.chains"
            for row in try last(
                connection, topics, through, columns: columns,
                join: #"JOIN alerts a ON a."offset" = d."offset""#)
            {
                let topic = UInt32(truncatingIfNeeded: row.integer(0))
                marks[topic] = try TopicMark(of: topic, deliveries: row, 1, chains: 2)
            }
            return marks
        }
    }

    /// The last delivery of each topic up to an offset.
    private func last(
        _ connection: Connection, _ topics: Set<UInt32>, _ through: UInt64, columns: String,
        join: String = ""
    ) throws(PostgresError) -> Rows {
        var arguments = Arguments()
        arguments.add(array: topics.map { Int32(bitPattern: $0) })
        arguments.add(Int64(clamping: through))
        return try connection.query(
            """
            SELECT t.t, \(columns) FROM unnest($1) t(t) CROSS JOIN LATERAL
                (SELECT "offset", sequence FROM deliveries WHERE topic = t.t AND "offset" <= $2
                ORDER BY "offset" DESC LIMIT 1) d \(join)
            """, arguments)
    }

    func offset(before moment: Timestamp) throws(StoreError) -> UInt64 {
        try session.run("offset before") { connection throws(PostgresError) in
            // `received` never goes back from one offset to the next, and offsets have no holes.
            var before: UInt64 = 0
            var after = try PostgresReader.head(connection) + 1
            while after - before > 1 {
                let middle = before + (after - before) / 2
                var arguments = Arguments()
                arguments.add(Int64(clamping: middle))
                let rows = try connection.query(
                    #"SELECT received FROM alerts WHERE "offset" = $1"#, arguments)
                guard let row = rows.first else {
                    throw .damaged("the alert at offset \(middle) is gone")
                }
                if row.integer(0) < moment.milliseconds { before = middle } else { after = middle }
            }
            return before
        }
    }

    func record(at offset: UInt64) throws(StoreError) -> Record? {
        guard offset <= LogTail.greatest else { return nil }
        return try session.run("record") { connection throws(PostgresError) in
            try records.records(connection, at: [offset]).first
        }
    }

    func bytes(after offset: UInt64) throws(StoreError) -> [String: Int64] {
        try session.run("count bytes") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(Int64(clamping: offset))
            let rows = try connection.query(
                """
                SELECT p.post, sum(octet_length(a.header) + octet_length(a.signature)
                    + coalesce(octet_length(c.payload), 0))::bigint
                FROM alerts a JOIN positions p ON p.number = a.position
                LEFT JOIN judgements j ON j."offset" = a."offset"
                LEFT JOIN contents c ON c.class = coalesce(j.class, a.class)
                    AND c.expires = coalesce(j.expires, a.expires) AND c."offset" = a."offset"
                WHERE a."offset" > $1 GROUP BY p.post
                """, arguments)
            return Dictionary(rows.map { ($0.text(0), $0.integer(1)) }) { first, _ in first }
        }
    }

    func known(_ alert: [UInt8]) throws(StoreError) -> KnownAlert? {
        try session.run("look up an id in") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(UUIDBytes(alert))
            return try connection.query(
                """
                SELECT a."offset", p.post FROM alerts a JOIN positions p ON p.number = a.position WHERE a.id = $1
                ORDER BY a."offset" LIMIT 1
                """, arguments
            ).first.map { KnownAlert(offset: $0.unsigned(0), post: $0.text(1)) }
        }
    }

    /// Each id is in the index with its alert.
    func unindexedIDs() throws(StoreError) -> UnindexedIDs {
        try session.run("read the ids of") { connection throws(PostgresError) in
            var ids = UnindexedIDs()
            ids.greatest = try connection.query("SELECT id FROM alerts ORDER BY id DESC LIMIT 1").first?
                .bytes(0)
            return ids
        }
    }

    func refusals(limit: Int) throws(StoreError) -> [Refusal] {
        try session.run("refusals") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(Int64(max(limit, 0)))
            return try connection.query(
                """
                SELECT post, epoch, sequence, received, code, reason FROM refusals ORDER BY number DESC LIMIT $1
                """, arguments
            ).map { row in
                Refusal(
                    post: row.text(0), epoch: UInt64(bitPattern: row.integer(1)),
                    sequence: UInt64(bitPattern: row.integer(2)),
                    received: Timestamp(milliseconds: row.integer(3)), code: row.text(4), reason: row.text(5))
            }
        }
    }

    func counts() throws(StoreError) -> Counts {
        try session.run("counts") { connection throws(PostgresError) in
            let rows = try connection.query(
                "SELECT head, (SELECT coalesce(max(number), 0) FROM refusals) FROM log")
            return Counts(stored: rows.first?.unsigned(0) ?? 0, refused: rows.first?.unsigned(1) ?? 0)
        }
    }

    func close() throws(StoreError) { session.close() }
}

@available(*, unavailable)
extension PostgresReader: Sendable {}
