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
                    """),
            Schema.Step(
                name: "repeats and totals",
                sql: """
                    ALTER TABLE events ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
                    ALTER TABLE events ADD COLUMN last INTEGER;
                    DROP INDEX events_by_identity;
                    CREATE INDEX events_by_action ON events (identity, action, number);
                    CREATE TABLE totals (
                        identity TEXT NOT NULL,
                        action TEXT NOT NULL,
                        events INTEGER NOT NULL,
                        bytes INTEGER NOT NULL,
                        PRIMARY KEY (identity, action)
                    ) STRICT, WITHOUT ROWID;
                    INSERT INTO totals SELECT identity, action, count(*), sum(octet_size) FROM
                        (SELECT identity, action, length(CAST(subject AS BLOB)) + 100 AS octet_size FROM events)
                        GROUP BY identity, action;
                    CREATE TRIGGER events_added AFTER INSERT ON events BEGIN
                        INSERT INTO totals VALUES (new.identity, new.action, 1, length(CAST(new.subject AS BLOB)) + 100)
                        ON CONFLICT (identity, action) DO UPDATE SET
                            events = events + 1, bytes = bytes + excluded.bytes;
                    END;
                    CREATE TRIGGER events_removed AFTER DELETE ON events BEGIN
                        UPDATE totals SET events = events - 1, bytes = bytes - length(CAST(old.subject AS BLOB)) - 100
                        WHERE identity = old.identity AND action = old.action;
                    END;
                    """),
        ])
}
