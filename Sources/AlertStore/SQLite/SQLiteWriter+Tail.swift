import Alerts
import SQLite

extension SQLiteWriter {
    /// What the log, as it is on disk, says of its end.
    func readTail() throws(SQLiteError) {
        log = UInt64(bitPattern: try connection.number("SELECT value FROM meta WHERE name = 'log'"))
        refused = UInt64(clamping: try connection.number("SELECT max(number) FROM refusals"))

        let last = try connection.statement(
            "SELECT offset, received, hash FROM alerts ORDER BY offset DESC LIMIT 1")
        defer { last.reset() }
        if try last.step() {
            tail.offset = try last.unsigned(0)
            tail.received = Timestamp(milliseconds: last.integer(1))
            tail.hash = last.bytes(2)
        }

        let positions = try connection.statement(
            "SELECT number, post, epoch, through, current FROM positions")
        defer { positions.reset() }
        while try positions.step() {
            let epoch = UInt64(bitPattern: positions.integer(2))
            let stream = LogTail.Stream(post: positions.text(1), epoch: epoch)
            numbers[stream] = positions.integer(0)
            tail.streams[stream] = try positions.unsigned(3)
            if positions.integer(4) == 1 { tail.epochs[stream.post] = epoch }
        }

        let topics = try connection.statement(
            """
            SELECT number, name, (SELECT offset FROM deliveries WHERE topic = number ORDER BY offset DESC LIMIT 1)
            FROM topics
            """)
        defer { topics.reset() }
        while try topics.step() {
            guard let number = UInt32(exactly: topics.integer(0)), let topic = Topic(topics.text(1)) else {
                throw SQLiteError(operation: "read", code: .corrupt, message: "a row of topics is damaged")
            }
            var head = TopicHead(number: number, topic: topic, sequence: 0)
            if !topics.isNull(2) {
                let mark = try connection.mark(of: number, at: try topics.unsigned(2))
                (head.sequence, head.chain) = (mark.sequence, mark.chain)
            }
            tail.put(head)
        }
        var rows: [LateRow] = []
        let indexed = try connection.indexed()
        try connection.eachLateRow(after: indexed) { rows.append($0) }
        let identifiers = Dictionary(grouping: try connection.identifiers(after: indexed)) { $0.offset }
        for index in rows.indices { rows[index].identifiers = identifiers[rows[index].offset] ?? [] }
        indexes.identified = min(try connection.identified() ?? 0, indexed)
        indexes.indexed = indexed
        let streams = Dictionary(numbers.map { ($1, $0) }) { first, _ in first }
        for row in rows {
            for (index, delivery) in row.deliveries.enumerated() where tail.topics[delivery.topic] != nil {
                tail.sequences[delivery.topic] = delivery.sequence
                tail.chains[delivery.topic] = row.chain(at: index)
            }
            guard let stream = streams[row.position] else {
                throw SQLiteError(
                    operation: "read", code: .corrupt, message: "position \(row.position) is gone")
            }
            tail.streams[stream] = max(tail.streams[stream] ?? 0, row.sequence)
        }
        indexes.recover(rows)
    }
}
