import AlertStore
import PostgreSQL

extension PostgresReader {
    func outline() throws(StoreError) -> LogOutline {
        try session.read("outline") { connection throws(PostgresError) in
            let rows = try connection.query(
                """
                SELECT log, head, (SELECT coalesce(max(number), 0) FROM refusals), (SELECT count(*) FROM refusals)
                FROM log
                """)
            guard let row = rows.first else { throw .damaged("the log has no row that says where it ends") }
            var outline = LogOutline(
                log: row.unsigned(0), head: row.unsigned(1), topics: [:], positions: [],
                refused: row.unsigned(2), refusalsKept: row.unsigned(3))
            for row in try connection.query("SELECT number, name FROM topics") {
                outline.topics[UInt32(truncatingIfNeeded: row.integer(0))] = row.text(1)
            }
            for row in try connection.query("SELECT post, epoch, through FROM positions") {
                outline.positions.append(
                    Position(
                        post: row.text(0), epoch: UInt64(bitPattern: row.integer(1)),
                        through: row.unsigned(2)))
            }
            return outline
        }
    }

    func rows(after: UInt64, through: UInt64, limit: Int) throws(StoreError) -> LogRows {
        try session.run("rows") { connection throws(PostgresError) in
            let (found, broken) = try records.rows(
                connection, after: after, through: through, limit: max(limit, 1))
            return LogRows(records: found, broken: broken)
        }
    }

    func consistency(from: UInt64, through: UInt64, head: UInt64) throws(StoreError) -> any ConsistencyCheck {
        PostgresConsistency(session, from: from, through: through, head: head)
    }
}

/// What a shared log has beside its alerts, compared with them.
final class PostgresConsistency: ConsistencyCheck {
    let title = "PostgreSQL counts the log"
    private let session: Session
    private let from: UInt64
    private let through: UInt64
    private let isWhole: Bool
    private var deliveries: UInt64 = 0

    init(_ session: Session, from: UInt64, through: UInt64, head: UInt64) {
        self.session = session
        self.from = from
        self.through = through
        isWhole = from == 1 && through == head
    }

    func structure(limit: Int) throws(StoreError) -> [String] {
        var problems: [String] = []
        let strays = try number(#"SELECT count(*) FROM alerts WHERE "offset" < 1"#)
        if strays > 0 { problems.append("\(strays) rows have an offset below 1") }
        let orphans = try number(
            #"SELECT count(*) FROM contents c WHERE NOT EXISTS (SELECT 1 FROM alerts a WHERE a."offset" = c."offset")"#
        )
        if orphans > 0 { problems.append("\(orphans) contents are of no alert") }
        return problems
    }

    func problems(of record: Record) throws(StoreError) -> [String] {
        var problems: [String] = []
        deliveries += UInt64(record.deliveries.count)
        let offset = Int64(clamping: record.offset)
        let (missing, references, contents) = try session.run("index") {
            connection throws(PostgresError) -> ([Int64], Int64, Int64) in
            var arguments = Arguments()
            arguments.add(offset)
            arguments.add(array: record.deliveries.map { Int32(bitPattern: $0.topic) })
            arguments.add(array: record.deliveries.map { Int64(clamping: $0.sequence) })
            let missing = try connection.query(
                """
                SELECT t.t FROM unnest($2, $3) t(t, s) WHERE NOT EXISTS (SELECT 1 FROM deliveries d
                    WHERE d.topic = t.t AND d."offset" = $1 AND d.sequence = t.s)
                """, arguments
            ).map { $0.integer(0) }
            arguments = Arguments()
            arguments.add(offset)
            arguments.add(array: record.references.map(UUIDBytes.init))
            let references = try connection.query(
                """
                SELECT count(*) FROM unnest($2) t(t) WHERE NOT EXISTS (SELECT 1 FROM alert_references r
                    WHERE r.target = t.t AND r."offset" = $1)
                """, arguments
            ).first?.integer(0)
            arguments = Arguments()
            arguments.add(offset)
            let contents = try connection.query(
                #"""
                SELECT (SELECT count(*) FROM contents c
                        WHERE c.class = a.class AND c.expires = a.expires AND c."offset" = a."offset")
                    + (SELECT count(*) FROM judgements j JOIN contents c
                        ON c.class = j.class AND c.expires = j.expires AND c."offset" = j."offset"
                        WHERE j."offset" = a."offset")
                FROM alerts a WHERE a."offset" = $1
                """#, arguments
            ).first?.integer(0)
            return (missing, references ?? 0, contents ?? 0)
        }
        for topic in missing { problems.append("the deliveries do not have it on topic \(topic)") }
        if references > 0 { problems.append("the references do not have it") }
        if contents > 1 { problems.append("its content is there more than once") }
        if contents > 0, record.erased != nil {
            problems.append("its content is erased, and there all the same")
        }
        return problems
    }

    func problems() throws(StoreError) -> [String] {
        var problems: [String] = []
        let entries = try number(
            #"SELECT count(*) FROM deliveries WHERE "offset" >= $1 AND "offset" <= $2"#, from, through)
        if entries != deliveries {
            problems.append("there are \(entries) rows of deliveries for \(deliveries) deliveries")
        }
        guard isWhole else { return problems }
        // Of one moment, as a running hub adds to both.
        if try number(#"SELECT count(*) FROM deliveries WHERE "offset" > (SELECT head FROM log)"#) > 0 {
            problems.append("there are deliveries after the last offset")
        }
        return problems
    }

    private func number(_ sql: String, _ values: UInt64...) throws(StoreError) -> UInt64 {
        var arguments = Arguments()
        for value in values { arguments.add(Int64(clamping: value)) }
        return try session.run("index") { connection throws(PostgresError) in
            try connection.query(sql, arguments).first?.unsigned(0) ?? 0
        }
    }
}
