import PostgreSQL

/// The partitions of `contents`: one for each kind and month in which contents end, made ahead, dropped once its month is over and
/// nothing is in it, and written anew where something was erased from it before its time.
struct Partitions {
    /// Months made ahead: most alerts live for a day. One that lives longer is in the rest at first.
    static let ahead = 3
    /// A partition up to so many bytes is written anew at once.
    static let small: Int64 = 64 << 20
    /// A larger one so long after the first such erasure in it, ms: half of the time within which its bytes must be gone.
    static let rest: Int64 = 12 * 3_600_000
    /// How long copying one may take.
    static let longest = Duration.seconds(3_600)

    let connection: Connection

    private struct Partition {
        var name: String
        /// nil: the rest.
        var bounds: (retention: Int64, since: Int64, until: Int64)?
        var table: String { "borderwire_contents.\(name)" }
    }

    /// Makes those that are missing from this month on, and moves into each what the rest has of it.
    func makeAhead() throws(PostgresError) {
        var arguments = Arguments()
        arguments.add(Int32(Partitions.ahead))
        let missing = try connection.query(
            """
            WITH months AS (SELECT to_char(m, 'YYYYMM') AS name, (extract(epoch FROM m) * 1000)::bigint AS since,
                (extract(epoch FROM m + interval '1 month') * 1000)::bigint AS until
                FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
                    date_trunc('month', now() AT TIME ZONE 'UTC') + $1 * interval '1 month', interval '1 month') m)
            SELECT 'contents_' || c || '_' || months.name, c, since, until FROM months, generate_series(0, 2) c
            WHERE NOT EXISTS (SELECT 1 FROM content_partitions p WHERE p.name = 'contents_' || c || '_' || months.name)
            ORDER BY 3, 2
            """, arguments
        ).map { row in
            Partition(
                name: row.text(0), bounds: (row.integer(1), row.integer(2), row.integer(3)))
        }
        for partition in missing { try make(partition) }
    }

    private func make(_ partition: Partition) throws(PostgresError) {
        guard let (retention, since, until) = partition.bounds else { return }
        let rest = "borderwire_contents.\(PostgresSchema.defaultPartition)"
        try alone {
            () throws(PostgresError) in
            // Another hub may have made it since.
            guard try !isMade(partition) else { return }
            try connection.execute("CREATE TABLE \(partition.table) (LIKE contents INCLUDING ALL)")
            let moved = try connection.query(
                """
                WITH d AS (DELETE FROM \(rest) WHERE class = \(retention) AND expires >= \(since) AND expires < \(until)
                    RETURNING *) INSERT INTO \(partition.table) SELECT * FROM d
                """
            ).changes
            try connection.execute(
                "ALTER TABLE contents ATTACH PARTITION \(partition.table) \(values(partition))")
            var arguments = Arguments()
            arguments.add(partition.name)
            arguments.add(Int16(clamping: retention))
            arguments.add(since)
            arguments.add(until)
            _ = try connection.query(
                "INSERT INTO content_partitions (name, class, since, until) VALUES ($1, $2, $3, $4)",
                arguments)
            if moved > 0 { try markRest() }
        }
    }

    private func isMade(_ partition: Partition) throws(PostgresError) -> Bool {
        var arguments = Arguments()
        arguments.add(partition.name)
        return try connection.query(
            "SELECT EXISTS (SELECT 1 FROM content_partitions WHERE name = $1)", arguments
        ).first?.bool(0) ?? false
    }

    /// What was moved out of the rest is still in its file.
    private func markRest() throws(PostgresError) {
        try connection.execute(
            """
            UPDATE content_partitions SET dirty = coalesce(dirty, (extract(epoch FROM now()) * 1000)::bigint)
            WHERE class IS NULL
            """)
    }

    /// Drops what is empty and over.
    func drop() throws(PostgresError) {
        let over = try connection.query(
            """
            SELECT name FROM content_partitions WHERE until <= (extract(epoch FROM now()) * 1000)::bigint
            """
        ).map { $0.text(0) }
        for name in over where try isEmpty(name) {
            try alone {
                () throws(PostgresError) in
                try connection.execute("LOCK TABLE ONLY contents IN ACCESS EXCLUSIVE MODE")
                guard try isEmpty(name) else { return }
                try connection.execute("DROP TABLE borderwire_contents.\(name)")
                try forget(name)
            }
        }
    }

