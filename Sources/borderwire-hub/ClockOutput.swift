import AlertHub
import Alerts

/// What is known of time as the operator reads it.
enum ClockText {
    static func lines(_ report: ClockCommand.Report) -> [String] {
        var lines = ["clock \(report.clock.rfc3339())"]
        if report.doubt != nil { lines.append("taken for \(report.time.rfc3339())") }
        lines.append(
            "synchronised: \(report.isSynchronised.map { $0 ? "yes" : "no" } ?? "unknown")"
                + (report.posts.map { ", posts heard: \($0)" } ?? ", no hub runs"))
        lines.append(report.doubt ?? "believed")
        if let log = report.log { lines.append(log) }
        return lines
    }
}

struct ClockLine: Encodable {
    /// ms since 1970.
    var clock: Int64
    var time: Int64
    var synchronised: Bool?
    var posts: Int?
    var doubt: String?
    var log: String?

    init(_ report: ClockCommand.Report) {
        clock = report.clock.milliseconds
        time = report.time.milliseconds
        synchronised = report.isSynchronised
        posts = report.posts
        doubt = report.doubt
        log = report.log
    }
}
