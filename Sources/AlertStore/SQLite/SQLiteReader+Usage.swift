import SQLite

extension SQLiteReader {
    func bytes(after offset: UInt64) throws(StoreError) -> [String: Int64] {
        try read("count bytes") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT post, sum(size) FROM (
                    SELECT position, sum(length(header) + length(payload) + length(signature)) AS size
                    FROM alerts WHERE offset > ?1 GROUP BY position
                ) JOIN positions ON number = position GROUP BY post
                """)
            defer { select.reset() }
            try select.bind(offset, at: 1)
            var bytes: [String: Int64] = [:]
            while try select.step() { bytes[select.text(0)] = select.integer(1) }
            return bytes
        }
    }
}
