import SQLite

/// The `deliveries` table, which finds a topic's alerts without reading the log, as the pen keeps it up.
///
/// Each topic has its own place in the table, so a batch for 50 topics changes 50 pages of it, more than the alerts
/// themselves take: written with every batch, it halves the rows a second. So the table lags behind: the pen collects
/// deliveries in memory and writes them sorted, ``stride`` at a time, in the transaction of the batch that fills the
/// measure. `meta` says up to which offset the table is complete; readers find the rest in the log itself, where each
/// alert carries its deliveries, and so does a pen that opens the log.
struct DeliveryIndex {
    /// Deliveries that are written together: about 5 ms of one commit. A reader looks at up to so many alerts instead.
    static let stride = 4_096

    struct Entry {
        var topic: UInt32
        var offset: UInt64
        var sequence: UInt64
    }

    var stride = DeliveryIndex.stride
    private var waiting: [Entry] = []
    /// Alerts that are not indexed; those without a delivery count too, since a reader has to look at them.
    private var alerts = 0

    /// Writes what waits and the records' deliveries, if together they fill the stride. Changes nothing here: the
    /// transaction may still fail.
    func write(adding records: [Record], to connection: Connection) throws(SQLiteError) {
        guard let last = records.last, isFull(with: records) else { return }
        let entries = (waiting + DeliveryIndex.entries(of: records)).sorted {
            ($0.topic, $0.offset) < ($1.topic, $1.offset)
        }
        let insert = try connection.statement(
            "INSERT INTO deliveries (topic, offset, sequence) VALUES (?1, ?2, ?3)")
        for entry in entries {
            try insert.bind(Int64(entry.topic), at: 1)
            try insert.bind(entry.offset, at: 2)
            try insert.bind(entry.sequence, at: 3)
            try insert.run()
        }
        let complete = try connection.statement("UPDATE meta SET value = ?1 WHERE name = 'indexed'")
        try complete.bind(last.offset, at: 1)
        try complete.run()
    }

    /// Notes that the records were committed.
    mutating func take(_ records: [Record]) {
        if isFull(with: records) {
            waiting.removeAll(keepingCapacity: true)
            alerts = 0
        } else {
            alerts += records.count
            waiting += DeliveryIndex.entries(of: records)
        }
    }

    /// Notes an alert that was committed but not indexed by an earlier pen.
    mutating func recover(_ deliveries: [Record.Delivery], at offset: UInt64) {
        alerts += 1
        waiting += deliveries.map { Entry(topic: $0.topic, offset: offset, sequence: $0.sequence) }
    }

    private func isFull(with records: [Record]) -> Bool {
        guard !records.isEmpty else { return false }
        let deliveries = records.reduce(waiting.count) { $0 + $1.deliveries.count }
        return max(deliveries, alerts + records.count) >= stride
    }

    private static func entries(of records: [Record]) -> [Entry] {
        records.flatMap { record in
            record.deliveries.map { Entry(topic: $0.topic, offset: record.offset, sequence: $0.sequence) }
        }
    }
}

extension Connection {
    /// The offset up to which `deliveries` is complete.
    func indexed() throws(SQLiteError) -> UInt64 {
        UInt64(clamping: try number("SELECT value FROM meta WHERE name = 'indexed'"))
    }

    /// Calls the body with each alert's deliveries, in offset order, for `after < offset <= through`.
    func eachDeliveries(
        after: UInt64, through: UInt64, _ body: (_ offset: UInt64, [Record.Delivery]) -> Void
    ) throws(SQLiteError) {
        let select = try statement(
            "SELECT offset, deliveries FROM alerts WHERE offset > ?1 AND offset <= ?2 ORDER BY offset")
        defer { select.reset() }
        try select.bind(min(after, LogTail.greatest), at: 1)
        try select.bind(min(through, LogTail.greatest), at: 2)
        while try select.step() {
            guard let deliveries = select.withBytes(1, Packing.deliveries) else {
                throw RecordRow.damaged(select)
            }
            body(try select.unsigned(0), deliveries)
        }
    }
}
