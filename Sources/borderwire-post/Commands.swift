import AlertFeed
import AlertPost
import Alerts
import CAP
import FoundationEssentials
import Identity
import Platform
import Printable
import Provinces
import ResponseReport
import Settings

enum Commands {
    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        try Post(try settings(values)).runUntilSignalled()
        return .ok
    }

    static func publish(_ values: CommandLineValues) throws -> ExitStatus {
        // Before anything is opened: what the command line lacks is the first thing to say.
        let file = values.string("file")
        guard values.command.count > 1 || file != nil else {
            throw UsageError(
                command: "borderwire-post publish", cause: "nothing to publish",
                remedy: "give --file FILE, or one of suspect, movement and sighting")
        }
        if values.command.count > 1, file != nil {
            throw UsageError(
                command: "borderwire-post publish",
                cause: "--file and \(values.command[1]) exclude each other",
                remedy: "publish the file, or the alert that the options describe")
        }
        let settings = try settings(values)
        let described = try values.command.count > 1 ? describe(values, settings).encoded() : nil
        let until = values.string("until").flatMap { WaitEnd(rawValue: $0) } ?? .stored
        guard until == .stored || values.duration("wait") != nil else {
            throw UsageError(
                command: "borderwire-post publish", cause: "--until \(until.rawValue) without --wait",
                remedy: "say how long to wait, e.g. --wait 15m")
        }
        let run = try PublishRun(
            .post, settings, wait: values.duration("wait"), until: until,
            asJSON: values.string("format") == "json")
        if let described {
            try run.queue([described], lines: [nil])
        } else if let file, file.hasSuffix(".xml") {
            try queueDocument(file, settings, run)
        } else if let file, file.hasSuffix(".json") {
            let draft = try Files.readAnything(file, limit: DraftReader.longestLine)
            try run.queue([DraftReader.withoutMark(draft)], lines: [nil])
        } else if let file {
            try queueLines(of: file, run)
        }
        return try run.finish()
    }

    /// With `--resolution safe` all versions of what `--cancel` names, as far as the outbox has them.
    private static func describe(_ values: CommandLineValues, _ settings: PostSettings) throws -> OptionDraft
    {
        var draft = try OptionDraft(values, settings)
        let named = draft.references ?? []
        let ids = named.compactMap { AlertID($0) }
        guard draft.resolution != nil, ids.count == named.count else { return draft }
        let versions = try ThreadVersions.all(of: ids, settings)
        let added = versions.ids.dropFirst(Set(ids).count).map(\.description)
        if !added.isEmpty {
            StandardError.write(
                line: "borderwire-post: other versions are erased too: \(added.joined(separator: ", "))")
        }
        for id in versions.unknown {
            StandardError.write(
                line:
                    "borderwire-post: the outbox has no alert \(id), so that it can't know its other versions; where one is "
                    + "missing the hub refuses the cancellation and names it")
        }
        draft.references = versions.ids.map(\.description)
        return draft
    }

    static func ack(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        let draft = try AckDraft(values, "borderwire-post", province: settings.province) { id in
            let reader = ReaderSettings(
                key: settings.key, hub: settings.hub, state: settings.state, provinces: settings.provinces)
            let provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
            return try FeedClient.ackSubject(id, reader, provinces: provinces) { words in
                StandardError.write(line: "borderwire-post: \(words)")
            }
        }
        let run = try PublishRun(
            .post, settings, wait: values.duration("wait"), asJSON: values.string("format") == "json")
        try run.queue([draft.encoded()], lines: [nil])
        return try run.finish()
    }

    /// A document of CAP 1.2. What an alert has no place for is named, so that who publishes it can put it elsewhere.
    private static func queueDocument(_ file: String, _ settings: PostSettings, _ run: PublishRun) throws {
        let bytes = try Files.readAnything(file, limit: CAPImport.largest)
        let name = try KeyFiles.readSecret(settings.key.path).name
        let provinces = try ReferenceData.provinces(overlay: settings.provinces?.path)
        let made: CAPImport
        do throws(InvalidAlert) {
            made = try CAPImport(DraftReader.withoutMark(bytes), post: name, provinces: provinces)
        } catch { return run.refuse(error) }
        for problem in made.leftOut {
            StandardError.write(line: "borderwire-post: left out: \(problem)")
        }
        try run.queue([made.draft], lines: [nil])
    }

    private static func queueLines(of file: String, _ run: PublishRun) throws {
        var reader = try DraftReader(file)
        var isEmpty = true
        // What is queued shows by itself on a terminal.
        var progress = Progress(
            "queueing, in bytes", isShown: StandardError.isTerminal && !StandardOutput.isTerminal)
        defer { progress.end() }
        while true {
            let lines = try reader.next(Publisher.batch)
            guard !lines.isEmpty else { break }
            isEmpty = false
            try run.queue(lines.map(\.bytes), lines: lines.map(\.number))
            if let size = reader.size { progress.show(reader.taken, of: size) }
        }
        if isEmpty {
            StandardError.write(
                line: "borderwire-post: \(file == "-" ? "standard input" : printable(file)) holds no alert")
        }
    }

    static func show(_ values: CommandLineValues) throws -> ExitStatus {
        let id = try values.alertID("borderwire-post")
        let settings = try settings(values)
        let keys = try KeyFiles.readSecret(settings.key.path)
        let seen = try SeenQuery.ask(id, of: try settings.hubs(), keys) {
            StandardError.write(line: "borderwire-post: \($0)")
        }
        guard let seen else {
            throw Failure(
                "the hub has no alert \(id), or none that \(keys.name) may ask about",
                remedy: "borderwire-post status says what waits in the outbox", status: .noInput)
        }
        try SeenReport(seen).print(values)
        return .ok
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
        if let altered = status.altered, altered > 0 {
            try StandardOutput.write(
                words:
                    "the hub's log no longer has \(altered) alerts of this post as it had stored them: they were removed, "
                    + "moved or exchanged"
            )
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
        var output = WorkReport()
        output.write(
            words:
                "epoch \(report.epoch) takes the place of \(report.former); \(report.moved) alerts wait in it"
        )
        return try output.end(.ok, "the new epoch has begun")
    }

    private static func settings(_ values: CommandLineValues) throws -> PostSettings {
        try values.settings(PostSettings.self)
    }
}
