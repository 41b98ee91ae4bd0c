import AlertHub
import Alerts
import Platform
import Settings

extension Commands {
    static func audit(_ values: CommandLineValues) throws -> ExitStatus {
        let isJSON = values.string("format") == "json"
        let since = values.duration("since").map {
            Timestamp(milliseconds: wallClockMilliseconds()).before($0)
        }
        try AuditQuery.run(try settings(values), identity: values.string("identity"), since: since) { line in
            if isJSON {
                try StandardOutput.write(line: try jsonLine(line))
            } else {
                try StandardOutput.write(words: AuditText.line(line))
            }
        }
        return .ok
    }

    static func backup(_ values: CommandLineValues) throws -> ExitStatus {
        let report = try Backup.run(try settings(values), to: values.positional("FILE") ?? "")
        return try print(report, values, "wrote")
    }

    static func restore(_ values: CommandLineValues) throws -> ExitStatus {
        let keepsLog = values.flag("complete")
        let report = try Restore.run(
            try settings(values), from: values.positional("FILE") ?? "", keepsLog: keepsLog)
        if !keepsLog {
            StandardError.write(
                line:
                    "the restored log has a new name: posts send again what it lacks of theirs, and analysts begin new cursors"
            )
        }
        return try print(report, values, "restored")
    }

    private static func print(_ report: CopyReport, _ values: CommandLineValues, _ verb: String) throws
        -> ExitStatus
    {
        var output = WorkReport()
        if values.string("format") == "json" {
            output.write(line: try jsonLine(CopyLine(report)))
        } else {
            output.write(
                words: "\(verb) \(report.path): log \(report.log) through offset \(report.offset), "
                    + "\(report.bytes) bytes, verified")
        }
        return try output.end(.ok, "\(report.path) is there, verified")
    }

    static func migrate(_ values: CommandLineValues) throws -> ExitStatus {
        let report = try MigrateCommand.run(
            try settings(values), as: values.string("user") ?? "postgres")
        var output = WorkReport()
        for user in report.users { output.write(words: "made the user \(user), without a password yet") }
        let done =
            report.from == report.to ? "is of version \(report.to) already" : "is now of version \(report.to)"
        output.write(words: "\(report.place) \(done)")
        if let count = report.identities {
            output.write(
                words:
                    "took the registry's \(count) identities over from its file, which is read no more: keep it, or remove it"
            )
        }
        return try output.end(.ok, "the tables are there")
    }

    static func purge(_ values: CommandLineValues) throws -> ExitStatus {
        let report = try PurgeCommand.run(try settings(values), isDry: values.flag("dry-run"))
        var output = WorkReport()
        for share in report.shares {
            if values.string("format") == "json" {
                output.write(line: try jsonLine(PurgeLine(share, isDry: report.isDry)))
            } else {
                output.write(
                    words:
                        "\(share.name), \(share.period.settingText) after its end: \(share.alerts) alerts, "
                        + "\(share.bytes) bytes \(report.isDry ? "would be erased" : "erased")")
            }
        }
        if let doubt = report.doubt { StandardError.write(line: "borderwire-hub: not now: \(doubt)") }
        if !report.isForgotten {
            StandardError.write(
                line:
                    "the write-ahead log still holds what was erased: a reader needs it; run this again later"
            )
        }
        return try output.end(
            report.isForgotten ? .ok : .tempFail,
            report.isDry ? "nothing was erased" : "the content was erased")
    }

    static func verify(_ values: CommandLineValues) throws -> ExitStatus {
        let report = try Verify.run(
            try settings(values), from: values.integer("from").map { UInt64($0) },
            through: values.integer("through").map { UInt64($0) }, posts: values.string("posts"))
        var output = WorkReport()
        if values.string("format") == "json" {
            output.write(line: try jsonLine(VerificationLine(report)))
        } else {
            for line in VerificationText.lines(report) { output.write(words: line) }
        }
        return try output.end(
            report.findings.isEmpty ? .ok : .dataError,
            report.findings.isEmpty ? "the log is sound" : "the log is NOT SOUND")
    }
}

extension Commands {
    static func rotateKey(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        guard values.flag("finish") else {
            guard !values.flag("now") else {
                throw UsageError(command: "borderwire-hub rotate-key", cause: "--now is of --finish")
            }
            let report = try KeyRotation.begin(settings, overlap: values.duration("overlap") ?? .zero)
            try StandardOutput.write(
                words: "next key \(report.fingerprint), announced until \(report.until.rfc3339())")
            StandardError.write(
                line: report.isAnnounced
                    ? "borderwire-hub: the running hub announces it"
                    : "borderwire-hub: no hub runs; it is announced from the next start on")
            return .ok
        }
        guard !values.isGiven("overlap") else {
            throw UsageError(
                command: "borderwire-hub rotate-key", cause: "--overlap is of the rotation's beginning")
        }
        let fingerprint = try KeyRotation.finish(settings, isEarly: values.flag("now"))
        try StandardOutput.write(words: "key \(fingerprint)")
        StandardError.write(
            line: "borderwire-hub: a hub that runs has the former key until it is restarted: do so now")
        return .ok
    }
}
