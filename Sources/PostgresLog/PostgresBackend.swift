public import AlertStore
import Platform
import PostgreSQL

/// A log in PostgreSQL that several hubs can share, with the record of who reads it.
public struct PostgresBackend: SharedLog {
    public let place: PostgresPlace
    private let seen = SeenLog()

    public init(_ place: PostgresPlace) {
        self.place = place
    }

    public var location: String { place.location }
    public var auditLocation: String { place.location }
    /// Nothing of it is on this machine's disk for the hub's sake.
    public var files: [String] { [] }

    private func session(_ deadline: Duration? = nil) -> Session {
        Session(place, seen: seen, deadline: deadline)
    }

    public func isInUse() throws(StoreError) -> Bool {
        let session = self.session()
        defer { session.close() }
        return try session.run("look into") { connection throws(PostgresError) in
            var arguments = Arguments()
            arguments.add(LockKey.lease.rawValue)
            return try connection.query(
                """
                SELECT EXISTS (SELECT 1 FROM pg_locks k JOIN pg_database d ON d.oid = k.database
                    WHERE k.locktype = 'advisory' AND k.granted AND d.datname = current_database()
                    AND k.classid = $1::int::oid AND k.objsubid = 2)
                """, arguments
            ).first?.bool(0) ?? false
        }
    }

    public func isMade() throws(StoreError) -> Bool {
        let session = self.session()
        defer { session.close() }
        do throws(StoreError) { try session.run("look into") { _ throws(PostgresError) in } } catch {
            guard error.cause == .missing else { throw error }
            return false
        }
        return true
    }

    public func isAuditMade() throws(StoreError) -> Bool {
        let session = self.session()
        defer { session.close() }
        return try PostgresAuditReader.isMade(session)
    }

    /// Takes the lease as the only hub: throws `.locked` while another's session is there.
    public func writer() throws(StoreError) -> any AlertWriter {
        let end = steadyClock() + place.patience
        let lease = try self.lease(until: end)
        while true {
            let view = try lease.observe()
            if view.holder.isEmpty || view.isFree, try lease.take(after: view.term) {
                return try PostgresWriter(session(), term: view.term + 1, lease: lease)
            }
            guard steadyClock() < end else {
                lease.close()
                throw StoreError(
                    operation: "open", path: location, cause: .locked, detail: "\(view.holder) writes to it",
                    remedy: "Stop that hub, or give this one a database of its own")
            }
            sleep(.milliseconds(50))
        }
    }

    /// A session outlives a killed hub by some milliseconds.
    private func lease(until end: Duration) throws(StoreError) -> PostgresLease {
        while true {
            do throws(StoreError) {
                return try PostgresLease(place, of: place.hub, seen: seen, silence: nil)
            } catch {
                guard error.cause == .locked, steadyClock() < end else { throw error }
                sleep(.milliseconds(50))
            }
        }
    }

    public func lease(of hub: String) throws(StoreError) -> any LogLease {
        try PostgresLease(place, of: hub, seen: seen, silence: place.silence)
    }

    public func writer(of term: UInt64) throws(StoreError) -> any AlertWriter {
        try PostgresWriter(session(), term: term)
    }

    public func follower() throws(StoreError) -> any LogFollower {
        try PostgresFollower(place, seen: seen)
    }

    public func registry() throws(StoreError) -> any RegistryLog { PostgresRegistry(place, seen: seen) }

    public func pages() throws(StoreError) -> any PageLog { PostgresPages(place, seen: seen) }

    public func reader(patience: Duration?) throws(StoreError) -> any AlertReader {
        guard let patience else { return try PostgresReader(session(PostgresReader.longest)) }
        return try PostgresReader(Session(place, seen: seen, lockTimeout: patience))
    }

    public func eraser() throws(StoreError) -> any AlertEraser { try PostgresEraser(place, seen: seen) }
    public func audit() throws(StoreError) -> any AuditLog { try PostgresAuditLog(place, seen: seen) }

    public func auditReader() throws(StoreError) -> any AuditReader {
        try PostgresAuditReader(place, seen: seen)
    }

    public func inspector() throws(StoreError) -> any LogInspector {
        try PostgresReader(session(PostgresReader.longest))
    }

    // MARK: What PostgreSQL does itself

    public func backup(to file: String) throws(StoreError) -> any LogCopy { throw notOffered("back up") }
    public func restore(from file: String) throws(StoreError) -> any LogCopy {
        try PostgresCopy(from: file, to: place, seen: seen)
    }

    public func auditBackup(beside file: String) -> String { file + ".audit" }
    public func backupAudit(to file: String) throws(StoreError) { throw notOffered("back up") }
    public func restoreAudit(from file: String) throws(StoreError) {
        try PostgresAuditLog.restore(from: file, to: place, seen: seen)
    }

    private func notOffered(_ operation: String) -> StoreError {
        StoreError(
            operation: operation, path: location, cause: .other,
            detail: "a log in PostgreSQL is backed up with PostgreSQL's own programs",
            remedy: "Use pg_basebackup with an archive of the write-ahead log, or pg_dump")
    }
}
