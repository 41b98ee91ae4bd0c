import SQLite

extension SQLiteBackend {
    /// Of a record of who reads that stands alone, as in a backup.
    package static func auditReader(of file: String) throws(StoreError) -> any AuditReader {
        try SQLiteAuditReader(path: file)
    }

    /// The epoch in which each post is: what a log in another store is made from beside what every reader tells.
    package func currentEpochs() throws(StoreError) -> [String: UInt64] {
        let reader = try SQLiteReader(path: location)
        let epochs = try reader.read("read positions of") { () throws(SQLiteError) in
            let select = try reader.connection.statement(
                "SELECT post, epoch FROM positions WHERE current = 1")
            defer { select.reset() }
            var epochs: [String: UInt64] = [:]
            while try select.step() { epochs[select.text(0)] = UInt64(bitPattern: select.integer(1)) }
            return epochs
        }
        try reader.close()
        return epochs
    }
}
