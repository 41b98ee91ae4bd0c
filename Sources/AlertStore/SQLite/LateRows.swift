import SQLite

/// What a reader has seen of the alerts that the late indexes lack: at most about ``LateIndexes/stride`` of them. It keeps
/// them, so that one lookup after the other reads each alert once.
struct LateRows {
    private(set) var rows: [LateRow] = []
    private var through: UInt64 = 0

    /// Brings them up to date, within the read of the lookup that asks.
    mutating func follow(_ connection: Connection) throws(SQLiteError) {
        let indexed = try connection.indexed()
        rows.removeAll { $0.offset <= indexed }
        var new: [LateRow] = []
        try connection.eachLateRow(after: max(through, indexed)) { row in
            var row = row
            // Never asked for here.
            row.deliveries = []
            row.chains = []
            new.append(row)
        }
        rows += new
        through = max(through, indexed, rows.last?.offset ?? 0)
    }
}
