import Alerts
import SQLite

extension SQLiteReader {
    func marks(of topics: Set<UInt32>, through: UInt64) throws(StoreError) -> [UInt32: TopicMark] {
        try read("marks") { () throws(SQLiteError) in
            var marks: [UInt32: TopicMark] = [:]
            try connection.eachLateRow(after: try connection.indexed(), through: through) { row in
                for (index, delivery) in row.deliveries.enumerated() where topics.contains(delivery.topic) {
                    marks[delivery.topic] = TopicMark(
                        sequence: delivery.sequence, chain: row.chain(at: index))
                }
            }
            let last = try connection.statement(
                "SELECT offset FROM deliveries WHERE topic = ?1 AND offset <= ?2 ORDER BY offset DESC LIMIT 1"
            )
            for topic in topics where marks[topic] == nil {
                defer { last.reset() }
                try last.bind(Int64(topic), at: 1)
                try last.bind(min(through, LogTail.greatest), at: 2)
                guard try last.step() else { continue }
                marks[topic] = try connection.mark(of: topic, at: try last.unsigned(0))
            }
            return marks
        }
    }
}

extension Connection {
    /// What the record at an offset says of one of its topics.
    func mark(of topic: UInt32, at offset: UInt64) throws(SQLiteError) -> TopicMark {
        let select = try statement("SELECT deliveries, chains FROM alerts WHERE offset = ?1")
        defer { select.reset() }
        try select.bind(offset, at: 1)
        guard try select.step(), let deliveries = select.withBytes(0, Packing.deliveries),
            let index = deliveries.firstIndex(where: { $0.topic == topic })
        else {
            throw SQLiteError(
                operation: "read", code: .corrupt,
                message: "the alert at offset \(offset) does not have topic \(topic), which the index names")
        }
        let chain = select.bytes(1).dropFirst(index * Record.chainLength).prefix(Record.chainLength)
        return TopicMark(sequence: deliveries[index].sequence, chain: Array(chain))
    }
}
