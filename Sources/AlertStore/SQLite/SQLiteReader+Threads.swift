import SQLite

extension SQLiteReader {
    func thread(of alert: [UInt8]) throws(StoreError) -> AlertThread {
        try read("thread") { () throws(SQLiteError) in
            var found: [UInt64: AlertThread.Member] = [:]
            for offset in try offsets(of: alert) {
                guard let row = try rows(Self.one, offset: offset).first else { throw hole(at: offset) }
                found[offset] = row.member
            }
            var thread = AlertThread()
            thread.author = found.min { $0.key < $1.key }?.value.post
            // An alert can refer to one that refers back: each id is followed once, and the author's own ones first.
            var own = [alert]
            var others: [[UInt8]] = []
            var followed: Set<[UInt8]> = [alert]
            while let target = own.popLast() ?? others.popLast() {
                let limit = StoreLimits.threadMembers + 1
                for row in try rows(Self.referring, target: target, limit: limit) {
                    guard found.updateValue(row.member, forKey: row.member.offset) == nil,
                        followed.insert(row.id).inserted
                    else { continue }
                    if row.member.post == thread.author { own.append(row.id) } else { others.append(row.id) }
                }
                thread.isCut = found.count > StoreLimits.threadMembers
                if thread.isCut { break }
            }
            thread.members = found.values.sorted { $0.offset < $1.offset }
            return thread
        }
    }

    /// Of the alerts of this id; of all but a log of an older hub's one at most.
    func offsets(named alert: [UInt8]) throws(StoreError) -> [UInt64] {
        try read("thread", offsets(of: alert))
    }

    func referring(to alert: [UInt8], limit: Int) throws(StoreError) -> [AlertThread.Member] {
        try read("references", rows(Self.referring, target: alert, limit: limit).map(\.member))
    }

    private typealias Row = (member: AlertThread.Member, id: [UInt8])

    private static let one = "SELECT offset, position, id, deliveries FROM alerts WHERE offset = ?1"
    private static let referring = """
        SELECT offset, position, id, deliveries FROM alert_references JOIN alerts USING (offset)
        WHERE target = ?1 ORDER BY offset LIMIT ?2
        """

    private func offsets(of alert: [UInt8]) throws(SQLiteError) -> [UInt64] {
        let named = try connection.statement("SELECT offset FROM ids WHERE id = ?1 ORDER BY offset LIMIT ?2")
        try late.follow(connection)
        try named.bind(alert, at: 1)
        try named.bind(Int64(StoreLimits.threadMembers), at: 2)
        defer { named.reset() }
        var offsets: [UInt64] = []
        while try named.step() { offsets.append(try named.unsigned(0)) }
        return offsets + late.rows.filter { $0.alert == alert }.map(\.offset)
    }

    private func rows(_ sql: String, offset: UInt64) throws(SQLiteError) -> [Row] {
        let select = try connection.statement(sql)
        try select.bind(offset, at: 1)
        return try rows(select)
    }

    private func rows(_ sql: String, target: [UInt8], limit: Int) throws(SQLiteError) -> [Row] {
        let select = try connection.statement(sql)
        try select.bind(target, at: 1)
        try select.bind(Int64(limit), at: 2)
        return try rows(select)
    }

    private func rows(_ select: Statement) throws(SQLiteError) -> [Row] {
        defer { select.reset() }
        var rows: [Row] = []
        while try select.step() {
            guard let deliveries = select.withBytes(3, Packing.deliveries) else {
                throw RecordRow.damaged(select)
            }
            let member = AlertThread.Member(
                offset: try select.unsigned(0), post: try stream(select.integer(1)).post,
                topics: deliveries.map(\.topic))
            rows.append((member, select.bytes(2)))
        }
        return rows
    }
}
