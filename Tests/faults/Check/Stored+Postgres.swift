import PostgreSQL
import PostgresServer

extension Stored {
    /// Of a log in PostgreSQL, in the order of offsets.
    static func all(_ servers: PostgresPair) throws -> [Stored] {
        let connection = try servers.connect()
        defer { connection.close() }
        let rows = try connection.query(
            """
            SELECT a."offset", uuid_send(a.id), p.post, p.epoch, a.sequence, coalesce(c.payload, '')
            FROM borderwire.alerts a JOIN borderwire.positions p ON p.number = a.position
            LEFT JOIN borderwire.contents c ON c."offset" = a."offset" ORDER BY 1
            """)
        var reading = Reading()
        for row in rows {
            try reading.add(
                offset: row.unsigned(0), id: row.bytes(1), post: row.text(2), epoch: row.integer(3),
                sequence: row.unsigned(4), payload: row.bytes(5))
        }
        return reading.stored
    }
}
