/// Where a log is kept, with all that can be done with it there: the one door to it. It only says how to open things; nothing is
/// open before it is asked for, and each thing that is opened is used from one thread at a time.
///
/// Another store is a folder with such a value. What it can't do throws, and says what does it.
public protocol LogBackend: Sendable {
    // MARK: Where it is

    /// Of the log and of the record of who reads it, for people: paths, or the names of databases.
    var location: String { get }
    var auditLocation: String { get }
    /// Files of this machine that nobody but the hub may read, there or not.
    var files: [String] { get }
    /// Whether a hub writes to the log now.
    func isInUse() throws(StoreError) -> Bool
    /// Whether there is something, of whatever state.
    func isMade() throws(StoreError) -> Bool
    func isAuditMade() throws(StoreError) -> Bool

    // MARK: What a hub opens

    /// Opens the log, or makes it. Throws `.locked` while another writes to it.
    func writer() throws(StoreError) -> any AlertWriter
    /// Throws `.missing` where there is no log yet.
    /// - patience: how long a read may wait for who is in its way; nil: as long as is usual.
    func reader(patience: Duration?) throws(StoreError) -> any AlertReader
    func eraser() throws(StoreError) -> any AlertEraser
    /// Opens the record of who reads, or makes it.
    func audit() throws(StoreError) -> any AuditLog
    /// Throws `.missing` where no hub has made it yet.
    func auditReader() throws(StoreError) -> any AuditReader

    // MARK: What its operator does

    func inspector() throws(StoreError) -> any LogInspector
    /// Begins a copy of the log, also while its hub runs.
    /// - file: where nothing is.
    func backup(to file: String) throws(StoreError) -> any LogCopy
    /// Begins to make the log from a backup. Until the copy is closed, no hub can make one there. Throws `.locked` while one
    /// runs, and `.outOfOrder` where a log is.
    func restore(from file: String) throws(StoreError) -> any LogCopy
    /// Where the copy of the record of who reads goes that belongs to a backup.
    func auditBackup(beside file: String) -> String
    /// Copies the record of who reads, as it is at one moment, and checks the copy.
    /// - file: where nothing is, also where this fails.
    func backupAudit(to file: String) throws(StoreError)
    /// Makes that record from its backup. Not where there is one.
    func restoreAudit(from file: String) throws(StoreError)
}

extension LogBackend {
    public func reader() throws(StoreError) -> any AlertReader { try reader(patience: nil) }
}
