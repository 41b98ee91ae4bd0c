import AlertFeed
import FoundationEssentials
import LogProof
import Platform
import Printable
import Settings

extension Commands {
    static func verify(_ values: CommandLineValues) throws -> ExitStatus {
        let run = VerifyRun(
            from: UInt64(values.integer("from") ?? 1), through: values.integer("through").map { UInt64($0) },
            cursor: values.string("cursor"))
        let report = try run.run(try settings(values), tell: say)
        var output = WorkReport()
        if values.string("format") == "json" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let line = try encoder.encode(VerifyLine(report))
            output.write(line: String(decoding: line, as: UTF8.self))
        } else {
            for line in lines(report) { output.write(words: line) }
        }
        return try output.end(
            report.findings.isEmpty ? .ok : .dataError,
            report.findings.isEmpty ? "the log is sound" : "the log is NOT SOUND")
    }

    private static func lines(_ report: ReaderReport) -> [String] {
        var lines = report.findings.map { finding in
            (finding.offset.map { "offset \($0): " } ?? "log: ") + printable(finding.problem)
        }
        for name in report.checkpoints { lines.append("the log continues the checkpoint of \(name)") }
        for name in report.otherLogs {
            lines.append("the checkpoint of \(name) is of another log: it says nothing about this one")
        }
        guard report.from <= report.through else {
            return lines + ["log \(report.log): no alert in this range"]
        }
        var parts = ["\(report.sealed) seals verify"]
        for (post, count) in report.withoutKey.sorted(by: { $0.key < $1.key }) {
            parts.append("\(count) of \(post), whose key is not here")
        }
        if report.erased > 0 { parts.append("\(report.erased) erased") }
        let verdict = report.findings.isEmpty ? "sound" : "NOT SOUND"
        lines.append(
            "log \(report.log), offsets \(report.from) to \(report.through): \(verdict); \(report.alerts) alerts: "
                + parts.joined(separator: ", "))
        return lines
    }
}

private struct VerifyLine: Encodable {
    var log: String
    var from: UInt64
    var through: UInt64
    var checkpoints: [String]
    var otherLogs: [String]
    var alerts: UInt64
    var sealed: UInt64
    var withoutKey: [String: UInt64]
    var erased: UInt64
    var findings: [LogFinding]

    init(_ report: ReaderReport) {
        log = report.log
        from = report.from
        through = report.through
        checkpoints = report.checkpoints
        otherLogs = report.otherLogs
        alerts = report.alerts
        sealed = report.sealed
        withoutKey = report.withoutKey
        erased = report.erased
        findings = report.findings
    }

    private enum CodingKeys: String, CodingKey {
        case log, from, through, checkpoints
        case otherLogs = "other_logs"
        case alerts, sealed
        case withoutKey = "without_key"
        case erased, findings
    }
}
