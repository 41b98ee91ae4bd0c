import Alerts
import SQLite

// All of it within the transaction of one commit.
extension SQLiteWriter {
    func writeResponses(of batch: Batch) throws(SQLiteError) {
        for identity in batch.forgotten { try forget(identity) }
        for receipt in batch.receipts { try put(receipt) }
        for change in batch.duty { try put(change) }
        for progress in batch.progress { try put(progress) }
        for escalation in batch.escalations { try put(escalation) }
        for outage in batch.outages { try put(outage) }
    }

    private func forget(_ identity: String) throws(SQLiteError) {
        for table in ["receipts", "duty"] {
            let delete = try connection.statement("DELETE FROM \(table) WHERE identity = ?1")
            try delete.bind(identity, at: 1)
            try delete.run()
        }
    }

    private func put(_ escalation: EscalationRow) throws(SQLiteError) {
        let put = try connection.statement(
            "INSERT INTO escalations (number, offset, reason, at) VALUES (?1, ?2, ?3, ?4)")
        try put.bind(escalation.number, at: 1)
        try put.bind(escalation.offset, at: 2)
        try put.bind(escalation.reason, at: 3)
        try put.bind(escalation.at.milliseconds, at: 4)
        try put.run()
    }

    private func put(_ outage: Outage) throws(SQLiteError) {
        let put = try connection.statement("REPLACE INTO outages (since, until) VALUES (?1, ?2)")
        try put.bind(outage.from.milliseconds, at: 1)
        try put.bind(outage.until.milliseconds, at: 2)
        try put.run()
    }

    private func put(_ receipt: Receipt) throws(SQLiteError) {
        let put = try connection.statement(
            "REPLACE INTO receipts (identity, topic, ranges) VALUES (?1, ?2, ?3)")
        try put.bind(receipt.identity, at: 1)
        try put.bind(Int64(receipt.topic), at: 2)
        try put.bind(receipt.ranges, at: 3)
        try put.run()
    }

    private func put(_ change: DutyChange) throws(SQLiteError) {
        let put = try connection.statement(
            "REPLACE INTO duty (since, identity, provinces) VALUES (?1, ?2, ?3)")
        try put.bind(change.from, at: 1)
        try put.bind(change.identity, at: 2)
        try put.bind(change.duty.joined(separator: ","), at: 3)
        try put.run()
    }

    private func put(_ progress: AlertProgress) throws(SQLiteError) {
        let put = try connection.statement(
            """
            INSERT INTO progress (offset, seen, acknowledged, sighted) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (offset) DO UPDATE SET seen = coalesce(seen, excluded.seen),
                acknowledged = coalesce(acknowledged, excluded.acknowledged),
                sighted = coalesce(sighted, excluded.sighted)
            """)
        try put.bind(progress.offset, at: 1)
        for (place, moment) in [progress.seen, progress.acknowledged, progress.sighted].enumerated() {
            if let moment {
                try put.bind(moment.milliseconds, at: place + 2)
            } else {
                try put.bindNull(at: place + 2)
            }
        }
        try put.run()
    }
}
