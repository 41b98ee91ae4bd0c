internal import Alerts
import SQLite

// Pages are read in one of two ways, which give the same page:
// - merge: the topics' ranges of the deliveries index are merged, and each record is fetched by its offset; beyond the
//   index it goes on as a scan;
// - scan: the log is read from `after`, and records are left out by their packed deliveries.
extension SQLiteReader {
    enum Strategy: Equatable {
        case merge
        case scan
    }

    /// Above so many topics, asking for each one's share costs more than a scan saves.
    static let mostMerged = 32
    /// A record that is fetched costs about as much as this many that are looked at and left out.
    static let fetchCost: UInt64 = 4

    func page(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) throws(StoreError) -> Page {
        try read("page") { () throws(SQLiteError) in
            let head = try lastOffset()
            guard after < head else { return Page(records: [], through: after) }
            let strategy = try strategy(topics, head: head)
            return try page(strategy, after: after, topics: topics, limit: limit, bytes: bytes, head: head)
        }
    }

    func page(
        _ strategy: Strategy, after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int, head: UInt64
    ) throws(SQLiteError) -> Page {
        var records: [Record] = []
        let bounds = PageBounds(after: after, limit: limit, bytes: bytes)
        let through = try fill(bounds, strategy, topics, head: head) { row throws(SQLiteError) in
            let record = try record(row)
            records.append(record)
            return record.signed.size
        }
        return Page(records: records, through: through)
    }

    func page(
        after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int, into sink: inout some PageSink
    ) throws(StoreError) -> UInt64 {
        try read("page") { () throws(SQLiteError) in
            let head = try lastOffset()
            guard after < head else { return after }
            let bounds = PageBounds(after: after, limit: limit, bytes: bytes)
            return try fill(bounds, try strategy(topics, head: head), topics, head: head) {
                row throws(SQLiteError) in try RecordRow.give(row, to: &sink)
            }
        }
    }

    /// - take: a wanted row; gives the bytes that count of it.
    /// - Returns: the last offset looked at.
    private func fill(
        _ bounds: PageBounds, _ strategy: Strategy, _ topics: Set<UInt32>, head: UInt64,
        take: (Statement) throws(SQLiteError) -> Int
    ) throws(SQLiteError) -> UInt64 {
        var bounds = bounds
        let after = bounds.through
        let most = UInt64(StoreLimits.recordsScanned)
        let last = head - after > most ? after + most : head
        if strategy == .merge {
            let indexed = min(try connection.indexed(), last)
            if after < indexed { try merge(&bounds, topics, through: indexed, take) }
        }
        try scan(&bounds, topics, through: last, take)
        return bounds.through
    }

    /// A topic's last sequence is the number of its deliveries, so the topics' share of the log is known beforehand.
    private func strategy(_ topics: Set<UInt32>, head: UInt64) throws(SQLiteError) -> Strategy {
        guard topics.count <= SQLiteReader.mostMerged else { return .scan }
        var deliveries: UInt64 = 0
        for topic in topics {
            deliveries = deliveries.addingReportingOverflow(try indexedSequence(of: topic)).partialValue
            if deliveries > head / SQLiteReader.fetchCost { return .scan }
        }
        return .merge
    }

    private func scan(
        _ bounds: inout PageBounds, _ topics: Set<UInt32>, through last: UInt64,
        _ take: (Statement) throws(SQLiteError) -> Int
    ) throws(SQLiteError) {
        guard !bounds.isReached, bounds.through < last else { return }
        let select = try connection.statement(
            "SELECT \(RecordRow.columns) FROM alerts WHERE offset > ?1 AND offset <= ?2 ORDER BY offset")
        defer { select.reset() }
        try select.bind(bounds.through, at: 1)
        try select.bind(last, at: 2)
        while !bounds.isReached, try select.step() {
            let wanted = select.withBytes(RecordRow.deliveriesColumn) { Packing.contains($0, anyOf: topics) }
            guard let wanted else { throw RecordRow.damaged(select) }
            let offset = try select.unsigned(0)
            if wanted { bounds.take(try take(select)) }
            bounds.through = offset
        }
    }

    private func merge(
        _ bounds: inout PageBounds, _ topics: Set<UInt32>, through last: UInt64,
        _ take: (Statement) throws(SQLiteError) -> Int
    ) throws(SQLiteError) {
        let found = try offsets(
            after: bounds.through, through: last, topics: topics, limit: bounds.limit)
        for offset in found {
            let size = try row(at: offset, take)
            guard let size else { throw hole(at: offset) }
            bounds.take(size)
            bounds.through = offset
            if bounds.isReached { return }
        }
        // Fewer than the limit: no topic has more up to `last`.
        bounds.through = last
    }

    /// The first offsets, ascending, with a delivery on any of the topics; at most `limit` of them.
    private func offsets(
        after: UInt64, through: UInt64, topics: Set<UInt32>, limit: Int
    ) throws(SQLiteError) -> [UInt64] {
        let select = try connection.statement(
            """
            SELECT offset FROM deliveries WHERE topic = ?1 AND offset > ?2 AND offset <= ?3 ORDER BY offset LIMIT ?4
            """)
        defer { select.reset() }
        var found: Set<UInt64> = []
        // Once there are enough, later topics matter only below the last of them.
        var bound = through
        for topic in topics {
            try select.bind(Int64(topic), at: 1)
            try select.bind(after, at: 2)
            try select.bind(bound, at: 3)
            try select.bind(Int64(limit), at: 4)
            while try select.step() { found.insert(try select.unsigned(0)) }
            guard found.count >= limit else { continue }
            let first = found.sorted().prefix(limit)
            found = Set(first)
            bound = first.last ?? bound
        }
        return found.sorted()
    }
}

/// How far a page has come, and where it ends.
private struct PageBounds {
    /// The last offset looked at.
    var through: UInt64
    let limit: Int
    private let bytes: Int
    private var count = 0
    private var taken = 0

    init(after: UInt64, limit: Int, bytes: Int) {
        through = after
        self.limit = max(limit, 1)
        self.bytes = bytes
    }

    var isReached: Bool { count >= limit || count > 0 && taken >= bytes }

    mutating func take(_ bytes: Int) {
        count += 1
        taken += bytes
    }
}
