import AlertStore
import Alerts
import PostgreSQL

extension PostgresReader {
    func receipts() throws(StoreError) -> [Receipt] {
        try rows("SELECT identity, topic, ranges FROM receipts") { row in
            Receipt(
                identity: row.text(0), topic: UInt32(truncatingIfNeeded: row.integer(1)),
                ranges: row.bytes(2))
        }
    }

    func duty() throws(StoreError) -> [DutyChange] {
        try rows(#"SELECT since, identity, provinces FROM duty ORDER BY since, identity COLLATE "C""#) {
            row in
            DutyChange(
                from: row.unsigned(0), identity: row.text(1),
                duty: row.text(2).split(separator: ",").map(String.init))
        }
    }

    func progress(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertProgress] {
        try rows(
            #"""
            SELECT "offset", seen, acknowledged, sighted FROM progress WHERE "offset" > $1 ORDER BY "offset" LIMIT $2
            """#, Int64(clamping: offset), Int64(max(limit, 0))
        ) { row in
            func moment(_ column: Int) -> Timestamp? {
                row.isNull(column) ? nil : Timestamp(milliseconds: row.integer(column))
            }
            return AlertProgress(
                offset: row.unsigned(0), seen: moment(1), acknowledged: moment(2), sighted: moment(3))
        }
    }

    func outlines(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertOutline] {
        var arguments = Arguments()
        arguments.add(Int64(clamping: offset))
        arguments.add(Int64(max(limit, 0)))
        return try session.run("read alerts") { connection throws(PostgresError) in
            let rows = try connection.query(
                #"""
                SELECT "offset", position, id, header, deliveries FROM alerts WHERE "offset" > $1 ORDER BY "offset" LIMIT $2
                """#, arguments)
            try records.learn(rows.map { $0.integer(1) }, connection)
            return try rows.map { row throws(PostgresError) in
                guard let deliveries = row.withBytes(4, Packing.deliveries) else {
                    throw .damaged("the alert at offset \(row.integer(0)) is damaged")
                }
                return AlertOutline(
                    offset: row.unsigned(0), post: try records.post(row.integer(1)), alert: row.bytes(2),
                    header: row.bytes(3), deliveries: deliveries)
            }
        }
    }

    func escalations(limit: Int) throws(StoreError) -> [EscalationRow] {
        try rows(
            #"SELECT number, "offset", reason, at FROM escalations ORDER BY number DESC LIMIT $1"#,
            Int64(max(limit, 0))
        ) { row in
            EscalationRow(
                number: row.unsigned(0), offset: row.unsigned(1), reason: row.text(2),
                at: Timestamp(milliseconds: row.integer(3)))
        }.reversed()
    }

    func outages(after moment: Timestamp) throws(StoreError) -> [Outage] {
        try rows(
            "SELECT since, until FROM outages WHERE until > $1 ORDER BY until", moment.milliseconds
        ) { row in
            Outage(
                from: Timestamp(milliseconds: row.integer(0)), until: Timestamp(milliseconds: row.integer(1)))
        }
    }

    private func rows<Value>(
        _ sql: String, _ values: Int64..., make: (Rows.Row) -> Value
    ) throws(StoreError) -> [Value] {
        var arguments = Arguments()
        for value in values { arguments.add(value) }
        return try session.run("read") { connection throws(PostgresError) in
            try connection.query(sql, arguments).map(make)
        }
    }
}
