import AlertPost
import Alerts
import FoundationEssentials
import Printable
import Settings

enum Commands {
    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        try Post.run(try settings(values))
    }

    static func publish(_ values: CommandLineValues) throws -> ExitStatus {
        // Before anything is opened: what the command line lacks is the first thing to say.
        let file = values.string("file")
        guard values.command.count > 1 || file != nil else {
            throw UsageError(
                command: "borderwire-post publish", cause: "nothing to publish",
                remedy: "give --file FILE, or one of suspect and movement")
        }
        let settings = try settings(values)
        let asJSON = values.string("format") == "json"
        let run = try PublishRun(settings, wait: values.duration("wait"), asJSON: asJSON)
        guard values.command.count == 1, let path = file else {
            try run.queue([try OptionDraft(values, settings).encoded()], lines: [nil])
            return try run.finish()
        }
        if path.hasSuffix(".json") {
            try run.queue([try Files.readAnything(path, limit: DraftReader.longestLine)], lines: [nil])
            return try run.finish()
        }
        var reader = try DraftReader(path)
        var count = 0
        while true {
            let lines = try reader.next(Publisher.batch)
            guard !lines.isEmpty else { break }
            count += lines.count
            try run.queue(lines.map(\.bytes), lines: lines.map(\.number))
        }
        if count == 0 { StandardError.write(line: "borderwire-post: \(path) holds no alert") }
        return try run.finish()
    }

    static func status(_ values: CommandLineValues) throws -> ExitStatus {
        let status = try PostStatusQuery.ask(try settings(values))
        if values.string("format") == "json" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try StandardOutput.write(line: String(decoding: try encoder.encode(status), as: UTF8.self))
            return .ok
        }
        let since = status.since.map { " since \(Timestamp(milliseconds: $0).rfc3339())" } ?? ""
        try StandardOutput.write(words: "post \(status.post), link \(status.link)\(since)")
        if let reason = status.reason { try StandardOutput.write(words: "  \(printable(reason))") }
        try StandardOutput.write(
            words:
                "outbox: \(status.depth) waiting, \(status.rejected) rejected, epoch \(status.epoch) through \(status.last)"
        )
        if let oldest = status.oldest {
            try StandardOutput.write(words: "oldest waiting: \(Timestamp(milliseconds: oldest).rfc3339())")
        }
        if let skew = status.skew, skew.magnitude > PostStatus.mostSkew.magnitude {
            try StandardOutput.write(
                words:
                    "this clock is \(skew.magnitude / 1_000) s \(skew < 0 ? "ahead of" : "behind") the hub's: set it"
            )
        }
        return .ok
    }

    static func newEpoch(_ values: CommandLineValues) throws -> ExitStatus {
        let change = try NewEpoch(try settings(values))
        guard values.flag("yes") else {
            throw UsageError(
                command: "borderwire-post new-epoch",
                cause:
                    "\(try change.waiting()) waiting alerts would be sealed anew and sent under a new epoch; those that "
                    + "the hub has already are then stored twice, under the same id",
                remedy: "add --yes to do it")
        }
        let report = try change.run()
        try StandardOutput.write(
            words:
                "epoch \(report.epoch) takes the place of \(report.former); \(report.moved) alerts wait in it"
        )
        return .ok
    }

    private static func settings(_ values: CommandLineValues) throws -> PostSettings {
        try values.settings(PostSettings.self)
    }
}
