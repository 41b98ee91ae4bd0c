import Alerts
import SQLite

// A log of an older hub that none has written to since lacks these tables: then there is nothing in them.
extension SQLiteReader {
    func receipts() throws(StoreError) -> [Receipt] {
        try rows(of: "receipts", "SELECT identity, topic, ranges FROM receipts") { row throws(SQLiteError) in
            guard let topic = UInt32(exactly: row.integer(1)) else {
                throw SQLiteError(operation: "read", code: .corrupt, message: "a receipt is of no topic")
            }
            return Receipt(identity: row.text(0), topic: topic, ranges: row.bytes(2))
        }
    }

    func duty() throws(StoreError) -> [DutyChange] {
        try rows(of: "duty", "SELECT since, identity, provinces FROM duty ORDER BY since, identity") {
            row throws(SQLiteError) in
            DutyChange(
                from: try row.unsigned(0), identity: row.text(1),
                duty: row.text(2).split(separator: ",").map(String.init))
        }
    }

    func progress(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertProgress] {
        try rows(
            of: "progress",
            "SELECT offset, seen, acknowledged, sighted FROM progress WHERE offset > ?1 ORDER BY offset LIMIT ?2",
            bind: { select throws(SQLiteError) in
                try select.bind(min(offset, LogTail.greatest), at: 1)
                try select.bind(Int64(max(limit, 0)), at: 2)
            }
        ) { row throws(SQLiteError) in
            func moment(_ column: Int) -> Timestamp? {
                row.isNull(column) ? nil : Timestamp(milliseconds: row.integer(column))
            }
            return AlertProgress(
                offset: try row.unsigned(0), seen: moment(1), acknowledged: moment(2), sighted: moment(3))
        }
    }

    func outlines(after offset: UInt64, limit: Int) throws(StoreError) -> [AlertOutline] {
        try rows(
            of: "alerts",
            """
            SELECT offset, position, id, header, deliveries FROM alerts WHERE offset > ?1 ORDER BY offset LIMIT ?2
            """,
            bind: { select throws(SQLiteError) in
                try select.bind(min(offset, LogTail.greatest), at: 1)
                try select.bind(Int64(max(limit, 0)), at: 2)
            }
        ) { row throws(SQLiteError) in
            guard let deliveries = row.withBytes(4, Packing.deliveries) else {
                throw RecordRow.damaged(row)
            }
            return AlertOutline(
                offset: try row.unsigned(0), post: try stream(row.integer(1)).post, alert: row.bytes(2),
                header: row.bytes(3), deliveries: deliveries)
        }
    }

    func escalations(limit: Int) throws(StoreError) -> [EscalationRow] {
        try rows(
            of: "escalations",
            "SELECT number, offset, reason, at FROM escalations ORDER BY number DESC LIMIT ?1",
            bind: { select throws(SQLiteError) in try select.bind(Int64(max(limit, 0)), at: 1) }
        ) { row throws(SQLiteError) in
            EscalationRow(
                number: try row.unsigned(0), offset: try row.unsigned(1), reason: row.text(2),
                at: Timestamp(milliseconds: row.integer(3)))
        }.reversed()
    }

    func outages(after moment: Timestamp) throws(StoreError) -> [Outage] {
        try rows(
            of: "outages", "SELECT since, until FROM outages WHERE until > ?1 ORDER BY until",
            bind: { select throws(SQLiteError) in try select.bind(moment.milliseconds, at: 1) }
        ) { row throws(SQLiteError) in
            Outage(
                from: Timestamp(milliseconds: row.integer(0)), until: Timestamp(milliseconds: row.integer(1)))
        }
    }

    private func rows<Row>(
        of table: String, _ sql: String, bind: (Statement) throws(SQLiteError) -> Void = { _ in },
        _ make: (Statement) throws(SQLiteError) -> Row
    ) throws(StoreError) -> [Row] {
        try read("read \(table)") { () throws(SQLiteError) in
            guard try connection.has(table) else { return [] }
            let select = try connection.statement(sql)
            defer { select.reset() }
            try bind(select)
            var rows: [Row] = []
            while try select.step() { rows.append(try make(select)) }
            return rows
        }
    }
}

extension Connection {
    func has(_ table: String) throws(SQLiteError) -> Bool {
        let select = try statement("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")
        defer { select.reset() }
        try select.bind(table, at: 1)
        return try select.step()
    }
}
