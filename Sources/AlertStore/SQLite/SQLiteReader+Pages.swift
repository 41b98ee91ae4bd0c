import SQLite

// Pages are read in one of two ways, which give the same page:
// - merge: the topics' ranges of the deliveries index are merged, and each record is fetched by its offset;
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

    public func page(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) throws(StoreError) -> Page {
        try read("page") { () throws(SQLiteError) in
            let head = try lastOffset()
            guard after < head else { return Page(records: [], through: after) }
            let strategy = try strategy(topics, head: head)
            return try page(
                strategy, after: after, topics: topics, limit: max(limit, 1), bytes: bytes, head: head)
        }
    }

    func page(
        _ strategy: Strategy, after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int, head: UInt64
    ) throws(SQLiteError) -> Page {
        switch strategy {
        case .merge: try merge(after: after, topics: topics, limit: limit, bytes: bytes, head: head)
        case .scan: try scan(after: after, topics: topics, limit: limit, bytes: bytes)
        }
    }

    /// A topic's last sequence is the number of its deliveries, so the topics' share of the log is known beforehand.
    private func strategy(_ topics: Set<UInt32>, head: UInt64) throws(SQLiteError) -> Strategy {
        guard topics.count <= SQLiteReader.mostMerged else { return .scan }
        var deliveries: UInt64 = 0
        for topic in topics {
            deliveries = deliveries.addingReportingOverflow(try lastSequence(of: topic)).partialValue
            if deliveries > head / SQLiteReader.fetchCost { return .scan }
        }
        return .merge
    }

    private func scan(after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int) throws(SQLiteError) -> Page
    {
        let select = try connection.statement(
            "SELECT \(RecordRow.columns) FROM alerts WHERE offset > ?1 ORDER BY offset")
        defer { select.reset() }
        try select.bind(after, at: 1)
        var page = Page(records: [], through: after)
        var taken = 0
        var scanned = 0
        while scanned < StoreLimits.recordsScanned, try select.step() {
            scanned += 1
            page.through = try select.unsigned(0)
            guard
                let wanted = select.withBytes(
                    RecordRow.deliveriesColumn, { Packing.contains($0, anyOf: topics) })
            else { throw RecordRow.damaged(select) }
            guard wanted else { continue }
            let record = try record(select)
            page.records.append(record)
            taken += record.pageBytes
            if page.records.count == limit || taken >= bytes { break }
        }
        return page
    }

    private func merge(
        after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int, head: UInt64
    ) throws(SQLiteError) -> Page {
        let last =
            head - after > UInt64(StoreLimits.recordsScanned)
            ? after + UInt64(StoreLimits.recordsScanned) : head
        let offsets = try offsets(after: after, through: last, topics: topics, limit: limit)
        // Fewer than the limit means that no topic has more up to `last`.
        var page = Page(records: [], through: offsets.count < limit ? last : offsets[limit - 1])
        var taken = 0
        for offset in offsets {
            guard let record = try stored(at: offset) else { throw hole(at: offset) }
            page.records.append(record)
            taken += record.pageBytes
            if taken >= bytes {
                page.through = offset
                break
            }
        }
        return page
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

extension Record {
    /// What a page's byte limit counts.
    var pageBytes: Int { header.count + payload.count + signature.count }
}
