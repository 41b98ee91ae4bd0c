import SQLite

/// The tables of the log. Steps are added at the end, and never edited once released.
enum StoreSchema {
    /// `BWl2`: record format 2. A log of format 1 (`BWlg`) is refused: what its posts signed, and its chain, are of the first
    /// protocol version, and nobody but they could sign it anew.
    static let application: Int32 = 0x4257_6C32
    static let ended: Int32 = 0x4257_6C67

    /// Bytes; for a database made here. 4 KiB pages hold 4 alerts of 880 bytes and waste a seventh of the disk, 8 KiB hold 9;
    /// larger ones make each small commit write more.
    static let pageSize = 8_192
    /// Pages in the WAL at which the ``Checkpointer`` copies them to the database: 4 MiB, about 5 ms.
    static let checkpointPages = 512
    /// Pages in the WAL at which a commit copies them itself: where commits follow each other so closely that the checkpointer
    /// always leaves some, the WAL would grow without end.
    static let mostPages = 2_048
    /// Bytes: a WAL that a slow reader let grow is cut back to this.
    static let longestIdleWAL = 67_108_864
    /// KiB of the writer's page cache: the right-hand edges of all indexes.
    static let cache = 16_384

    static let schema = Schema(application: application, ended: ended, steps: [log])

    /// What readers and answers have come of alerts, beside the log: no step, which an older hub would refuse the log for. It
    /// leaves these tables as they are, and knows nothing of what comes meanwhile.
    ///
    /// `receipts`: by identity and topic, as ``Receipt``. `duty`: who is on duty from which offset on. `progress`: when an alert
    /// was first seen, acknowledged and sighted by somebody else than its author; only of alerts of which something came.
    /// `escalations`: what was told of alerts that nobody looked at or took over. `outages`: when no hub ran, which is no time of
    /// waiting.
    static let responses = """
        CREATE TABLE IF NOT EXISTS receipts (
            identity TEXT NOT NULL,
            topic INTEGER NOT NULL,
            ranges BLOB NOT NULL,
            PRIMARY KEY (identity, topic)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS duty (
            since INTEGER NOT NULL,
            identity TEXT NOT NULL,
            provinces TEXT NOT NULL,
            PRIMARY KEY (since, identity)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS progress (
            offset INTEGER PRIMARY KEY,
            seen INTEGER,
            acknowledged INTEGER,
            sighted INTEGER
        ) STRICT;
        CREATE TABLE IF NOT EXISTS escalations (
            number INTEGER PRIMARY KEY,
            offset INTEGER NOT NULL,
            reason TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS outages (since INTEGER NOT NULL, until INTEGER PRIMARY KEY) STRICT;
        """

    /// `erased` takes the place of an erased payload: its digest. `retention` says when which alert stops being of use, for
    /// those up to the offset `judged`; a row goes when its alert has been erased. `sequences`, `ids` and `deliveries` are
    /// tables and not indexes of SQLite's own, which are written with every alert: ``LateIndexes`` says why.
    ///
    /// Small columns stand before the large ones, which may continue on overflow pages: a scan that filters by
    /// deliveries does not read those. All numbers fit Int64; epochs are bit patterns of a UInt64.
    private static let log = Schema.Step(
        name: "the log",
        sql: """
            CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            INSERT INTO meta VALUES ('log', (random() & 0x7FFFFFFFFFFFFFFF) | 1), ('indexed', 0), ('judged', 0), ('erasures', 0);

            CREATE TABLE positions (
                number INTEGER PRIMARY KEY,
                post TEXT NOT NULL,
                epoch INTEGER NOT NULL,
                through INTEGER NOT NULL,
                current INTEGER NOT NULL,
                UNIQUE (post, epoch)
            ) STRICT;

            CREATE TABLE topics (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

            CREATE TABLE alerts (
                offset INTEGER PRIMARY KEY,
                position INTEGER NOT NULL,
                sequence INTEGER NOT NULL,
                received INTEGER NOT NULL,
                id BLOB NOT NULL,
                deliveries BLOB NOT NULL,
                refers BLOB NOT NULL,
                hash BLOB NOT NULL,
                chains BLOB NOT NULL,
                signature BLOB NOT NULL,
                header BLOB NOT NULL,
                payload BLOB NOT NULL,
                erased BLOB
            ) STRICT;

            CREATE TABLE sequences (
                position INTEGER NOT NULL,
                sequence INTEGER NOT NULL,
                offset INTEGER NOT NULL,
                PRIMARY KEY (position, sequence)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE ids (id BLOB NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (id, offset)) STRICT, WITHOUT ROWID;

            CREATE TABLE alert_references (target BLOB NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (target, offset))
                STRICT, WITHOUT ROWID;

            CREATE TABLE deliveries (
                topic INTEGER NOT NULL,
                offset INTEGER NOT NULL,
                sequence INTEGER NOT NULL,
                PRIMARY KEY (topic, offset)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE refusals (
                number INTEGER PRIMARY KEY,
                post TEXT NOT NULL,
                epoch INTEGER NOT NULL,
                sequence INTEGER NOT NULL,
                received INTEGER NOT NULL,
                code TEXT NOT NULL,
                reason TEXT NOT NULL
            ) STRICT;
            CREATE INDEX refusals_by_sequence ON refusals (post, epoch, sequence);

            CREATE TABLE retention (
                class INTEGER NOT NULL,
                expires INTEGER NOT NULL,
                offset INTEGER NOT NULL,
                PRIMARY KEY (class, expires, offset)
            ) STRICT, WITHOUT ROWID;
            """)
}
