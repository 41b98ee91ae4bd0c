import SQLite

extension Outbox {
    /// Makes every alert of the current epoch after a sequence wait for the hub again, whatever the hub had said of it: for
    /// a hub that was restored from an older copy. Header, payload, signature and number stay.
    ///
    /// Done from the last one down, ``prunedAtOnce`` at a time: a daemon that is killed on the way still sees afterwards that
    /// the lowest ones are answered, and begins again.
    public func reopen(after sequence: UInt64) throws(OutboxError) -> Reopened {
        while try reopenSome(after: sequence) >= Outbox.prunedAtOnce {}
        return try call("reopen") { () throws(SQLiteError) in
            try connection.transaction(.deferred, kept(after: sequence))
        }
    }

    private func reopenSome(after sequence: UInt64) throws(OutboxError) -> Int {
        try write("reopen") { () throws(SQLiteError) in
            var head = try readHead()
            let update = try connection.statement(
                """
                UPDATE alerts SET closes = min(closes, 1), state = 0, answered = NULL, offset = NULL, code = NULL,
                    reason = NULL
                WHERE rowid IN (
                    SELECT rowid FROM alerts WHERE epoch = ?1 AND sequence > ?2 AND state <> 0
                    ORDER BY sequence DESC LIMIT ?3)
                """)
            try update.bind(head.epoch, at: 1)
            try update.bind(Int64(clamping: sequence), at: 2)
            try update.bind(Int64(Outbox.prunedAtOnce), at: 3)
            try update.run()
            let changed = Int(clamping: connection.changes)
            head.waiting += changed
            if changed > 0 { try write(head) }
            return changed
        }
    }

    private func kept(after sequence: UInt64) throws(SQLiteError) -> Reopened {
        let head = try readHead()
        var reopened = Reopened(count: 0, missing: [])
        var expected = sequence + 1
        let select = try connection.statement(
            "SELECT sequence FROM alerts WHERE epoch = ?1 AND sequence > ?2 ORDER BY sequence")
        defer { select.reset() }
        try select.bind(head.epoch, at: 1)
        try select.bind(Int64(clamping: sequence), at: 2)
        while try select.step() {
            let found = try select.unsigned(0)
            if found > expected { note(expected...found - 1, in: &reopened) }
            reopened.count += 1
            expected = found + 1
        }
        if expected <= head.last { note(expected...head.last, in: &reopened) }
        return reopened
    }

    private func note(_ range: ClosedRange<UInt64>, in reopened: inout Reopened) {
        if reopened.missing.count < Reopened.mostMissing { reopened.missing.append(range) }
    }
}
