internal import AlertStore
internal import Identity
internal import Platform
internal import Settings
internal import Wire

/// A copy of the log, for a backup or back from one.
public struct CopyReport: Sendable, Equatable {
    public var path: String
    /// 16 hexadecimal digits.
    public var log: String
    /// The last offset in it.
    public var offset: UInt64
    public var bytes: Int64
}

/// `borderwire-hub backup`: a consistent copy of the log of a running or a stopped hub, verified before it gets its name.
public enum Backup {
    /// - Throws: when there is something at the path, or the copy does not verify; then nothing is there afterwards.
    public static func run(_ settings: HubSettings, to path: String) throws -> CopyReport {
        // First, since a backup whose log is there is complete: it is what the rotation goes by.
        try copyAudit(settings.auditDatabase, to: audit(beside: path))
        do {
            return try copy(settings.database, to: path)
        } catch {
            try? Files.remove(audit(beside: path))
            throw error
        }
    }

    /// `alerts.audit.db` beside `alerts.db`.
    static func audit(beside path: String) -> String {
        (path.hasSuffix(".db") ? String(path.dropLast(3)) : path) + ".audit.db"
    }

    /// A hub that nobody has read from yet has none.
    static func copyAudit(_ source: String, to path: String) throws {
        guard try Files.facts(of: source) != nil else { return }
        guard try Files.facts(of: path) == nil else {
            throw HubFailure(
                "\(path) is there already, and a backup never replaces one",
                remedy: "choose another name, e.g. with the date", status: .cantCreate)
        }
        let temporary = path + ".part"
        for name in [temporary, temporary + "-journal"] { try Files.remove(name) }
        do {
            // Made here with its mode: SQLite would let others read it.
            try Files.create([], at: temporary, mode: 0o600)
            do throws(StoreError) {
                let reader = try AuditReader(path: source)
                try reader.copy(to: temporary)
                try reader.close()
            } catch {
                throw HubFailure(error)
            }
            try Files.place(temporary, at: path)
        } catch {
            try? Files.remove(temporary)
            throw error
        }
    }

    static func copy(_ source: String, to path: String) throws -> CopyReport {
        guard try Files.facts(of: path) == nil else {
            throw HubFailure(
                "\(path) is there already, and a backup never replaces one",
                remedy: "choose another name, e.g. with the date", status: .cantCreate)
        }
        return try LogFile.make(at: path, from: source, title: "copying") { _ in }
    }
}

/// `borderwire-hub restore`: puts a copy in the place of a log that is gone.
public enum Restore {
    /// - keepsLog: the copy has all that the hub ever acknowledged (it was made after the hub had stopped), so that offsets
    ///   that readers have seen keep their meaning. Otherwise the restored log gets a new name: what the hub had told of
    ///   offsets after the copy's end is no longer so, and every reader and post has to notice.
    ///
    /// The record of who read what comes with it where the backup has one and the hub has none. Run by root, all of it becomes
    /// the state directory's owner's, as whom the hub runs.
    public static func run(_ settings: HubSettings, from path: String, keepsLog: Bool) throws -> CopyReport {
        let report = try restore(Files.resolved(path), to: settings.database, keepsLog: keepsLog)
        let audit = Backup.audit(beside: path)
        if try Files.facts(of: audit) != nil, try Files.facts(of: settings.auditDatabase) == nil {
            try Backup.copyAudit(Files.resolved(audit), to: settings.auditDatabase)
        }
        for file in [settings.database, settings.database + ".lock", settings.auditDatabase] {
            try Files.giveToOwner(ofDirectoryOf: file)
        }
        return report
    }

    static func restore(_ path: String, to database: String, keepsLog: Bool) throws -> CopyReport {
        guard try Files.facts(of: path) != nil else {
            throw HubFailure("\(path) is not there", status: .noInput)
        }
        let place: LogPlace
        do throws(StoreError) { place = try LogPlace.take(database) } catch {
            guard error.cause == .outOfOrder else { throw HubFailure(error) }
            throw HubFailure("\(error.path): \(error.detail)", remedy: error.remedy, status: .cantCreate)
        }
        let report = try LogFile.make(at: place.path, from: path, title: "restoring") {
            copy throws(StoreError) in
            if !keepsLog { try copy.rename(log: randomNonZeroUInt64() >> 1 | 1) }
        }
        _ = consume place
        return report
    }
}

/// A log's file that has its name only once it is whole.
private enum LogFile {
    /// Beside a running hub: between two steps so many times as long as a step took, and at least this, so that the hub
    /// has the disk and the WAL to itself most of the time.
    static let rest = 2
    static let leastRest = Duration.milliseconds(5)

    static func make(
        at path: String, from source: String, title: String, _ change: (LogCopy) throws(StoreError) -> Void
    ) throws -> CopyReport {
        let temporary = path + ".part"
        // Of a copy that a crash cut off.
        for name in [temporary, temporary + "-journal"] { try Files.remove(name) }
        do {
            let log = try fill(temporary, from: source, title, change)
            let report = try Verify.database(temporary, PublicKeyring())
            if let finding = report.findings.first {
                throw HubFailure(
                    "\(source) is not sound: \(finding.offset.map { "offset \($0): " } ?? "")\(finding.problem)",
                    remedy: "borderwire-hub verify says more", status: .dataError)
            }
            let size = try Files.facts(of: temporary)?.size ?? 0
            try Files.place(temporary, at: path)
            return CopyReport(
                path: path, log: HexNumber(log).description, offset: report.through, bytes: size)
        } catch {
            try? Files.remove(temporary)
            throw error
        }
    }

    private static func fill(
        _ path: String, from source: String, _ title: String, _ change: (LogCopy) throws(StoreError) -> Void
    ) throws(HubFailure) -> UInt64 {
        do throws(StoreError) {
            let copy = try LogCopy(from: source, to: path)
            var progress = Progress(title)
            var began = steadyClock()
            while try copy.step() {
                progress.show(copy.copied, of: copy.head)
                if copy.isInUse { sleep(max(leastRest, (steadyClock() - began) * rest)) }
                began = steadyClock()
            }
            progress.end()
            try change(copy)
            let log = copy.log
            try copy.close()
            return log
        } catch {
            throw HubFailure(error)
        }
    }
}
