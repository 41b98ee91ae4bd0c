public import Alerts
import SQLite
public import Wire

extension Outbox {
    /// Keeps what the hub says an alert may be related to, as long as the alert itself. The last word stands; of an alert that the
    /// outbox does not have nothing is kept.
    /// - Returns: whether it was.
    @discardableResult
    public func note(_ related: Reply.Related, at now: Timestamp) throws(OutboxError) -> Bool {
        guard let id = AlertID(related.alert)?.bytes else { return false }
        return try write("keep") { () throws(SQLiteError) in
            let put = try connection.statement(
                """
                INSERT OR REPLACE INTO related (id, told, body)
                SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM alerts WHERE id = ?1)
                """)
            try put.bind(id, at: 1)
            try put.bind(now.milliseconds, at: 2)
            try put.bind(related.encoded(), at: 3)
            try put.run()
            return connection.changes > 0
        }
    }

    /// What the hub has said of an alert; nil: nothing yet, or it has found no plate, vessel or document in it.
    public func related(to id: [UInt8]) throws(OutboxError) -> Reply.Related? {
        try call("read") { () throws(SQLiteError) in
            let select = try connection.statement("SELECT body FROM related WHERE id = ?1")
            defer { select.reset() }
            try select.bind(id, at: 1)
            return try select.step() ? try? Reply.Related(decoding: select.bytes(0)) : nil
        }
    }

    func pruneRelated(toldBefore moment: Timestamp) throws(SQLiteError) {
        let delete = try connection.statement(
            """
            DELETE FROM related WHERE id IN (SELECT id FROM related WHERE told < ?1 LIMIT ?2)
            """)
        try delete.bind(moment.milliseconds, at: 1)
        try delete.bind(Int64(Outbox.prunedAtOnce), at: 2)
        try delete.run()
    }
}
