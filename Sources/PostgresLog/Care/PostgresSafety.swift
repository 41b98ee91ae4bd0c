public import AlertStore
import PostgreSQL

/// Whether a database keeps what it says that it has stored.
public enum PostgresSafety {
    /// - standby: whether the settings expect a synchronous standby.
    /// - Returns: a sentence for each thing that is unsafe, with the way out; none where all is in order.
    public static func problems(_ place: PostgresPlace, standby: Bool) throws(StoreError) -> [String] {
        let session = Session(place, seen: SeenLog())
        defer { session.close() }
        return try session.run("check") { connection throws(PostgresError) in
            guard let row = try connection.query(look).first else { return [] }
            return problems(of: Facts(row), standby: standby)
        }
    }

    private static let look = """
        SELECT current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',
            (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'),
            current_setting('synchronous_standby_names'),
            (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')),
            (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
            has_table_privilege('borderwire.alerts', 'UPDATE') OR has_table_privilege('borderwire.alerts', 'DELETE'),
            current_user::text
        """

    struct Facts: Equatable {
        var syncs = true
        var writesPages = true
        /// `synchronous_commit` of sessions that do not say otherwise.
        var commit = "on"
        var standbyNames = "FIRST 1 (s)"
        /// Standbys that are connected and that commits wait for.
        var standbys: Int64 = 1
        var isSuperuser = false
        var mayChange = false
        var user = "borderwire_hub"
    }

    static func problems(of facts: Facts, standby: Bool) -> [String] {
        var problems: [String] = []
        if !facts.syncs {
            problems.append(
                "fsync is off: a power cut loses what was acknowledged, or all of it. Set fsync = on")
        }
        if !facts.writesPages {
            problems.append(
                "full_page_writes is off: a power cut can destroy the database. Set full_page_writes = on")
        }
        if ["off", "local", "remote_write"].contains(facts.commit) {
            problems.append(
                "synchronous_commit is \(facts.commit): what is acknowledged may be on no disk, or on one only. "
                    + "Set synchronous_commit = on")
        }
        if facts.isSuperuser || facts.mayChange {
            problems.append(
                "\(facts.user) may change and delete alerts: give the hub the user borderwire_hub, which "
                    + "borderwire-hub migrate makes and which may not")
        }
        guard standby else { return problems }
        problems += standbyProblems(of: facts)
        return problems
    }

    private static func standbyProblems(of facts: Facts) -> [String] {
        let names = facts.standbyNames.trimmed
        guard !names.isEmpty else {
            return [
                "no standby is waited for: one burnt disk loses what was acknowledged. Set synchronous_standby_names = "
                    + "'FIRST 1 (NAME)', or standby = false in [store] where one machine is meant to do"
            ]
        }
        if let quorum = Quorum(names), quorum.count < quorum.names {
            return [
                "synchronous_standby_names is \(names): with ANY a standby can be promoted that lacks what was "
                    + "acknowledged, as a trial showed. Write FIRST \(quorum.count) instead of ANY \(quorum.count), or all of them"
            ]
        }
        guard facts.standbys > 0 else {
            return [
                "no standby of \(names) is connected: commits wait for one, and nothing is stored meanwhile. Start it"
            ]
        }
        return []
    }

    /// `ANY n (a, b, ...)`; nil for anything else.
    private struct Quorum {
        var count: Int
        var names: Int

        init?(_ text: String) {
            guard text.prefix(3).lowercased() == "any", let open = text.firstIndex(of: "("),
                let close = text.lastIndex(of: ")"), open < close,
                let count = Int(String(text[text.index(text.startIndex, offsetBy: 3)..<open]).trimmed)
            else { return nil }
            self.count = count
            let names = text[text.index(after: open)..<close].split(separator: ",").map { String($0).trimmed }
            // A star is any number of them.
            self.names = names.contains("*") ? .max : names.count
        }
    }
}

extension PostgresSafety.Facts {
    init(_ row: Rows.Row) {
        syncs = row.bool(0)
        writesPages = row.bool(1)
        commit = row.text(2)
        standbyNames = row.text(3)
        standbys = row.integer(4)
        isSuperuser = row.bool(5)
        mayChange = row.bool(6)
        user = row.text(7)
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
