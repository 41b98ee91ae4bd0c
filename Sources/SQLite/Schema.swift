/// A database's tables, as the steps that lead to them. A step is never edited once it has been released.
public struct Schema: Sendable {
    public struct Step: Sendable {
        /// Said when the step fails.
        public var name: String
        public var sql: String

        public init(name: String, sql: String) {
            self.name = name
            self.sql = sql
        }
    }

    /// What a database file holds, compared with the schema.
    public enum Verdict: Sendable, Equatable {
        /// Nothing yet.
        case empty
        case current
        /// An older version of ours.
        case older(Int)
        /// A version that this program does not know.
        case newer(Int)
        /// Ours, of a format that has ended: no step leads from it to this one.
        case ended
        /// Another program's database.
        case foreign
        /// Ours, and without its version: not left so by any program of ours.
        case damaged
    }

    /// Tells our databases from others (`PRAGMA application_id`).
    public var application: Int32
    /// The application id of the format before this one, which is not read any more; nil: there was none.
    public var ended: Int32?
    /// In order; the version of a database is the number of steps it has had (`PRAGMA user_version`).
    public var steps: [Step]

    public init(application: Int32, ended: Int32? = nil, steps: [Step]) {
        self.application = application
        self.ended = ended
        self.steps = steps
    }

    public func inspect(_ connection: Connection) throws(SQLiteError) -> Verdict {
        // In one transaction: the numbers from before another program's migration and the tables from after it would look
        // like somebody else's database.
        try connection.transaction(.deferred, look(connection))
    }

    private func look(_ connection: Connection) throws(SQLiteError) -> Verdict {
        let version = Int(try connection.number("PRAGMA user_version"))
        let found = try connection.number("PRAGMA application_id")
        if let ended, found == Int64(ended) { return .ended }
        guard found == Int64(application) else {
            let tables = try connection.number("SELECT count(*) FROM sqlite_schema")
            return tables == 0 && version == 0 ? .empty : .foreign
        }
        guard version >= 1 else { return .damaged }
        if version == steps.count { return .current }
        return version > steps.count ? .newer(version) : .older(version)
    }

    /// Takes the missing steps, all in one transaction; does nothing to a database that is newer, of an ended format or foreign.
    /// - Returns: what was found.
    @discardableResult
    public func migrate(_ connection: Connection) throws(SQLiteError) -> Verdict {
        try connection.transaction(.immediate) { () throws(SQLiteError) in
            let found = try look(connection)
            let missing: ArraySlice<Step> =
                switch found {
                case .empty: steps[...]
                case .older(let version): steps.dropFirst(version)
                case .current, .newer, .ended, .foreign, .damaged: []
                }
            guard !missing.isEmpty else { return found }
            for step in missing {
                do throws(SQLiteError) {
                    try connection.execute(step.sql)
                } catch {
                    var error = error
                    error.operation = "migrate (\(step.name))"
                    throw error
                }
            }
            try connection.execute(
                "PRAGMA application_id = \(application); PRAGMA user_version = \(steps.count)")
            return found
        }
    }
}

extension Connection {
    /// The first column of the first row as a number; 0 where there is no row.
    public func number(_ sql: String) throws(SQLiteError) -> Int64 {
        let statement = try statement(sql)
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : 0
    }

    /// Turns on write-ahead logging, with a sync at each commit.
    /// - checkpointPages: pages in the log at which a commit copies them to the database.
    public func useWriteAheadLog(checkpointPages: Int = 1_000) throws(SQLiteError) {
        var tries = 0
        while true {
            do throws(SQLiteError) {
                try switchToWriteAheadLog()
                break
            } catch {
                // The switch doesn't wait for who is writing, as other statements do; a transaction waits in its place.
                tries += 1
                guard error.code == .busy, tries < Connection.mostSwitches else { throw error }
                try transaction(.immediate) { () throws(SQLiteError) in }
            }
        }
        try execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = \(checkpointPages)")
    }

    /// Tries to turn on write-ahead logging while others open the same new file.
    static let mostSwitches = 100

    private func switchToWriteAheadLog() throws(SQLiteError) {
        let mode = try statement("PRAGMA journal_mode = WAL")
        defer { mode.reset() }
        guard try mode.step(), mode.text(0) == "wal" else {
            throw SQLiteError(
                operation: "open", code: .cannotOpen,
                message: "this file system does not allow write-ahead logging")
        }
    }
}
