import AlertFeed
import AlertPost
import Alerts
import Platform
import Provinces
import Settings

extension Commands {
    static func ack(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        guard let sender = settings.ackSender else {
            throw ReaderFailure.noState("an acknowledgement needs a directory where it waits for the hub")
        }
        let directory = try ReferenceData.provinces(overlay: settings.provinces?.path)
        let draft = try AckDraft(values, "borderwire", province: nil) { id in
            try FeedClient.ackSubject(id, settings, provinces: directory, tell: say)
        }
        try sender.prepare()
        defer { sender.stop() }
        let run = try PublishRun(
            .analyst, sender.settings, wait: values.duration("wait"),
            asJSON: values.string("format") == "json", tend: sender.look)
        try run.queue([draft.encoded()], lines: [nil])
        return try run.finish()
    }
}
