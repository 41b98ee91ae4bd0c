import AlertHub
import Settings

extension Commands {
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
