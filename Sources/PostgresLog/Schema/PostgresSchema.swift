/// The tables of a shared log. Steps are added at the end, and never edited once released.
///
/// What was stored is only added to: the hub's role can't change or remove it. A content is apart from its alert, in a partition for
/// each month in which contents of its kind end: what is deleted stays in a table's file until that is written anew or dropped, so
/// partitions are dropped. Numbers of peers (epochs, refused sequences) are bit patterns of a UInt64.
enum PostgresSchema {
    struct Step {
        var name: String
        var sql: String
    }

    static let steps = [
        Step(name: "the log", sql: tables + contents + audit + grants),
        Step(name: "which registry each hub has, and who was paged", sql: registryAndPages),
    ]

    private static let registryAndPages = """
        SET search_path = borderwire, pg_temp;
        SET ROLE borderwire_owner;
        ALTER TABLE hubs ADD COLUMN registry bigint NOT NULL DEFAULT 0;
        CREATE TABLE pages (number bigint PRIMARY KEY, hub text NOT NULL, at bigint NOT NULL);
        RESET ROLE;
        GRANT SELECT, INSERT ON pages TO borderwire_hub;

        """

    /// A content whose kind and end were not known when it was stored is there, until they are noted in `judgements`.
    static let unplacedClass: Int16 = 9
    static let unplacedEnd: Int64 = 0
    static let defaultPartition = "contents_rest"

    private static let tables = """
        CREATE SCHEMA borderwire AUTHORIZATION borderwire_owner;
        CREATE SCHEMA borderwire_contents AUTHORIZATION borderwire_eraser;
        SET search_path = borderwire, pg_temp;
        SET ROLE borderwire_owner;

        CREATE TABLE schema_steps (number int PRIMARY KEY, name text NOT NULL);

        CREATE TABLE log (
            one bool PRIMARY KEY DEFAULT true CHECK (one),
            log bigint NOT NULL,
            term bigint NOT NULL,
            holder text NOT NULL,
            head bigint NOT NULL,
            hash bytea NOT NULL,
            received bigint NOT NULL
        ) WITH (fillfactor = 10);
        INSERT INTO log (log, term, holder, head, hash, received)
        SELECT greatest((('x' || encode(substring(uuid_send(gen_random_uuid()) FROM 9), 'hex'))::bit(64)::bigint)
            & 9223372036854775807, 1), 0, '', 0, decode(repeat('00', 32), 'hex'), 0;

        CREATE TABLE hubs (name text PRIMARY KEY, seen bigint NOT NULL, program text NOT NULL) WITH (fillfactor = 10);
        CREATE TABLE topics (number int PRIMARY KEY, name text NOT NULL UNIQUE);
        CREATE TABLE positions (
            number int PRIMARY KEY,
            post text NOT NULL,
            epoch bigint NOT NULL,
            through bigint NOT NULL,
            current bool NOT NULL,
            UNIQUE (post, epoch)
        ) WITH (fillfactor = 50);

        CREATE TABLE alerts (
            "offset" bigint PRIMARY KEY,
            position int NOT NULL,
            sequence bigint NOT NULL,
            received bigint NOT NULL,
            id uuid NOT NULL,
            class smallint NOT NULL,
            expires bigint NOT NULL,
            deliveries bytea NOT NULL,
            refers bytea NOT NULL,
            hash bytea NOT NULL,
            chains bytea NOT NULL,
            signature bytea NOT NULL,
            header bytea NOT NULL,
            UNIQUE (position, sequence)
        );
        CREATE INDEX alerts_by_id ON alerts (id);
        CREATE TABLE deliveries (
            topic int NOT NULL,
            "offset" bigint NOT NULL,
            sequence bigint NOT NULL,
            PRIMARY KEY (topic, "offset") INCLUDE (sequence)
        );
        CREATE TABLE alert_references (target uuid NOT NULL, "offset" bigint NOT NULL, PRIMARY KEY (target, "offset"));
        CREATE TABLE refusals (
            number bigint PRIMARY KEY,
            post text NOT NULL,
            epoch bigint NOT NULL,
            sequence bigint NOT NULL,
            received bigint NOT NULL,
            code text NOT NULL,
            reason text NOT NULL
        );
        CREATE INDEX refusals_by_sequence ON refusals (post, epoch, sequence);

        CREATE TABLE receipts (
            identity text NOT NULL, topic int NOT NULL, ranges bytea NOT NULL, PRIMARY KEY (identity, topic)
        );
        CREATE TABLE duty (
            since bigint NOT NULL, identity text NOT NULL, provinces text NOT NULL, PRIMARY KEY (since, identity)
        );
        CREATE TABLE progress ("offset" bigint PRIMARY KEY, seen bigint, acknowledged bigint, sighted bigint);
        CREATE TABLE escalations (
            number bigint PRIMARY KEY, "offset" bigint NOT NULL, reason text NOT NULL, at bigint NOT NULL
        );
        CREATE TABLE outages (until bigint PRIMARY KEY, since bigint NOT NULL);

        CREATE TABLE handed_receipts (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            identity text NOT NULL,
            topic int NOT NULL,
            ranges bytea NOT NULL
        );

        CREATE TABLE registry (version bigint PRIMARY KEY, at bigint NOT NULL, who text NOT NULL, text text NOT NULL);

        CREATE TABLE care (one bool PRIMARY KEY DEFAULT true CHECK (one), judged bigint NOT NULL);
        INSERT INTO care (judged) VALUES (0);
        CREATE TABLE erasures ("offset" bigint PRIMARY KEY, digest bytea NOT NULL);
        CREATE TABLE judgements ("offset" bigint PRIMARY KEY, class smallint NOT NULL, expires bigint NOT NULL);
        CREATE TABLE content_partitions (
            name text PRIMARY KEY, class smallint, since bigint, until bigint, dirty bigint
        );
        RESET ROLE;

        """

