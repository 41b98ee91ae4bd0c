import SQLite

extension SQLiteReader {
    func outcomes(
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
