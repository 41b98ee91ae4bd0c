import SQLite

extension SQLiteReader {
    func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread {
        try read("thread") { () throws(SQLiteError) in
            let named = try offsets(of: alert).map { offset throws(SQLiteError) in
                guard let row = try rows(Self.one, offset: offset).first else { throw hole(at: offset) }
                return row.member
            }
            return try AlertThread(of: alert, named: named) { target, limit throws(SQLiteError) in
                try rows(Self.referring, target: target, limit: limit)
            }
        }
    }

    /// Of the alerts of this id; of all but a log of an older hub's one at most.
    func offsets(named alert: [UInt8]) throws(StoreError) -> [UInt64] {
        try read("thread", offsets(of: alert))
    }

    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        try read("references", rows(Self.referring, target: alert, limit: limit).map(\.member))
    }

    private static let one = "SELECT offset, position, id, deliveries FROM alerts WHERE offset = ?1"
    private static let referring = """
        SELECT offset, position, id, deliveries FROM alert_references JOIN alerts USING (offset)
        WHERE target = ?1 ORDER BY offset LIMIT ?2
        """

    private func offsets(of alert: [UInt8]) throws(SQLiteError) -> [UInt64] {
        let named = try connection.statement("SELECT offset FROM ids WHERE id = ?1 ORDER BY offset LIMIT ?2")
        try late.follow(connection)
        try named.bind(alert, at: 1)
        try named.bind(Int64(StoreLimits.threadMembers), at: 2)
        defer { named.reset() }
        var offsets: [UInt64] = []
        while try named.step() { offsets.append(try named.unsigned(0)) }
        return offsets + late.rows.filter { $0.alert == alert }.map(\.offset)
    }

    private func rows(_ sql: String, offset: UInt64) throws(SQLiteError) -> [AlertThread.Found] {
        let select = try connection.statement(sql)
        try select.bind(offset, at: 1)
        return try rows(select)
    }

    private func rows(_ sql: String, target: [UInt8], limit: Int) throws(SQLiteError) -> [AlertThread.Found] {
        let select = try connection.statement(sql)
        try select.bind(target, at: 1)
        try select.bind(Int64(limit), at: 2)
        return try rows(select)
    }

    private func rows(_ select: Statement) throws(SQLiteError) -> [AlertThread.Found] {
        defer { select.reset() }
        var rows: [AlertThread.Found] = []
        while try select.step() {
            guard let deliveries = select.withBytes(3, Packing.deliveries) else {
                throw RecordRow.damaged(select)
            }
            let member = AlertThread.Member(
                offset: try select.unsigned(0), post: try stream(select.integer(1)).post,
                topics: deliveries.map(\.topic))
            rows.append((member, select.bytes(2)))
        }
        return rows
    }
}
