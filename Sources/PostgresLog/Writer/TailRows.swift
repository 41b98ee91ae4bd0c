import AlertStore
import Alerts
import PostgreSQL

/// What a log says of its end, all of one moment.
struct TailRows {
    var log: UInt64 = 0
    var term: UInt64 = 0
    var holder = ""
    var tail = LogTail()
    /// The rows of `positions`.
    var numbers: [LogTail.Stream: Int32] = [:]
    /// The number of the last refusal.
    var refused: UInt64 = 0

    var state: LogState { tail.state(log: log) }

    /// Within one transaction that sees one state.
    init(_ connection: Connection) throws(PostgresError) {
        let ends = try connection.query(
            "SELECT log, term, holder, head, hash, received, (SELECT coalesce(max(number), 0) FROM refusals) FROM log"
        )
        guard let end = ends.first else { throw .damaged("the log has no row that says where it ends") }
        log = end.unsigned(0)
        term = end.unsigned(1)
        holder = end.text(2)
        tail.offset = end.unsigned(3)
        tail.hash = end.bytes(4)
        tail.received = Timestamp(milliseconds: end.integer(5))
        refused = end.unsigned(6)
        for row in try connection.query("SELECT number, post, epoch, through, current FROM positions") {
            let stream = LogTail.Stream(post: row.text(1), epoch: UInt64(bitPattern: row.integer(2)))
            numbers[stream] = Int32(truncatingIfNeeded: row.integer(0))
            tail.streams[stream] = row.unsigned(3)
            if row.bool(4) { tail.epochs[stream.post] = stream.epoch }
        }
        for row in try connection.query(
            """
            SELECT t.number, t.name, d.sequence, a.deliveries, a.chains FROM topics t
            LEFT JOIN LATERAL (SELECT "offset", sequence FROM deliveries WHERE topic = t.number
                ORDER BY "offset" DESC LIMIT 1) d ON true
            LEFT JOIN alerts a ON a."offset" = d."offset"
            """)
        {
            guard let number = UInt32(exactly: row.integer(0)), let topic = Topic(row.text(1)) else {
                throw .damaged("a row of topics is damaged")
            }
            var head = TopicHead(number: number, topic: topic, sequence: row.unsigned(2))
            if !row.isNull(2) {
                head.chain = try TopicMark(of: number, deliveries: row, 3, chains: 4).chain
            }
            tail.put(head)
        }
    }
}

extension TopicMark {
    /// What a record says of one of its topics.
    /// - deliveries, chains: the columns that have them.
    init(of topic: UInt32, deliveries row: Rows.Row, _ column: Int, chains: Int) throws(PostgresError) {
        guard let deliveries = row.withBytes(column, Packing.deliveries),
            let index = deliveries.firstIndex(where: { $0.topic == topic })
        else { throw .damaged("an alert does not have topic \(topic), in which it was delivered") }
        let chain = row.bytes(chains).dropFirst(index * Record.chainLength).prefix(Record.chainLength)
        self.init(sequence: deliveries[index].sequence, chain: Array(chain))
    }
}
