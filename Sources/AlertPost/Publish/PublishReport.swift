internal import Alerts
internal import FoundationEssentials
internal import Platform
internal import Printable
internal import Settings
internal import Wire

/// What `publish` and `ack` print: one line per alert on standard output, talk on standard error. Where nobody takes the output,
/// alerts are queued all the same.
final class PublishReport {
    /// Progress is shown once a run takes longer than this, and only to a person.
    static let quiet = Duration.seconds(2)

    private let program: OutboxProgram
    private let asJSON: Bool
    private var output = WorkReport()
    private var hasProgress = false
    /// References of persons at risk, of alerts that JSON has yet to tell of.
    private var references: [String: [String]] = [:]

    init(_ program: OutboxProgram, asJSON: Bool) {
        self.program = program
        self.asJSON = asJSON
    }

    /// - isFinal: nothing more will be said of it, since nobody waits for the answer.
    /// - atRisk: references of its persons at risk, which an update of it needs.
    func queued(_ id: AlertID, sequence: UInt64, atRisk: [String], isFinal: Bool) {
        if asJSON {
            if !atRisk.isEmpty { references[id.description] = atRisk }
            if isFinal { print(Line(id: id.description, sequence: sequence, state: "queued")) }
        } else {
            let persons = atRisk.isEmpty ? "" : ", at risk \(atRisk.joined(separator: ", "))"
            output.write(words: "queued \(id), sequence \(sequence)\(persons)")
        }
    }

    func answered(_ status: Outbox.Status) {
        endProgress()
        let id = AlertID(bytes: status.id)?.description ?? ""
        switch status.state {
        case .queued: open(status)
        case .stored(let offset, let at):
            let took = max(0, at.milliseconds - status.queued.milliseconds)
            if asJSON {
                print(
                    Line(id: id, sequence: status.sequence, state: "stored", offset: offset, ms: took))
            } else {
                output.write(words: "stored \(id), offset \(offset), \(took) ms")
            }
        case .rejected(let code, let reason, let at):
            let took = max(0, at.milliseconds - status.queued.milliseconds)
            if asJSON {
                print(
                    Line(
                        id: id, sequence: status.sequence, state: "rejected", ms: took,
                        reason: "\(code): \(reason)"))
            } else {
                output.write(words: "rejected \(id) (\(code)): \(printable(reason))")
            }
        }
    }

    func related(_ related: Reply.Related) {
        let sentences = related.sentences()
        guard !sentences.isEmpty else { return }
        if asJSON {
            var line = Line(id: related.alert, state: "related")
            line.matches = related.matches
            line.hidden = related.hidden
            line.more = related.more
            line.partial = related.partial
            print(line)
        } else {
            for sentence in sentences { output.write(words: printable(sentence)) }
        }
    }

    /// Something has come of a stored alert.
    func answered(_ answer: AlertAnswer, sequence: UInt64) {
        endProgress()
        let moment = Timestamp(milliseconds: answer.time).rfc3339()
        if asJSON {
            print(
                Line(
                    id: answer.alert, sequence: sequence, state: answer.what.rawValue, by: answer.by,
                    at: moment))
        } else {
            let by = answer.by.map { " by \(printable($0))" } ?? ""
            output.write(words: "\(answer.what.rawValue) \(answer.alert)\(by), \(moment)")
        }
    }

    /// The wait ran out, and nobody has done what was waited for.
    func unanswered(_ alerts: [AlertID], until what: Reply.Answered.What) {
        endProgress()
        if !asJSON { for alert in alerts { output.write(words: "not \(what.rawValue) yet \(alert)") } }
        let words = alerts.count == 1 ? "the alert is stored" : "\(alerts.count) alerts are stored"
        StandardError.write(
            line:
                "\(program.rawValue): the wait is over: \(words), and not \(what.rawValue) yet; \(program.rawValue) show ID says more"
        )
    }

    /// The wait ran out before its answer.
    func open(_ status: Outbox.Status) {
        let id = AlertID(bytes: status.id)?.description ?? ""
        if asJSON {
            print(Line(id: id, sequence: status.sequence, state: "queued"))
        } else {
            endProgress()
            output.write(words: "still queued \(id), sequence \(status.sequence)")
        }
    }

    func invalid(_ error: InvalidAlert, line: Int?) {
        endProgress()
        if asJSON, output.isTaken {
            print(Line(state: "rejected", reason: error.description, line: line))
            return
        }
        let place = line.map { "line \($0)" } ?? "alert"
        StandardError.write(line: "\(program.rawValue): \(place) is not queued:")
        for problem in error.problems { StandardError.write(line: "  \(problem)") }
    }

    func skew(_ words: String) {
        StandardError.write(line: "\(program.rawValue): \(printable(words))")
    }

    func noDaemon() {
        StandardError.write(line: "\(program.rawValue): \(program.unsent)")
    }

    func obstacle(_ words: String) {
        StandardError.write(
            line:
                "\(program.rawValue): the wait is over: \(words). What is queued stays queued\(program.later)."
        )
    }

    func progress(_ answered: Int, of queued: Int, after time: Duration) {
        guard time > PublishReport.quiet, StandardError.isTerminal, !StandardOutput.isTerminal else { return }
        hasProgress = true
        StandardError.write("\r\(answered) of \(queued) answered ")
    }

    func endProgress() {
        guard hasProgress else { return }
        hasProgress = false
        StandardError.write("\r\u{1B}[K")
    }

    /// - queued, hasRefusals: what became of the drafts.
    func end(_ status: ExitStatus, queued: Int, hasRefusals: Bool) throws(WorkReport.Lost) -> ExitStatus {
        let all = queued == 1 ? "the alert was queued" : "all \(queued) alerts were queued"
        let some = "\(queued) alerts were queued, and the others were refused"
        return try output.end(status, hasRefusals ? some : all)
    }

    private struct Line: Encodable {
        var id: String?
        var sequence: UInt64?
        var state: String
        var offset: UInt64?
        var ms: Int64?
        var reason: String?
        var line: Int?
        var by: String?
        var at: String?
        var atRisk: [String]?
        var matches: [Reply.Related.Match]?
        var hidden: Bool?
        var more: Bool?
        var partial: Bool?
    }

    private func print(_ line: Line) {
        var line = line
        line.atRisk = line.id.flatMap { references.removeValue(forKey: $0) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and integers always encode.
        guard let json = try? encoder.encode(line) else { return }
        output.write(line: String(decoding: json, as: UTF8.self))
    }
}
