import AlertHub
import Settings

extension Commands {
    static func backup(_ values: CommandLineValues) throws -> ExitStatus {
        let report = try Backup.run(try settings(values), to: values.positional("FILE") ?? "")
        try print(report, values, "wrote")
        return .ok
    }

    static func restore(_ values: CommandLineValues) throws -> ExitStatus {
        let keepsLog = values.flag("complete")
        let report = try Restore.run(
            try settings(values), from: values.positional("FILE") ?? "", keepsLog: keepsLog)
        try print(report, values, "restored")
        if !keepsLog {
            StandardError.write(
                line:
                    "the restored log has a new name: posts send again what it lacks of theirs, and analysts begin new cursors"
            )
        }
        return .ok
    }

    private static func print(_ report: CopyReport, _ values: CommandLineValues, _ verb: String) throws {
        if values.string("format") == "json" {
            try StandardOutput.write(line: try jsonLine(CopyLine(report)))
        } else {
            try StandardOutput.write(
                line: "\(verb) \(report.path): log \(report.log) through offset \(report.offset), "
                    + "\(report.bytes) bytes, verified")
        }
    }

    static func verify(_ values: CommandLineValues) throws -> ExitStatus {
        let report = try Verify.run(
            try settings(values), from: values.integer("from").map { UInt64($0) },
            through: values.integer("through").map { UInt64($0) }, posts: values.string("posts"))
        if values.string("format") == "json" {
            try StandardOutput.write(line: try jsonLine(VerificationLine(report)))
        } else {
            for line in VerificationText.lines(report) { try StandardOutput.write(line: line) }
        }
        return report.findings.isEmpty ? .ok : .dataError
    }
}