    private static let contents = """
        CREATE TABLE contents (
            "offset" bigint NOT NULL,
            class smallint NOT NULL,
            expires bigint NOT NULL,
            payload bytea NOT NULL,
            identifiers text[],
            PRIMARY KEY (class, expires, "offset")
        ) PARTITION BY RANGE (class, expires);
        CREATE INDEX contents_by_identifier ON contents USING gin (identifiers) WITH (fastupdate = off)
            WHERE identifiers IS NOT NULL;
        CREATE TABLE borderwire_contents.\(defaultPartition) PARTITION OF contents DEFAULT;
        INSERT INTO content_partitions (name) VALUES ('\(defaultPartition)');
        ALTER TABLE contents OWNER TO borderwire_eraser;
        ALTER TABLE borderwire_contents.\(defaultPartition) OWNER TO borderwire_eraser;

        """

    private static let audit = """
        SET ROLE borderwire_owner;
        CREATE TABLE audit (
            number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            hub text NOT NULL,
            at bigint NOT NULL,
            identity text NOT NULL,
            action text NOT NULL,
            subject text NOT NULL,
            after bigint,
            through bigint,
            alerts bigint,
            times bigint NOT NULL,
            last bigint
        );
        CREATE INDEX audit_by_action ON audit (identity, action, number);
        CREATE TABLE audit_totals (
            identity text NOT NULL, action text NOT NULL, events bigint NOT NULL, bytes bigint NOT NULL,
            PRIMARY KEY (identity, action)
        );
        CREATE TABLE audit_hubs (hub text PRIMARY KEY);

        """

    /// Of an event in `audit` the hub may widen what it says of repeats, and not who did what, nor may it remove one.
    private static let grants = """
        RESET ROLE;
        GRANT USAGE ON SCHEMA borderwire TO borderwire_hub, borderwire_eraser, borderwire_operator;
        GRANT SELECT ON ALL TABLES IN SCHEMA borderwire TO borderwire_hub, borderwire_eraser;
        GRANT INSERT ON hubs, topics, positions, alerts, deliveries, alert_references, refusals, receipts, duty, progress,
            escalations, outages, handed_receipts, audit, audit_totals, audit_hubs TO borderwire_hub;
        GRANT UPDATE ON log, hubs, positions, receipts, duty, progress, outages, audit_totals TO borderwire_hub;
        GRANT UPDATE (after, through, alerts, times, last) ON audit TO borderwire_hub;
        GRANT DELETE ON refusals, receipts, duty, handed_receipts TO borderwire_hub;
        GRANT INSERT ON erasures, judgements, content_partitions TO borderwire_eraser;
        GRANT UPDATE ON care, content_partitions, audit_totals TO borderwire_eraser;
        GRANT DELETE ON content_partitions, audit TO borderwire_eraser;
        GRANT SELECT ON schema_steps, log, registry TO borderwire_operator;
        GRANT INSERT ON registry TO borderwire_operator;
        GRANT INSERT ON contents TO borderwire_hub;
        GRANT pg_read_all_stats TO borderwire_hub;

        """
}
