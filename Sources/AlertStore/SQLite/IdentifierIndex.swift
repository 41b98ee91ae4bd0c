import Alerts
import SQLite

/// Which alerts have which plates, vessels and documents: written late, as ``LateIndexes`` is, and gone with an alert's content.
///
/// An alert's entries are together in the table, by its offset, and so they can be deleted without knowing what they are.
enum IdentifierIndex {
    /// Beside the tables of format 2: a log without them is opened, and what it holds is indexed late. `identified` is the offset
    /// up to which that is done; it follows `indexed`.
    static let sql = """
        CREATE TABLE IF NOT EXISTS identifiers (
            offset INTEGER NOT NULL,
            scheme INTEGER NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (offset, scheme, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS identifiers_by_value ON identifiers (scheme, value);
        INSERT OR IGNORE INTO meta VALUES ('identified', 0);
        """
}

extension Identifier.Scheme {
    /// In the table.
    var number: Int64 {
        switch self {
        case .plate: 1
        case .vessel: 2
        case .document: 3
        }
    }
}

extension Connection {
    /// Makes what a log of an older hub lacks.
    func addIdentifiers() throws(SQLiteError) {
        guard try !hasIdentifiers() else { return }
        try transaction(.immediate, execute(IdentifierIndex.sql))
    }

    func hasIdentifiers() throws(SQLiteError) -> Bool {
        try number("SELECT count(*) FROM sqlite_schema WHERE name = 'identifiers_by_value'") > 0
    }

    /// The offset up to which all alerts are indexed by their identifiers; nil: of a log that no hub with this index has written.
    func identified() throws(SQLiteError) -> UInt64? {
        guard try hasIdentifiers() else { return nil }
        return UInt64(clamping: try number("SELECT value FROM meta WHERE name = 'identified'"))
    }

    /// Enters what is not erased meanwhile: then nothing of it may be left anywhere.
    func index(_ entries: [IdentifierEntry]) throws(SQLiteError) {
        guard !entries.isEmpty else { return }
        let insert = try statement(
            """
            INSERT OR IGNORE INTO identifiers (offset, scheme, value)
            SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM alerts WHERE offset = ?1 AND erased IS NULL)
            """)
        for entry in entries {
            try insert.bind(entry.offset, at: 1)
            try insert.bind(entry.identifier.scheme.number, at: 2)
            try insert.bind(entry.identifier.value, at: 3)
            try insert.run()
        }
    }

    /// What alerts say of themselves, for `after < offset <= through`; nothing of those whose content is erased.
    func identifiers(after: UInt64, through: UInt64 = LogTail.greatest) throws(SQLiteError)
        -> [IdentifierEntry]
    {
        let select = try statement(
            """
            SELECT offset, payload FROM alerts WHERE offset > ?1 AND offset <= ?2 AND erased IS NULL ORDER BY offset
            """)
        defer { select.reset() }
        try select.bind(min(after, LogTail.greatest), at: 1)
        try select.bind(min(through, LogTail.greatest), at: 2)
        var entries: [IdentifierEntry] = []
        while try select.step() {
            let offset = try select.unsigned(0)
            for identifier in Identifier.all(in: select.bytes(1)) {
                entries.append(IdentifierEntry(offset: offset, identifier: identifier))
            }
        }
        return entries
    }

    /// Deletes all entries of an alert.
    func forgetIdentifiers(of offset: UInt64) throws(SQLiteError) {
        let delete = try statement("DELETE FROM identifiers WHERE offset = ?1")
        try delete.bind(offset, at: 1)
        try delete.run()
    }
}

/// What a reader has seen of the identifiers that the index lacks. It keeps them, so that each alert is read once.
struct LateIdentifiers {
    private(set) var entries: [IdentifierEntry] = []
    private var through: UInt64 = 0

    /// Brings them up to date, within the read of the lookup that asks.
    mutating func follow(_ connection: Connection) throws(SQLiteError) {
        let indexed = try connection.indexed()
        entries.removeAll { $0.offset <= indexed }
        through = max(through, indexed)
        entries += try connection.identifiers(after: through)
        through = max(through, UInt64(clamping: try connection.number("SELECT max(offset) FROM alerts")))
    }
}

extension SQLiteReader {
    func alerts(with identifiers: [Identifier], limit: Int) throws(StoreError) -> IdentifierMatches {
        try read("look up identifiers in") { () throws(SQLiteError) in
            try lateIdentifiers.follow(connection)
            var entries = lateIdentifiers.entries.filter { identifiers.contains($0.identifier) }
            let identified = try connection.identified()
            if identified != nil {
                let select = try connection.statement(
                    """
                    SELECT offset FROM identifiers WHERE scheme = ?1 AND value = ?2 ORDER BY offset DESC LIMIT ?3
                    """)
                defer { select.reset() }
                for identifier in identifiers {
                    try select.bind(identifier.scheme.number, at: 1)
                    try select.bind(identifier.value, at: 2)
                    try select.bind(Int64(max(limit, 0)) + 1, at: 3)
                    while try select.step() {
                        entries.append(
                            IdentifierEntry(offset: try select.unsigned(0), identifier: identifier))
                    }
                }
            }
            let isThere = try connection.statement(
                "SELECT 1 FROM alerts WHERE offset = ?1 AND erased IS NULL")
            var there: [IdentifierEntry] = []
            for entry in entries {
                defer { isThere.reset() }
                try isThere.bind(entry.offset, at: 1)
                if try isThere.step() { there.append(entry) }
            }
            return IdentifierMatches(
                there, limit: limit, isComplete: identified ?? 0 >= (try connection.indexed()))
        }
    }
}
