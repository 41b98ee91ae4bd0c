import SQLite

extension SQLiteReader {
    func outline() throws(StoreError) -> LogOutline {
        try read("outline") { () throws(SQLiteError) in
            var outline = LogOutline(
                log: UInt64(bitPattern: try connection.number("SELECT value FROM meta WHERE name = 'log'")),
                head: try lastOffset(),
                topics: [:], positions: [],
                refused: UInt64(clamping: try connection.number("SELECT max(number) FROM refusals")),
                refusalsKept: UInt64(clamping: try connection.number("SELECT count(*) FROM refusals")))
            let topics = try connection.statement("SELECT number, name FROM topics")
            defer { topics.reset() }
            while try topics.step() {
                outline.topics[UInt32(clamping: topics.integer(0))] = topics.text(1)
            }
            var through: [Int64: UInt64] = [:]
            let late = try connection.statement(
                "SELECT position, max(sequence) FROM alerts WHERE offset > ?1 GROUP BY position")
            defer { late.reset() }
            try late.bind(try connection.indexed(), at: 1)
            while try late.step() { through[late.integer(0)] = try late.unsigned(1) }
            let positions = try connection.statement("SELECT post, epoch, through, number FROM positions")
            defer { positions.reset() }
            while try positions.step() {
                outline.positions.append(
                    Position(
                        post: positions.text(0), epoch: UInt64(bitPattern: positions.integer(1)),
                        through: max(try positions.unsigned(2), through[positions.integer(3)] ?? 0)))
            }
            return outline
        }
    }

    func rows(after: UInt64, through: UInt64, limit: Int) throws(StoreError) -> LogRows {
        try read("rows") { () throws(SQLiteError) in
            var rows = LogRows(records: [])
            let select = try connection.statement(
                """
                SELECT \(RecordRow.columns) FROM alerts WHERE offset > ?1 AND offset <= ?2 ORDER BY offset LIMIT ?3
                """)
            defer { select.reset() }
            try select.bind(min(after, LogTail.greatest), at: 1)
            try select.bind(min(through, LogTail.greatest), at: 2)
            try select.bind(Int64(max(limit, 1)), at: 3)
            while try select.step() {
                let offset = UInt64(clamping: select.integer(0))
                do throws(SQLiteError) {
                    rows.records.append(try record(select))
                } catch {
                    guard case .corrupt = error.code else { throw error }
                    rows.broken = LogRows.Broken(offset: offset, problem: error.message)
                    break
                }
            }
            return rows
        }
    }

    func consistency(from: UInt64, through: UInt64, head: UInt64) throws(StoreError) -> any ConsistencyCheck {
        try SQLiteConsistency(self, from: from, through: through, head: head)
    }
}
