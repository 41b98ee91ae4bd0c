import SQLite

extension SQLiteReader {
    func known(_ alert: [UInt8]) throws(StoreError) -> KnownAlert? {
        // One statement is one state of the log: a transaction around it would take as long as it does.
        do throws(SQLiteError) {
            let select = try connection.statement(
                """
                SELECT offset, (SELECT position FROM alerts WHERE alerts.offset = ids.offset) FROM ids
                WHERE id = ?1 ORDER BY offset LIMIT 1
                """)
            defer { select.reset() }
            try select.bind(alert, at: 1)
            guard try select.step() else { return nil }
            let offset = try select.unsigned(0)
            guard !select.isNull(1) else { throw hole(at: offset) }
            return KnownAlert(offset: offset, post: try stream(select.integer(1)).post)
        } catch {
            throw StoreError(error, operation: "look up an id in", path: path)
        }
    }

    func unindexedIDs() throws(StoreError) -> UnindexedIDs {
        try read("read the ids of") { () throws(SQLiteError) in
            try late.follow(connection)
            var ids = UnindexedIDs()
            ids.entries = try late.rows.map { row throws(SQLiteError) in
                UnindexedIDs.Entry(
                    alert: row.alert,
                    known: KnownAlert(offset: row.offset, post: try stream(row.position).post))
            }
            let last = try connection.statement("SELECT id FROM ids ORDER BY id DESC LIMIT 1")
            defer { last.reset() }
            if try last.step() { ids.greatest = last.bytes(0) }
            return ids
        }
    }
}
