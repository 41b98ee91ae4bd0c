import AlertHub
import LogProof
import Platform
import Printable
import Settings

/// A verification as the operator reads it.
enum VerificationText {
    static func lines(_ report: VerificationReport) -> [String] {
        guard report.from <= report.through else {
            return findings(report) + ["log \(report.log): no alert in this range"]
        }
        var parts = ["\(report.sealed) seals verify"]
        for (post, count) in report.withoutKey.sorted(by: { $0.key < $1.key }) {
            parts.append("\(count) of \(post), whose key is not enrolled")
        }
        if report.erased > 0 { parts.append("\(report.erased) erased") }
        let range = "log \(report.log), offsets \(report.from) to \(report.through)"
        let verdict = report.findings.isEmpty ? "sound" : "NOT SOUND"
        return findings(report) + [
            "\(range): \(verdict); \(report.alerts) checked: \(parts.joined(separator: ", "))"
        ]
    }

    private static func findings(_ report: VerificationReport) -> [String] {
        report.findings.map { finding in
            (finding.offset.map { "offset \($0): " } ?? "database: ") + printable(finding.problem)
        }
    }
}

struct VerificationLine: Encodable {
    var log: String
    var from: UInt64
    var through: UInt64
    var alerts: UInt64
    var sealed: UInt64
    var withoutKey: [String: UInt64]
    var erased: UInt64
    var findings: [LogFinding]

    init(_ report: VerificationReport) {
        log = report.log
        from = report.from
        through = report.through
        alerts = report.alerts
        sealed = report.sealed
        withoutKey = report.withoutKey
        erased = report.erased
        findings = report.findings
    }

    private enum CodingKeys: String, CodingKey {
        case log, from, through, alerts, sealed
        case withoutKey = "without_key"
        case erased, findings
    }
}

struct CopyLine: Encodable {
    var path: String
    var log: String
    var offset: UInt64
    var bytes: Int64

    init(_ report: CopyReport) {
        path = report.path
        log = report.log
        offset = report.offset
        bytes = report.bytes
    }
}

struct PurgeLine: Encodable {
    var name: String
    /// As the settings write it.
    var period: String
    var alerts: UInt64
    var bytes: UInt64
    var erased: Bool

    init(_ share: PurgeReport.Share, isDry: Bool) {
        name = share.name
        period = share.period.settingText
        alerts = share.alerts
        bytes = share.bytes
        erased = !isDry
    }
}

/// An audit event as the operator reads it.
enum AuditText {
    static func line(_ line: AuditQuery.Line) -> String {
        var text = "\(line.at)  \(line.identity)  \(line.action)  \(printable(line.subject))"
        if let after = line.after, let through = line.through {
            text += ", after \(after) through \(through)"
        }
        if let alerts = line.alerts { text += ", \(alerts) alerts" }
        if let times = line.times, let until = line.until { text += ", \(times) times until \(until)" }
        return text
    }
}
