import SQLite

/// What finds alerts without reading the log, as the writer keeps it up: `deliveries` by topic, `sequences` by post, `ids`, and
/// in `positions` how far each post has come.
///
/// Each has its own place in the file: written with every alert they make four pages of a commit that is one page without
/// them, and fifty of a batch for fifty topics. So they lag behind the log: the writer collects what is to be written in
/// memory and writes it sorted, a bite at a time between commits while nobody waits, or else ``stride`` at a time in the
/// transaction of the batch that fills the measure. `meta` says up to which offset they are complete. The rest is in the
/// alerts themselves, where readers find it (``LateRows``), and a writer that opens the log.
struct LateIndexes {
    /// Deliveries, or alerts if those are more, that are written together at the latest: 8 to 27 ms of one commit. A reader
    /// looks at up to so many alerts instead.
    static let stride = 4_096
    /// Alerts in a bite: about a millisecond of the processor, and one flush. Whoever comes meanwhile waits for it.
    static let bite = 128

    var stride = LateIndexes.stride
    var bite = LateIndexes.bite
    private var waiting: [LateRow] = []
    private var deliveries = 0
    /// The offset up to which the indexes are complete, and up to which the one of identifiers is: behind the others only in a
    /// log of an older hub, until ``catchUp(_:)`` has indexed that.
    var indexed: UInt64 = 0
    var identified: UInt64 = 0

    /// Writes what waits and the rows, if together they fill the stride. Changes nothing here: the transaction may still
    /// fail.
    func write(adding rows: [LateRow], to connection: Connection) throws(SQLiteError) {
        guard let last = rows.last, isFull(with: rows) else { return }
        try write(waiting + rows, through: last.offset, connection)
    }

    private func write(_ rows: [LateRow], through last: UInt64, _ connection: Connection) throws(SQLiteError)
    {
        try connection.index(rows)
        try connection.index(rows.flatMap(\.identifiers))
        try connection.setMeta("indexed", Int64(clamping: last))
        if identified >= indexed { try connection.setMeta("identified", Int64(clamping: last)) }
    }

    /// Notes that it was written.
    private mutating func noteWritten(through last: UInt64) {
        if identified >= indexed { identified = last }
        indexed = last
    }

    /// Indexes some of what an older hub has left without identifiers.
    /// - Returns: whether there was some.
    mutating func catchUp(_ connection: Connection) throws(SQLiteError) -> Bool {
        guard identified < indexed else { return false }
        let through = min(identified + UInt64(bite), indexed)
        try connection.transaction(.immediate) { () throws(SQLiteError) in
            try connection.index(try connection.identifiers(after: identified, through: through))
            try connection.setMeta("identified", Int64(clamping: through))
        }
        identified = through
        return true
    }

    /// Writes the oldest of what waits, if a bite of it does.
    /// - Returns: whether it did.
    mutating func advance(_ connection: Connection) throws(SQLiteError) -> Bool {
        guard waiting.count >= bite else { return false }
        try write(bite, connection)
        return true
    }

    /// Writes what waits, whatever it measures.
    mutating func complete(_ connection: Connection) throws(SQLiteError) {
        try write(waiting.count, connection)
    }

    private mutating func write(_ count: Int, _ connection: Connection) throws(SQLiteError) {
        let rows = Array(waiting.prefix(count))
        guard let last = rows.last else { return }
        try connection.transaction(.immediate, write(rows, through: last.offset, connection))
        noteWritten(through: last.offset)
        waiting.removeFirst(rows.count)
        deliveries -= rows.reduce(0) { $0 + $1.deliveries.count }
    }

    /// Notes that the rows were committed.
    mutating func take(_ rows: [LateRow]) {
        if isFull(with: rows) {
            if let last = rows.last { noteWritten(through: last.offset) }
            waiting.removeAll(keepingCapacity: true)
            deliveries = 0
        } else {
            recover(rows)
        }
    }

    /// Notes what an earlier writer has committed but not indexed.
    mutating func recover(_ rows: [LateRow]) {
        waiting += rows
        deliveries += rows.reduce(0) { $0 + $1.deliveries.count }
    }

