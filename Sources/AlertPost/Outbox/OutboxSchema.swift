import SQLite

/// The tables of the outbox. Steps are added at the end, and never edited once released.
enum OutboxSchema {
    /// `BWo2`: its alerts are signed as protocol version 2 says. One of version 1 (`BWob`) is refused.
    static let application: Int32 = 0x4257_6F32
    static let ended: Int32 = 0x4257_6F62
    /// Pages in the WAL at which the next commit copies them to the database: 4 MiB.
    static let checkpointPages = 1_000

    static let schema = Schema(
        application: application, ended: ended, steps: [outbox, ids, origin, related, threads])

    /// `outbox` has one row. The last sequence is kept apart from the alerts, which can be pruned; how many wait is kept,
    /// so that an append need not count a million rows. An epoch is below 2^63: a number in any language.
    private static let outbox = Schema.Step(
        name: "the outbox",
        sql: """
            CREATE TABLE outbox (epoch INTEGER NOT NULL, last INTEGER NOT NULL, waiting INTEGER NOT NULL) STRICT;
            INSERT INTO outbox VALUES (max(1, random() & 9223372036854775807), 0, 0);

            CREATE TABLE alerts (
                epoch INTEGER NOT NULL,
                sequence INTEGER NOT NULL,
                state INTEGER NOT NULL,
                queued INTEGER NOT NULL,
                answered INTEGER,
                offset INTEGER,
                code TEXT,
                reason TEXT,
                id BLOB NOT NULL,
                signature BLOB NOT NULL,
                header BLOB NOT NULL,
                payload BLOB NOT NULL,
                PRIMARY KEY (epoch, sequence)
            ) STRICT;
            CREATE INDEX alerts_waiting ON alerts (sequence) WHERE state = 0;
            CREATE INDEX alerts_rejected ON alerts (answered) WHERE state = 2;
            CREATE INDEX alerts_answered ON alerts (answered) WHERE answered IS NOT NULL;
            """)

    /// A program that tries again names the id that it named before.
    private static let ids = Schema.Step(name: "ids", sql: "CREATE INDEX alerts_by_id ON alerts (id);")

    /// The daemon makes an alert's topic of it, without looking into the payload each time it sends. A payload that is no
    /// JSON text has none.
    private static let origin = Schema.Step(
        name: "origins",
        sql: """
            ALTER TABLE alerts ADD COLUMN origin TEXT;
            UPDATE alerts SET origin = json_extract(CAST(payload AS TEXT), '$.provinces[0]')
            WHERE json_valid(CAST(payload AS TEXT));
            """)

    /// What the hub says that alerts may be related to: bodies of ``Reply/related(_:)``.
    private static let related = Schema.Step(
        name: "related alerts",
        sql: """
            CREATE TABLE related (id BLOB PRIMARY KEY, told INTEGER NOT NULL, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
            """)

    /// Which alerts refer to which, and what is to be erased. `erased` is the digest of a content that is gone. `closes` is 1 of a
    /// Cancel that says that whoever it sought is safe, and 2 once its thread is erased.
    private static let threads = Schema.Step(
        name: "threads",
        sql: """
            ALTER TABLE alerts ADD COLUMN erased BLOB;
            ALTER TABLE alerts ADD COLUMN closes INTEGER NOT NULL DEFAULT 0;
            UPDATE alerts SET closes = 1 WHERE json_valid(CAST(payload AS TEXT))
                AND json_extract(CAST(payload AS TEXT), '$.msgType') = 'Cancel'
                AND json_extract(CAST(payload AS TEXT), '$.resolution') = 'safe';
            CREATE INDEX alerts_closing ON alerts (epoch, sequence) WHERE closes = 1;

            CREATE TABLE referring (target TEXT NOT NULL, id BLOB NOT NULL, PRIMARY KEY (target, id)) STRICT, WITHOUT ROWID;
            CREATE INDEX referring_by_id ON referring (id);
            INSERT OR IGNORE INTO referring
                SELECT lower(named.value), alerts.id FROM alerts, json_each(
                    CASE WHEN json_valid(CAST(payload AS TEXT)) THEN CAST(payload AS TEXT) ELSE '{}' END,
                    '$.references') AS named
                WHERE typeof(named.value) = 'text'
                UNION ALL
                SELECT lower(json_extract(CAST(payload AS TEXT), '$.sighting.of')), id FROM alerts
                WHERE json_valid(CAST(payload AS TEXT))
                    AND json_type(CAST(payload AS TEXT), '$.sighting.of') = 'text';
            CREATE TRIGGER alerts_forgotten AFTER DELETE ON alerts BEGIN
                DELETE FROM referring WHERE id = OLD.id;
            END;
            """)

    /// `alerts.state`.
    enum State: Int64 {
        case queued = 0
        case stored = 1
        case rejected = 2
    }
}
