internal import AlertStore
internal import Identity
internal import LogProof
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
        let isAuditCopied = try copyAudit(settings.log, to: settings.log.auditBackup(beside: path))
        do {
            return try copy(settings.log, to: path)
        } catch {
            if isAuditCopied { try? Files.remove(settings.log.auditBackup(beside: path)) }
            throw error
        }
    }

    /// - Returns: false where a hub that nobody has read from yet has none.
    private static func copyAudit(_ log: any LogBackend, to path: String) throws -> Bool {
        guard try log.isAuditMade() else { return false }
        try expectNothing(at: path)
        try log.backupAudit(to: path)
        return true
    }

    static func copy(_ log: any LogBackend, to path: String) throws -> CopyReport {
        try expectNothing(at: path)
        return try CopyRun.carryOut("copying", try log.backup(to: path), log.location, path) { _ in }
    }

    private static func expectNothing(at path: String) throws {
        guard try Files.facts(of: path) == nil else {
            throw Failure(
                "\(path) is there already, and a backup never replaces one",
                remedy: "choose another name, e.g. with the date", status: .cantCreate)
        }
    }
}

/// `borderwire-hub restore`: puts a copy in the place of a log that is gone.
public enum Restore {
    /// - keepsLog: the copy has all that the hub ever told to be stored (it was made after the hub had stopped), so that offsets
    ///   that readers have seen keep their meaning. Otherwise the restored log gets a new name: what the hub had told of
    ///   offsets after the copy's end is no longer so, and every reader and post has to notice.
    ///
    /// The record of who read what comes with it where the backup has one and the hub has none. Run by root, all of it becomes
    /// the state directory's owner's, as whom the hub runs.
    public static func run(_ settings: HubSettings, from path: String, keepsLog: Bool) throws -> CopyReport {
        let report = try restore(Files.resolved(path), to: settings.log, keepsLog: keepsLog)
        let audit = settings.log.auditBackup(beside: path)
        if try Files.facts(of: audit) != nil, try !settings.log.isAuditMade() {
            try settings.log.restoreAudit(from: Files.resolved(audit))
        }
        for file in settings.log.files { try Files.giveToOwner(ofDirectoryOf: file) }
        return report
    }

    static func restore(_ path: String, to log: any LogBackend, keepsLog: Bool) throws -> CopyReport {
        guard try Files.facts(of: path) != nil else {
            throw Failure("\(path) is not there", status: .noInput)
        }
        let copy: any LogCopy
        do throws(StoreError) { copy = try log.restore(from: path) } catch {
            guard error.cause == .outOfOrder else { throw error }
            throw Failure("\(error.path): \(error.detail)", remedy: error.remedy, status: .cantCreate)
        }
        let report = try CopyRun.carryOut("restoring", copy, path, log.location) {
            copy throws(StoreError) in
            if !keepsLog { try copy.rename(log: randomNonZeroUInt64() >> 1 | 1) }
        }
        // The copy was made before that was done: nobody reads it here again.
        let eraser = try log.eraser()
        defer { try? eraser.close() }
        try OrderedErasure.carryOutAll(eraser)
        _ = try eraser.forget()
        return report
    }
}

/// A log's way into another place, where it is only once it is whole and verified.
private enum CopyRun {
    /// Beside a running hub: between two steps so many times as long as a step took, and at least this, so that the hub
    /// has the disk and the store to itself most of the time.
    static let rest = 2
    static let leastRest = Duration.milliseconds(5)

    static func carryOut(
        _ title: String, _ copy: any LogCopy, _ source: String, _ path: String,
        _ change: (any LogCopy) throws(StoreError) -> Void
    ) throws -> CopyReport {
        defer { copy.close() }
        try fill(copy, title)
        try change(copy)
        let report = try Verify.inspect(try copy.inspector(), PublicKeyring())
        if let finding = report.findings.first {
            throw Failure(
                "\(source) is not sound: \(finding.offset.map { "offset \($0): " } ?? "")\(finding.problem)",
                remedy: "borderwire-hub verify says more", status: .dataError)
        }
        return CopyReport(
            path: path, log: HexNumber(copy.log).description, offset: report.through, bytes: try copy.place())
    }

    private static func fill(_ copy: any LogCopy, _ title: String) throws(StoreError) {
        var progress = Progress(title)
        var began = steadyClock()
        while try copy.step() {
            progress.show(copy.copied, of: copy.head)
            if copy.isInUse { sleep(max(leastRest, (steadyClock() - began) * rest)) }
            began = steadyClock()
        }
        progress.end()
    }
}
