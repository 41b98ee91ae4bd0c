import SQLite

/// What a log's file has beside its alerts, compared with them: SQLite's own structure, the late indexes and the index of
/// references. Reads only, and each time what is committed by then.
final class SQLiteConsistency: ConsistencyCheck {
    let title = "SQLite checks the file"
    private let log: SQLiteReader
    private let from: UInt64
    private let through: UInt64
    private let isWhole: Bool
    /// The late indexes were complete up to this offset when this began.
    private let indexed: UInt64
    private let hasIdentifiers: Bool
    /// Deliveries of the alerts up to there.
    private var deliveries: UInt64 = 0

    init(_ log: SQLiteReader, from: UInt64, through: UInt64, head: UInt64) throws(StoreError) {
        self.log = log
        self.from = from
        self.through = through
        isWhole = from == 1 && through == head
        (indexed, hasIdentifiers) = try log.read("outline") { () throws(SQLiteError) in
            (try log.connection.indexed(), try log.connection.hasIdentifiers())
        }
    }

    /// SQLite's own check of the file's structure and of every index (sqlite.org/pragma.html#pragma_integrity_check).
    /// One long read: meanwhile the WAL of a running hub grows.
    func structure(limit: Int) throws(StoreError) -> [String] {
        var problems: [String] = []
        do throws(SQLiteError) {
            let check = try log.connection.statement("PRAGMA integrity_check(\(max(limit, 1)))")
            defer { check.reset() }
            while try check.step() {
                let line = check.text(0)
                if line != "ok" { problems.append("SQLite: \(line)") }
            }
        } catch {
            // A file that is damaged badly enough makes the check itself fail.
            guard case .corrupt = error.code else {
                throw StoreError(error, operation: "integrity check", path: log.path)
            }
            return ["SQLite: \(error.message)"]
        }
        let strays = try count("SELECT count(*) FROM alerts WHERE offset < 1")
        if strays > 0 { problems.append("\(strays) rows have an offset below 1") }
        return problems
    }

    func problems(of record: Record) throws(StoreError) -> [String] {
        var problems: [String] = []
        if record.offset <= indexed {
            for delivery in record.deliveries {
                deliveries += 1
                let sequence = try number(
                    "SELECT sequence FROM deliveries WHERE topic = ?1 AND offset = ?2",
                    UInt64(delivery.topic),
                    record.offset)
                if sequence != Int64(bitPattern: delivery.sequence) {
                    problems.append("the deliveries index does not have it on topic \(delivery.topic)")
                }
            }
            let found = try number(
                """
                SELECT 1 FROM alerts
                JOIN sequences USING (position, sequence, offset) JOIN ids USING (id, offset) WHERE offset = ?1
                """, record.offset)
            if found == nil { problems.append("it can't be found by its id and its post's sequence") }
        }
        if record.erased != nil, hasIdentifiers,
            try number("SELECT 1 FROM identifiers WHERE offset = ?1", record.offset) != nil
        {
            problems.append("its content is erased, and the index still has its identifiers")
        }
        for target in record.references where try !isReferenced(target, from: record.offset) {
            problems.append("the index of references does not have it")
        }
        return problems
    }

    func problems() throws(StoreError) -> [String] {
        var problems: [String] = []
        let entries = try count(
            "SELECT count(*) FROM deliveries WHERE offset > ?1 AND offset <= ?2", from - 1,
            min(through, indexed))
        if entries != deliveries {
            problems.append("the deliveries index has \(entries) entries for \(deliveries) deliveries")
        }
        guard isWhole else { return problems }
        // Of one moment, as a running hub adds to both.
        if try count(
            "SELECT count(*) FROM deliveries WHERE offset > (SELECT coalesce(max(offset), 0) FROM alerts)")
            > 0
        {
            problems.append("the deliveries index has entries after the last offset")
        }
        for name in ["ids", "sequences"] {
            let entries = try count("SELECT count(*) FROM \(name) WHERE offset <= ?1", indexed)
            if entries != indexed {
                problems.append("the index of \(name) has \(entries) entries for \(indexed) alerts")
            }
        }
        return problems
    }

    private func isReferenced(_ target: [UInt8], from offset: UInt64) throws(StoreError) -> Bool {
        try log.read("references") { () throws(SQLiteError) in
            let select = try log.connection.statement(
                "SELECT 1 FROM alert_references WHERE target = ?1 AND offset = ?2")
            defer { select.reset() }
            try select.bind(target, at: 1)
            try select.bind(offset, at: 2)
            return try select.step()
        }
    }

    private func count(_ sql: String, _ offsets: UInt64...) throws(StoreError) -> UInt64 {
        UInt64(clamping: try number(sql, offsets) ?? 0)
    }

    private func number(_ sql: String, _ values: UInt64...) throws(StoreError) -> Int64? {
        try number(sql, values)
    }

    /// The number in the first row; nil where there is no row.
    private func number(_ sql: String, _ values: [UInt64]) throws(StoreError) -> Int64? {
        try log.read("index") { () throws(SQLiteError) in
            let select = try log.connection.statement(sql)
            defer { select.reset() }
            for (place, value) in values.enumerated() {
                try select.bind(min(value, LogTail.greatest), at: place + 1)
            }
            return try select.step() ? select.integer(0) : nil
        }
    }
}
