import AlertHub
import Alerts
import Platform
import Printable
import ResponseReport
import Settings

extension Commands {
    static func withdraw(_ values: CommandLineValues) throws -> ExitStatus {
        let id = try values.alertID("borderwire-hub").description
        let report = try NoticeCommand.withdraw(
            id, reason: values.require("reason"), try settings(values))
        var output = WorkReport()
        output.write(words: "withdrew \(id): the notice is at offset \(offsets(report))")
        return try output.end(.ok, "\(id) is withdrawn")
    }

    static func erase(_ values: CommandLineValues) throws -> ExitStatus {
        let id = try values.alertID("borderwire-hub").description
        let report = try NoticeCommand.erase(id, reason: values.require("reason"), try settings(values))
        let words =
            report.erased > 0 ? "erased the content of \(id)" : "the content of \(id) was erased before"
        var output = WorkReport()
        output.write(words: "\(words): the notice is at offset \(offsets(report))")
        guard report.isForgotten else {
            StandardError.write(
                line:
                    "the write-ahead log still holds what was erased: a reader needs it; run borderwire-hub purge later"
            )
            return try output.end(.tempFail, words)
        }
        return try output.end(.ok, words)
    }

    static func withdrawAll(
        of name: String, since: Timestamp, _ settings: HubSettings, _ values: CommandLineValues,
        _ report: WorkReport, orNothing: () throws -> Void
    ) throws -> ExitStatus {
        var output = report
        let report = try NoticeCommand.withdrawAll(
            of: name, since: since, reason: values.require("reason"), settings)
        if report.seen == 0 { try orNothing() }
        let words =
            report.alerts == 0
            ? "nothing of \(name) to withdraw since \(since.rfc3339())"
            : "withdrew \(report.alerts) alerts of \(name): the notices are at \(offsets(report))"
        output.write(words: words)
        return try output.end(.ok, words)
    }

    /// When the key was compromised; nil where it is not said.
    static func moment(_ values: CommandLineValues) throws -> Timestamp? {
        guard let text = values.string("compromised-since") else {
            guard !values.isGiven("reason") else {
                throw UsageError(
                    command: "borderwire-hub revoke", cause: "--reason is of --compromised-since")
            }
            return nil
        }
        if let time = Timestamp(typed: text) { return time }
        if let span = Duration(settingText: text) {
            return Timestamp(milliseconds: wallClockMilliseconds()).before(span)
        }
        throw UsageError(
            command: "borderwire-hub revoke", cause: "--compromised-since \(printable(text))",
            remedy: "give a time span (24h), a date or a time (2026-11-24, '2026-11-24 06:30 +07:00')")
    }

    private static func offsets(_ report: NoticeCommand.Report) -> String {
        report.notices.map { "\($0)" }.joined(separator: ", ")
    }
}
