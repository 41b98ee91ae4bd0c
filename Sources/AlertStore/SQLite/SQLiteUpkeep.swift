import SQLite

/// Copies the write-ahead log of a running writer to the database, with a connection of its own: a commit waits only for its own
/// flush, not for one of everything before it.
public final class SQLiteUpkeep: StoreUpkeep {
    /// While it copies, commits may add to the log, which then can't begin anew: the second round copies what came during
    /// the first.
    static let rounds = 3

    private let path: String
    private let connection: Connection

    /// The log must exist: a writer has opened it.
    public init(path: String) throws(StoreError) {
        self.path = path
        do throws(SQLiteError) {
            connection = try Connection(path: path, mode: .readWrite, busyTimeout: SQLiteStore.busyTimeout)
        } catch {
            throw StoreError(error, operation: "open", path: path)
        }
    }

    public func run() throws(StoreError) {
        do throws(SQLiteError) {
            for _ in 0..<SQLiteUpkeep.rounds where try connection.copyWAL() { return }
        } catch {
            throw StoreError(error, operation: "copy the write-ahead log of", path: path)
        }
    }
}

@available(*, unavailable)
extension SQLiteUpkeep: Sendable {}
