import Alerts
internal import Identity
import SQLite
internal import Wire

/// What alerts said of somebody who is safe now. Their author's Cancel names them, and once the hub has stored it their content
/// goes here as it goes there: what stays is the header, the digest, and what became of them.
extension Outbox {
    /// Of an alert that the hub lost after it was erased here.
    static let goneReason =
        "the hub has lost it, and its content was erased here when whoever it sought was safe"
    /// How long ``forget()`` waits for another program that reads.
    private static let forgettingTimeout = 50

    /// Erases what stored Cancels ask for and what is there all the same: where an earlier version kept it.
    public func carryOutErasures() throws(OutboxError) {
        try write("erase") { () throws(SQLiteError) in try eraseClosed() }
    }

    /// Takes what was erased out of the write-ahead log: it is copied to the database, and the file cut to nothing.
    /// - Returns: false where another program is in the way: call again later.
    @discardableResult
    public func forget() throws(OutboxError) -> Bool {
        try call("empty the write-ahead log of") { () throws(SQLiteError) in
            try connection.execute("PRAGMA busy_timeout = \(Outbox.forgettingTimeout)")
            defer {
                try? connection.execute(
                    "PRAGMA busy_timeout = \(Outbox.busyTimeout.components.seconds * 1_000)")
            }
            // Copied first without holding up anyone.
            guard try connection.copyWAL() else { return false }
            let cut = try connection.statement("PRAGMA wal_checkpoint(TRUNCATE)")
            defer { cut.reset() }
            guard try cut.step(), cut.integer(0) == 0 else { return false }
            owesForgetting = false
            return true
        }
    }

    func note(_ id: [UInt8], refersTo target: [UInt8]) throws(SQLiteError) {
        guard let target = AlertID(bytes: target)?.description else { return }
        let insert = try connection.statement("INSERT OR IGNORE INTO referring (target, id) VALUES (?1, ?2)")
        try insert.bind(target, at: 1)
        try insert.bind(id, at: 2)
        try insert.run()
    }

    /// Of each stored Cancel that says that whoever it sought is safe, and was not carried out.
    func eraseClosed() throws(SQLiteError) {
        let select = try connection.statement(
            "SELECT rowid, header FROM alerts INDEXED BY alerts_closing WHERE closes = 1 AND state = 1")
        var cancels: [(row: Int64, header: [UInt8])] = []
        while try select.step() { cancels.append((select.integer(0), select.bytes(1))) }
        select.reset()
        for cancel in cancels {
            let named = (try? PostHeader(decoding: cancel.header).facts.changes) ?? []
            for id in named {
                try erase(rows("SELECT rowid FROM alerts WHERE id = ?1", id), before: cancel.row)
                // What answers it, as far as it is this author's.
                try erase(
                    rows(
                        """
                        SELECT alerts.rowid FROM referring JOIN alerts USING (id) WHERE target = ?1
                        """, AlertID(bytes: id)?.description ?? ""), before: cancel.row)
            }
            let done = try connection.statement("UPDATE alerts SET closes = 2 WHERE rowid = ?1")
            try done.bind(cancel.row, at: 1)
            try done.run()
        }
    }

    private func rows(_ sql: String, _ id: [UInt8]) throws(SQLiteError) -> [Int64] {
        let select = try connection.statement(sql)
        try select.bind(id, at: 1)
        return try rows(select)
    }

    private func rows(_ sql: String, _ id: String) throws(SQLiteError) -> [Int64] {
        let select = try connection.statement(sql)
        try select.bind(id, at: 1)
        return try rows(select)
    }

    private func rows(_ select: Statement) throws(SQLiteError) -> [Int64] {
        defer { select.reset() }
        var rows: [Int64] = []
        while try select.step() { rows.append(select.integer(0)) }
        return rows
    }

    /// - before: the Cancel: what was queued after it is none of its thread.
    private func erase(_ rows: [Int64], before cancel: Int64) throws(SQLiteError) {
        for row in rows where row < cancel {
            let select = try connection.statement(
                "SELECT payload, id FROM alerts WHERE rowid = ?1 AND erased IS NULL")
            try select.bind(row, at: 1)
            guard try select.step() else {
                select.reset()
                continue
            }
            let (digest, id) = (Seal.digest(of: select.bytes(0)), select.bytes(1))
            select.reset()
            let erase = try connection.statement(
                "UPDATE alerts SET payload = x'', erased = ?2 WHERE rowid = ?1")
            try erase.bind(row, at: 1)
            try erase.bind(digest, at: 2)
            try erase.run()
            let forget = try connection.statement("DELETE FROM related WHERE id = ?1")
            try forget.bind(id, at: 1)
            try forget.run()
            owesForgetting = true
        }
    }
}