    private func isEmpty(_ name: String) throws(PostgresError) -> Bool {
        try connection.query("SELECT EXISTS (SELECT 1 FROM borderwire_contents.\(name))").first?.bool(0)
            == false
    }

    private func forget(_ name: String) throws(PostgresError) {
        var arguments = Arguments()
        arguments.add(name)
        _ = try connection.query("DELETE FROM content_partitions WHERE name = $1", arguments)
    }

    /// Writes anew what something was erased from.
    /// - Returns: whether none is left that has to be.
    func rewrite() throws(PostgresError) -> Bool {
        var arguments = Arguments()
        arguments.add(Partitions.small)
        arguments.add(Partitions.rest)
        let rows = try connection.query(
            """
            SELECT name, class, since, until, pg_total_relation_size('borderwire_contents.' || name) <= $1
                OR dirty + $2 <= (extract(epoch FROM now()) * 1000)::bigint
            FROM content_partitions WHERE dirty IS NOT NULL
            """, arguments)
        var isDone = true
        for row in rows {
            guard row.bool(4) else {
                isDone = false
                continue
            }
            try rewrite(
                Partition(
                    name: row.text(0),
                    bounds: row.isNull(1) ? nil : (row.integer(1), row.integer(2), row.integer(3))))
        }
        return isDone
    }

    /// The new one is filled while commits go on; it takes the old one's place within some milliseconds.
    private func rewrite(_ partition: Partition) throws(PostgresError) {
        let new = partition.table + "_new"
        let deadline = connection.deadline
        defer { connection.deadline = deadline }
        connection.deadline = Partitions.longest
        // Nobody erases meanwhile: what is erased from the old one would be in the new one.
        let key = LockKey.erasing.rawValue
        guard try connection.query("SELECT pg_try_advisory_lock(\(key), 0)").first?.bool(0) == true else {
            return
        }
        defer { if !connection.isLost { try? connection.execute("SELECT pg_advisory_unlock(\(key), 0)") } }
        try connection.execute(
            """
            DROP TABLE IF EXISTS \(new); CREATE TABLE \(new) (LIKE contents INCLUDING ALL);
            \(partition.bounds.map { "ALTER TABLE \(new) ADD CONSTRAINT bounds CHECK (class = \($0.retention) AND expires >= \($0.since) AND expires < \($0.until));" } ?? "")
            INSERT INTO \(new) SELECT * FROM \(partition.table)
            """)
        try connection.transaction {
            () throws(PostgresError) in
            // The parent first, as commits do.
            try connection.execute(
                "LOCK TABLE ONLY contents IN ACCESS EXCLUSIVE MODE; LOCK TABLE \(partition.table) IN ACCESS EXCLUSIVE MODE"
            )
            // Contents come in the order of offsets.
            try connection.execute(
                """
                INSERT INTO \(new) SELECT * FROM \(partition.table)
                    WHERE "offset" > (SELECT coalesce(max("offset"), 0) FROM \(new));
                ALTER TABLE contents DETACH PARTITION \(partition.table); DROP TABLE \(partition.table);
                ALTER TABLE \(new) RENAME TO \(partition.name);
                ALTER TABLE contents ATTACH PARTITION \(partition.table) \(values(partition));
                ALTER TABLE \(partition.table) DROP CONSTRAINT IF EXISTS bounds;
                UPDATE content_partitions SET dirty = NULL WHERE name = '\(partition.name)'
                """)
        }
    }

    private func values(_ partition: Partition) -> String {
        guard let (retention, since, until) = partition.bounds else { return "DEFAULT" }
        return "FOR VALUES FROM (\(retention), \(since)) TO (\(retention), \(until))"
    }

    /// One program at a time changes partitions, in one transaction.
    private func alone(_ body: () throws(PostgresError) -> Void) throws(PostgresError) {
        try connection.transaction {
            () throws(PostgresError) in
            try connection.execute("SELECT pg_advisory_xact_lock(\(LockKey.erasing.rawValue), 0)")
            try body()
        }
    }
}
