extension Connection {
    public enum Transaction: String, Sendable {
        /// Takes no lock until the first statement: for reads that must see one state.
        case deferred = "BEGIN"
        /// Takes the write lock at once, or waits for it: for reads that a write depends on.
        case immediate = "BEGIN IMMEDIATE"
    }

    /// Runs the body in a transaction: committed when it returns, rolled back when it throws or can't be committed.
    public func transaction<Value>(
        _ kind: Transaction, _ body: () throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value {
        try transaction(kind, wrapping: { $0 }, body)
    }

    /// The same of one expression.
    public func transaction<Value>(
        _ kind: Transaction, _ value: @autoclosure () throws(SQLiteError) -> Value
    ) throws(SQLiteError) -> Value {
        try transaction(kind, value)
    }

    /// As above, for a body with an error type of its own, into which the transaction's own errors are wrapped.
    public func transaction<Value, Failure: Error>(
        _ kind: Transaction, wrapping wrap: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        do {
            try statement(kind.rawValue).run()
        } catch {
            throw wrap(error)
        }
        let value: Value
        do {
            value = try body()
        } catch {
            rollback()
            throw error
        }
        do {
            try statement("COMMIT").run()
        } catch {
            rollback()
            throw wrap(error)
        }
        return value
    }

    /// SQLite has rolled back by itself after some errors, and a second ROLLBACK would be an error
    /// (sqlite.org/lang_transaction.html, section 3). One that fails shows at the next BEGIN.
    private func rollback() {
        guard isInTransaction else { return }
        try? statement("ROLLBACK").run()
    }
}
