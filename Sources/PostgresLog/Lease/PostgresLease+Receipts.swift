import AlertStore
import PostgreSQL

extension PostgresLease {
    func handOver(_ receipts: [Receipt]) throws(StoreError) {
        guard !receipts.isEmpty else { return }
        var arguments = Arguments()
        arguments.add(LockKey.handing.rawValue)
        arguments.add(array: receipts.map(\.identity))
        arguments.add(array: receipts.map { Int32(bitPattern: $0.topic) })
        arguments.add(array: receipts.map(\.ranges))
        try session.run("leave receipts in") { connection throws(PostgresError) in
            // A number that became visible after a greater one would be passed over, and removed unread.
            _ = try connection.query(
                """
                WITH l AS MATERIALIZED (SELECT pg_advisory_xact_lock($1, 0))
                INSERT INTO handed_receipts (identity, topic, ranges)
                SELECT t.i, t.t, t.r FROM l, unnest($2, $3, $4) t(i, t, r)
                """, arguments)
            guard !connection.hasWarned else {
                throw PostgresError(
                    operation: "leave receipts", kind: .late, message: "the standby has not confirmed")
            }
        }
    }

    func handedOver(after number: UInt64, limit: Int) throws(StoreError) -> [HandedReceipt] {
        var arguments = Arguments()
        arguments.add(Int64(clamping: number))
        arguments.add(Int64(max(limit, 0)))
        return try session.run("read receipts left in") { connection throws(PostgresError) in
            try connection.query(
                """
                SELECT number, identity, topic, ranges FROM handed_receipts WHERE number > $1 ORDER BY number LIMIT $2
                """, arguments
            ).map { row in
                HandedReceipt(
                    number: row.unsigned(0),
                    receipt: Receipt(
                        identity: row.text(1), topic: UInt32(truncatingIfNeeded: row.integer(2)),
                        ranges: row.bytes(3)))
            }
        }
    }

    func removeHandedOver(through number: UInt64) throws(StoreError) {
        var arguments = Arguments()
        arguments.add(Int64(clamping: number))
        try session.run("remove receipts left in") { connection throws(PostgresError) in
            _ = try connection.query("DELETE FROM handed_receipts WHERE number <= $1", arguments)
        }
    }
}
