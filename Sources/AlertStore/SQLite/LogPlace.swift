import Glibc

/// A path at which a log is to be put: nothing is there, and until this is dropped no hub can make something there.
public struct LogPlace: ~Copyable {
    public let path: String
    private let lock: WriterLock

    /// Whether a hub runs on the log at the path.
    public static func isHeld(_ path: String) throws(StoreError) -> Bool { try WriterLock.isHeld(path) }

    /// Throws `.locked` when a hub runs on it, and `.outOfOrder` when there is a database, or a part of one.
    public static func take(_ path: String) throws(StoreError) -> LogPlace {
        let place = LogPlace(path: path, lock: try WriterLock(path))
        for name in ["", "-wal", "-shm", "-journal"].map({ path + $0 }) where access(name, F_OK) == 0 {
            throw StoreError(
                operation: "restore", path: name, cause: .outOfOrder, detail: "there is a file already",
                remedy: "A restore never replaces a log: move alerts.db and what begins like it away first")
        }
        return place
    }
}
