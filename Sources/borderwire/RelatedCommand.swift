import AlertFeed
import Alerts
import FoundationEssentials
import Platform
import Printable
import Provinces
import ResponseReport
import Settings
import Wire

extension Commands {
    static func related(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        let directory = try ReferenceData.provinces(overlay: settings.provinces?.path)
        let related = try FeedClient.related(
            to: try values.alertID("borderwire"), settings, provinces: directory, tell: say)
        var output = WorkReport()
        if values.string("format") == "json" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            output.write(
                line: String(decoding: try encoder.encode(RelatedLine(related)), as: UTF8.self))
        } else {
            for sentence in related.sentences() { output.write(words: printable(sentence)) }
        }
        let isNothing = related.matches.isEmpty && related.hidden != true
        if isNothing { say("nothing that still stands has a plate, a vessel or a document of that alert") }
        return try output.end(isNothing ? .noInput : .ok, "the hub has answered")
    }

    /// Below the text of an alert. A hub that is older, or too busy for it, is no failure here.
    static func showRelated(_ id: AlertID, _ inquiry: AlertInquiry) throws {
        guard let related = try? inquiry.related(to: id) else { return }
        for sentence in related.sentences() { try StandardOutput.write(words: printable(sentence)) }
    }
}

private struct RelatedLine: Encodable {
    var alert: String
    var matches: [Reply.Related.Match]
    var hidden: Bool
    var more: Bool
    var partial: Bool

    init(_ related: Reply.Related) {
        alert = related.alert
        matches = related.matches
        hidden = related.hidden ?? false
        more = related.more ?? false
        partial = related.partial ?? false
    }
}
