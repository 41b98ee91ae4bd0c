import AlertStore
import Alerts
import PostgreSQL

extension PostgresReader {
    func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread {
        try session.run("thread") { connection throws(PostgresError) in
            let named = try members(connection, named: alert).map(\.member)
            return try AlertThread(of: alert, named: named) { target, limit throws(PostgresError) in
                try members(connection, referringTo: target, limit: limit)
            }
        }
    }

    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        try session.run("references") { connection throws(PostgresError) in
            try members(connection, referringTo: alert, limit: limit).map(\.member)
        }
    }

    func offsets(named alert: [UInt8]) throws(StoreError) -> [UInt64] {
        try session.run("thread") { connection throws(PostgresError) in
            try members(connection, named: alert).map(\.member.offset)
        }
    }

    private func members(_ connection: Connection, named alert: [UInt8]) throws(PostgresError) -> [AlertThread
        .Found]
    {
        var arguments = Arguments()
        arguments.add(UUIDBytes(alert))
        arguments.add(Int64(StoreLimits.threadMembers))
        return try members(
            connection,
            #"SELECT "offset", position, id, deliveries FROM alerts WHERE id = $1 ORDER BY "offset" LIMIT $2"#,
            arguments)
    }

    private func members(
        _ connection: Connection, referringTo alert: [UInt8], limit: Int
    ) throws(PostgresError) -> [AlertThread.Found] {
        var arguments = Arguments()
        arguments.add(UUIDBytes(alert))
        arguments.add(Int64(max(limit, 0)))
        return try members(
            connection,
            """
            SELECT a."offset", a.position, a.id, a.deliveries FROM alert_references r JOIN alerts a ON a."offset" = r."offset"
            WHERE r.target = $1 ORDER BY r."offset" LIMIT $2
            """, arguments)
    }

    private func members(
        _ connection: Connection, _ sql: String, _ arguments: Arguments
    ) throws(PostgresError) -> [AlertThread.Found] {
        let rows = try connection.query(sql, arguments)
        try records.learn(rows.map { $0.integer(1) }, connection)
        return try rows.map { row throws(PostgresError) in
            guard let deliveries = row.withBytes(3, Packing.deliveries) else {
                throw .damaged("the alert at offset \(row.integer(0)) is damaged")
            }
            let member = AlertThread.Member(
                offset: row.unsigned(0), post: try records.post(row.integer(1)),
                topics: deliveries.map(\.topic))
            return (member, row.bytes(2))
        }
    }

    func alerts(with identifiers: [Identifier], limit: Int) throws(StoreError) -> IdentifierMatches {
        guard !identifiers.isEmpty else { return IdentifierMatches([], limit: limit) }
        let wanted = Dictionary(identifiers.map { (IdentifierText.text($0), $0) }) { first, _ in first }
        var arguments = Arguments()
        arguments.add(array: wanted.keys.sorted())
        arguments.add(Int64(max(limit, 0)) + 1)
        return try session.run("look up identifiers in") { connection throws(PostgresError) in
            let rows = try connection.query(
                """
                SELECT c."offset", i.i FROM (SELECT "offset", identifiers FROM contents
                    WHERE identifiers IS NOT NULL AND identifiers && $1 ORDER BY "offset" DESC LIMIT $2) c,
                    unnest(c.identifiers) i(i) WHERE i.i = ANY($1)
                """, arguments)
            let entries = rows.compactMap { row in
                wanted[row.text(1)].map { IdentifierEntry(offset: row.unsigned(0), identifier: $0) }
            }
            return IdentifierMatches(entries, limit: limit)
        }
    }
}
