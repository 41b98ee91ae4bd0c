import AlertStore
import Alerts
import PostgreSQL

/// Rows of `alerts` as records, with their contents. Keeps what never changes of `positions`.
final class RecordReader {
    private var streams: [Int64: LogTail.Stream] = [:]

    /// What a record is made of, in the order that ``record(_:)`` expects.
    private static let columns = """
        a."offset", a.position, a.sequence, a.received, a.id, a.deliveries, a.refers, a.hash, a.signature, a.header, a.chains,
        (SELECT c.payload FROM contents c WHERE c.class = a.class AND c.expires = a.expires AND c."offset" = a."offset")
        """

    func records(
        _ connection: Connection, after: UInt64, through: UInt64, limit: Int
    ) throws(PostgresError) -> [Record] {
        let (records, broken) = try self.rows(connection, after: after, through: through, limit: limit)
        if let broken { throw .damaged(broken.problem) }
        return records
    }

    /// - Returns: those up to the first one that can't be read.
    func rows(
        _ connection: Connection, after: UInt64, through: UInt64, limit: Int
    ) throws(PostgresError) -> (records: [Record], broken: LogRows.Broken?) {
        var arguments = Arguments()
        arguments.add(Int64(clamping: after))
        arguments.add(Int64(clamping: through))
        arguments.add(Int64(clamping: limit))
        return try records(
            connection,
            """
            SELECT \(RecordReader.columns) FROM alerts a WHERE a."offset" > $1 AND a."offset" <= $2
            ORDER BY a."offset" LIMIT $3
            """, arguments)
    }

    /// Those that are there of some offsets, ascending.
    func records(_ connection: Connection, at offsets: [UInt64]) throws(PostgresError) -> [Record] {
        guard !offsets.isEmpty else { return [] }
        var arguments = Arguments()
        arguments.add(array: offsets.map { Int64(clamping: $0) })
        let (records, broken) = try self.records(
            connection,
            #"SELECT \#(RecordReader.columns) FROM alerts a WHERE a."offset" = ANY($1) ORDER BY a."offset""#,
            arguments)
        if let broken { throw .damaged(broken.problem) }
        return records
    }

    private func records(
        _ connection: Connection, _ sql: String, _ arguments: Arguments
    ) throws(PostgresError) -> (records: [Record], broken: LogRows.Broken?) {
        let rows = try connection.query(sql, arguments)
        try learn(rows.map { $0.integer(1) }, connection)
        var records: [Record] = []
        var broken: LogRows.Broken?
        var without: [Int] = []
        for row in rows {
            guard let record = self.record(row) else {
                let offset = row.unsigned(0)
                broken = LogRows.Broken(offset: offset, problem: "the alert at offset \(offset) is damaged")
                break
            }
            if row.isNull(11) { without.append(records.count) }
            records.append(record)
        }
        try complete(&records, without, connection, &broken)
        return (records, broken)
    }

    /// Contents that are not where they were put: erased, or noted to be of another kind or end than was known at first. Both may
    /// have happened since; what is erased stays so, and what is noted is noted once.
    private func complete(
        _ records: inout [Record], _ places: [Int], _ connection: Connection, _ broken: inout LogRows.Broken?
    ) throws(PostgresError) {
        guard !places.isEmpty else { return }
        var arguments = Arguments()
        arguments.add(array: places.map { Int64(clamping: records[$0].offset) })
        let rows = try connection.query(
            """
            SELECT o.o, e.digest, (SELECT c.payload FROM judgements j JOIN contents c
                ON c.class = j.class AND c.expires = j.expires AND c."offset" = j."offset" WHERE j."offset" = o.o)
            FROM unnest($1) o(o) LEFT JOIN erasures e ON e."offset" = o.o
            """, arguments)
        var found: [UInt64: Rows.Row] = [:]
        for row in rows { found[row.unsigned(0)] = row }
        for place in places {
            let offset = records[place].offset
            if let row = found[offset], !row.isNull(1) {
                records[place].erased = row.bytes(1)
            } else if let row = found[offset], !row.isNull(2) {
                records[place].signed.payload = row.bytes(2)
            } else {
                broken = LogRows.Broken(
                    offset: offset, problem: "the content of the alert at offset \(offset) is gone")
                records.removeLast(records.count - place)
                return
            }
        }
    }

    private func record(_ row: Rows.Row) -> Record? {
        guard let stream = streams[row.integer(1)], let deliveries = row.withBytes(5, Packing.deliveries),
            let references = row.withBytes(6, Packing.references)
        else { return nil }
        return Record(
            offset: row.unsigned(0), post: stream.post, epoch: stream.epoch, sequence: row.unsigned(2),
            received: Timestamp(milliseconds: row.integer(3)), alert: row.bytes(4), references: references,
            deliveries: deliveries, chains: row.bytes(10),
            signed: SignedAlert(header: row.bytes(9), payload: row.bytes(11), signature: row.bytes(8)),
            hash: row.bytes(7))
    }

    /// Reads the rows of `positions` that are not known yet.
    func learn(_ numbers: [Int64], _ connection: Connection) throws(PostgresError) {
        let new = Set(numbers).filter { streams[$0] == nil }
        guard !new.isEmpty else { return }
        var arguments = Arguments()
        arguments.add(array: new.sorted())
        for row in try connection.query(
            "SELECT number, post, epoch FROM positions WHERE number = ANY($1)", arguments)
        {
            streams[row.integer(0)] = LogTail.Stream(
                post: row.text(1), epoch: UInt64(bitPattern: row.integer(2)))
        }
    }

    func post(_ position: Int64) throws(PostgresError) -> String {
        guard let stream = streams[position] else { throw .damaged("position \(position) is gone") }
        return stream.post
    }

    /// Their names; sequence and chain are not read.
    static func topics(_ connection: Connection, _ numbers: Set<UInt32>) throws(PostgresError) -> [TopicHead]
    {
        guard !numbers.isEmpty else { return [] }
        var arguments = Arguments()
        arguments.add(array: numbers.sorted().map { Int32(bitPattern: $0) })
        var heads: [TopicHead] = []
        for row in try connection.query(
            "SELECT number, name FROM topics WHERE number = ANY($1) ORDER BY number", arguments)
        {
            guard let number = UInt32(exactly: row.integer(0)), let topic = Topic(row.text(1)) else {
                throw .damaged("a row of topics is damaged")
            }
            heads.append(TopicHead(number: number, topic: topic, sequence: 0))
        }
        return heads
    }
}
