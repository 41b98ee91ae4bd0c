import CSQLite

extension Connection {
    /// From now on the connection's commits count the pages of the write-ahead log instead of copying them to the database
    /// at some number of them, which makes one commit in so many a long one (sqlite.org/c3ref/wal_hook.html).
    public func watchWAL() {
        guard let pointer = handle.pointer else { return }
        // The connection ends before the handle does, so the handle outlives the hook.
        _ = sqlite3_wal_hook(
            pointer,
            { context, _, _, pages in
                if let context {
                    Unmanaged<Handle>.fromOpaque(context).takeUnretainedValue().walPages = Int(pages)
                }
                return SQLITE_OK
            }, Unmanaged.passUnretained(handle).toOpaque())
    }

    /// Pages in the write-ahead log after this connection's last commit; 0 before, and without ``watchWAL()``.
    public var walPages: Int { handle.walPages }

    /// Copies what can be copied now from the write-ahead log to the database, without waiting for readers or writers
    /// (SQLITE_CHECKPOINT_PASSIVE, sqlite.org/c3ref/wal_checkpoint_v2.html).
    /// - Returns: whether all of it is copied: then the next commit begins the log anew, if no reader still needs it.
    public func copyWAL() throws(SQLiteError) -> Bool {
        let checkpoint = try statement("PRAGMA wal_checkpoint(PASSIVE)")
        defer { checkpoint.reset() }
        guard try checkpoint.step(), checkpoint.integer(0) == 0 else { return false }
        return checkpoint.integer(1) == checkpoint.integer(2)
    }
}