    private func isFull(with rows: [LateRow]) -> Bool {
        guard !rows.isEmpty else { return false }
        let deliveries = rows.reduce(deliveries) { $0 + $1.deliveries.count }
        return max(deliveries, waiting.count + rows.count) >= stride
    }
}

/// What the indexes have of one alert.
struct LateRow {
    var offset: UInt64
    /// The number of its post's and epoch's row in `positions`.
    var position: Int64
    var sequence: UInt64
    var alert: [UInt8]
    var deliveries: [Record.Delivery]
    /// Only of a writer's.
    var identifiers: [IdentifierEntry] = []
    /// As in ``Record/chains``; read only by a writer that opens the log.
    var chains: [UInt8] = []

    func chain(at index: Int) -> [UInt8] {
        Array(chains.dropFirst(index * Record.chainLength).prefix(Record.chainLength))
    }
}

extension Connection {
    /// The offset up to which the late indexes are complete.
    func indexed() throws(SQLiteError) -> UInt64 {
        UInt64(clamping: try number("SELECT value FROM meta WHERE name = 'indexed'"))
    }

    /// Calls the body with what the indexes have of each alert, or will have, in offset order, for
    /// `after < offset <= through`.
    func eachLateRow(
        after: UInt64, through: UInt64 = LogTail.greatest, _ body: (LateRow) -> Void
    ) throws(SQLiteError) {
        let select = try statement(
            """
            SELECT offset, position, sequence, id, deliveries, chains FROM alerts WHERE offset > ?1 AND offset <= ?2
            ORDER BY offset
            """)
        defer { select.reset() }
        try select.bind(min(after, LogTail.greatest), at: 1)
        try select.bind(min(through, LogTail.greatest), at: 2)
        while try select.step() {
            guard let deliveries = select.withBytes(4, Packing.deliveries) else {
                throw RecordRow.damaged(select)
            }
            body(
                LateRow(
                    offset: try select.unsigned(0), position: select.integer(1),
                    sequence: try select.unsigned(2), alert: select.bytes(3), deliveries: deliveries,
                    chains: select.bytes(5)))
        }
    }

    /// Enters the rows in all of the indexes, sorted by each one's order.
    func index(_ rows: [LateRow]) throws(SQLiteError) {
        try indexDeliveries(rows)
        let sequence = try statement(
            "INSERT INTO sequences (position, sequence, offset) VALUES (?1, ?2, ?3)")
        var through: [Int64: UInt64] = [:]
        for row in rows.sorted(by: { ($0.position, $0.sequence) < ($1.position, $1.sequence) }) {
            try sequence.bind(row.position, at: 1)
            try sequence.bind(row.sequence, at: 2)
            try sequence.bind(row.offset, at: 3)
            try sequence.run()
            through[row.position] = row.sequence
        }
        let id = try statement("INSERT INTO ids (id, offset) VALUES (?1, ?2)")
        // By what of an id is its time: the order only keeps the pages that are written few.
        let byTime = rows.map { (time: $0.alert.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, row: $0) }
        for (_, row) in byTime.sorted(by: { $0.time < $1.time }) {
            try id.bind(row.alert, at: 1)
            try id.bind(row.offset, at: 2)
            try id.run()
        }
        // What was refused after the last stored alert is in `through` already.
        let position = try statement("UPDATE positions SET through = max(through, ?2) WHERE number = ?1")
        for (number, sequence) in through {
            try position.bind(number, at: 1)
            try position.bind(sequence, at: 2)
            try position.run()
        }
    }

    private func indexDeliveries(_ rows: [LateRow]) throws(SQLiteError) {
        let entries = rows.flatMap { row in
            row.deliveries.map { (topic: $0.topic, offset: row.offset, sequence: $0.sequence) }
        }
        let insert = try statement("INSERT INTO deliveries (topic, offset, sequence) VALUES (?1, ?2, ?3)")
        for entry in entries.sorted(by: { ($0.topic, $0.offset) < ($1.topic, $1.offset) }) {
            try insert.bind(Int64(entry.topic), at: 1)
            try insert.bind(entry.offset, at: 2)
            try insert.bind(entry.sequence, at: 3)
            try insert.run()
        }
    }
}
