import SQLite

/// Rows as they stand in a table, in its columns' order, without a look at what they mean.
struct RawRows {
    enum Value {
        case null
        case number(Int64)
        case text(String)
        case bytes([UInt8])
    }

    var rows: [[Value]] = []
}

extension Connection {
    /// Rows of `alerts`, by offset.
    func rows(after: UInt64, through: UInt64) throws(SQLiteError) -> RawRows {
        let select = try statement("SELECT * FROM alerts WHERE offset > ?1 AND offset <= ?2 ORDER BY offset")
        try select.bind(after, at: 1)
        try select.bind(through, at: 2)
        return try take(select)
    }

    func erasedRows(through: UInt64) throws(SQLiteError) -> RawRows {
        let select = try statement("SELECT * FROM alerts WHERE offset <= ?1 AND erased IS NOT NULL")
        try select.bind(through, at: 1)
        return try take(select)
    }

    /// All rows of a small table.
    func rows(of table: String) throws(SQLiteError) -> RawRows {
        try take(try statement("SELECT * FROM \(table)"))
    }

    private func take(_ select: Statement) throws(SQLiteError) -> RawRows {
        defer { select.reset() }
        var rows = RawRows()
        while try select.step() { rows.rows.append((0..<select.columns).map { select.value($0) }) }
        return rows
    }

    /// - verb: `INSERT INTO` or `REPLACE INTO`.
    func put(_ verb: String, _ rows: RawRows, table: String = "alerts") throws(SQLiteError) {
        guard let columns = rows.rows.first?.count else { return }
        let marks = (1...max(columns, 1)).map { "?\($0)" }.joined(separator: ", ")
        let put = try statement("\(verb) \(table) VALUES (\(marks))")
        for row in rows.rows {
            for (index, value) in row.enumerated() {
                switch value {
                case .null: try put.bindNull(at: index + 1)
                case .number(let number): try put.bind(number, at: index + 1)
                case .text(let text): try put.bind(text, at: index + 1)
                case .bytes(let bytes): try put.bind(bytes, at: index + 1)
                }
            }
            try put.run()
        }
    }

    func index(_ references: [(target: [UInt8], offset: UInt64)]) throws(SQLiteError) {
        let insert = try statement("INSERT OR IGNORE INTO alert_references (target, offset) VALUES (?1, ?2)")
        for reference in references {
            try insert.bind(reference.target, at: 1)
            try insert.bind(reference.offset, at: 2)
            try insert.run()
        }
    }

    func setMeta(_ name: String, _ value: Int64) throws(SQLiteError) {
        let update = try statement("UPDATE meta SET value = ?2 WHERE name = ?1")
        try update.bind(name, at: 1)
        try update.bind(value, at: 2)
        try update.run()
    }

    /// How many alerts were ever erased.
    func erasures() throws(SQLiteError) -> Int64 {
        try number("SELECT value FROM meta WHERE name = 'erasures'")
    }
}

extension Statement {
    fileprivate func value(_ column: Int) -> RawRows.Value {
        switch kind(column) {
        case .null: .null
        case .number: .number(integer(column))
        case .text: .text(text(column))
        case .bytes: .bytes(bytes(column))
        }
    }
}
