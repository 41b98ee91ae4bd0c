import SQLite

extension SQLiteReader {
    public func thread(of alert: [UInt8]) throws(StoreError) -> [Record] {
        try read("thread") { () throws(SQLiteError) in
            let named = try connection.statement(
                "SELECT offset FROM ids WHERE id = ?1 ORDER BY offset LIMIT ?2")
            try late.follow(connection)
            let offsets =
                try self.offsets(named, alert) + late.rows.filter { $0.alert == alert }.map(\.offset)
            var found: [UInt64: Record] = [:]
            for offset in offsets.prefix(StoreLimits.recordsInThread) { found[offset] = try fetched(offset) }
            let referring = try connection.statement(
                "SELECT offset FROM alert_references WHERE target = ?1 ORDER BY offset LIMIT ?2")
            // An alert can refer to one that refers back: each id is followed once.
            var waiting = [alert]
            var followed: Set<[UInt8]> = [alert]
            while let target = waiting.popLast(), found.count < StoreLimits.recordsInThread {
                for offset in try self.offsets(referring, target) where found[offset] == nil {
                    let record = try fetched(offset)
                    found[offset] = record
                    if followed.insert(record.alert).inserted { waiting.append(record.alert) }
                    if found.count >= StoreLimits.recordsInThread { break }
                }
            }
            return found.values.sorted { $0.offset < $1.offset }
        }
    }

    private func offsets(_ select: Statement, _ id: [UInt8]) throws(SQLiteError) -> [UInt64] {
        try select.bind(id, at: 1)
        try select.bind(Int64(StoreLimits.recordsInThread), at: 2)
        defer { select.reset() }
        var offsets: [UInt64] = []
        while try select.step() { offsets.append(try select.unsigned(0)) }
        return offsets
    }

    private func fetched(_ offset: UInt64) throws(SQLiteError) -> Record {
        guard let record = try stored(at: offset) else { throw hole(at: offset) }
        return record
    }

    public func outcomes(
        post: String, epoch: UInt64, sequences: ClosedRange<UInt64>
    ) throws(StoreError) -> [Outcome] {
        guard sequences.lowerBound <= LogTail.greatest else { return [] }
        return try read("outcomes") { () throws(SQLiteError) in
            var outcomes: [UInt64: Outcome] = [:]
            // The newest refusal of a sequence wins, and being stored wins over any.
            let refused = try connection.statement(
                """
                SELECT sequence, code, reason FROM refusals
                WHERE post = ?1 AND epoch = ?2 AND sequence BETWEEN ?3 AND ?4 ORDER BY number
                """)
            try bind(refused, post, epoch, sequences)
            defer { refused.reset() }
            while try refused.step() {
                let sequence = try refused.unsigned(0)
                outcomes[sequence] = .refused(
                    sequence: sequence, code: refused.text(1), reason: refused.text(2))
            }
            let stored = try connection.statement(
                """
                SELECT sequences.sequence, offset, id FROM sequences JOIN alerts USING (offset)
                WHERE sequences.position = (SELECT number FROM positions WHERE post = ?1 AND epoch = ?2)
                    AND sequences.sequence BETWEEN ?3 AND ?4
                """)
            try bind(stored, post, epoch, sequences)
            defer { stored.reset() }
            while try stored.step() {
                let sequence = try stored.unsigned(0)
                outcomes[sequence] = .stored(
                    sequence: sequence, offset: try stored.unsigned(1), alert: stored.bytes(2))
            }
            try late.follow(connection)
            let stream = LogTail.Stream(post: post, epoch: epoch)
            for row in late.rows where sequences.contains(row.sequence) {
                guard try self.stream(row.position) == stream else { continue }
                outcomes[row.sequence] = .stored(
                    sequence: row.sequence, offset: row.offset, alert: row.alert)
            }
            return outcomes.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func bind(
        _ select: Statement, _ post: String, _ epoch: UInt64, _ sequences: ClosedRange<UInt64>
    ) throws(SQLiteError) {
        try select.bind(post, at: 1)
        try select.bind(Int64(bitPattern: epoch), at: 2)
        try select.bind(sequences.lowerBound, at: 3)
        try select.bind(min(sequences.upperBound, LogTail.greatest), at: 4)
    }
}
