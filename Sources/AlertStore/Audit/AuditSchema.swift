import SQLite

enum AuditSchema {
    /// `BWau`.
    static let application: Int32 = 0x4257_6175
    /// Pages in the WAL at which the next commit copies them to the database: 1 MiB, an eighth of the size that the WAL has
    /// while the file keeps its room.
    static let checkpointPages = 256
    /// KiB of the page cache: it only appends.
    static let cache = 256

    static let schema = Schema(
        application: application,
        steps: [
            Schema.Step(
                name: "the audit",
                sql: """
                    CREATE TABLE events (
                        number INTEGER PRIMARY KEY,
                        at INTEGER NOT NULL,
                        identity TEXT NOT NULL,
                        action TEXT NOT NULL,
                        subject TEXT NOT NULL,
                        after INTEGER,
                        through INTEGER,
                        alerts INTEGER
                    ) STRICT;
                    CREATE INDEX events_by_identity ON events (identity, number);
                    """)
        ])
}
