import AlertFeed
import Alerts
import FoundationEssentials
import Identity
import Platform
import Printable
import Provinces
import ResponseReport
import Settings
import Wire

/// What the program says beside its data.
@Sendable func say(_ words: String) { StandardError.write(line: "borderwire: \(words)") }

enum Commands {
    static func tail(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        let directory = try ReferenceData.provinces(overlay: settings.provinces?.path)
        var query = try query(values, directory)
        query.follows = !values.flag("no-follow") && query.until == nil
        let tail = Tail(query: query, count: values.integer("count"), cursor: values.string("cursor"))
        return try tail.run(settings, provinces: directory, format: format(values, directory))
    }

    static func search(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        let directory = try ReferenceData.provinces(overlay: settings.provinces?.path)
        guard let words = SearchWords(values.positionals("WORD"), in: directory) else {
            throw UsageError(
                command: "borderwire search", cause: "a word without a letter or a digit",
                remedy: "there is nothing in it to look for")
        }
        var query = try query(values, directory)
        query.words = words
        query.follows = false
        if values.string("format") == "cap" { return try search(values, query, settings, directory) }
        try refuseExportOptions(values, ["out", "to"])
        let search = Tail(query: query, count: values.integer("count"))
        let status = try search.run(settings, provinces: directory, format: format(values, directory))
        if status == .noInput {
            say("nothing found that this identity may read")
        }
        return status
    }

    static func show(_ values: CommandLineValues) throws -> ExitStatus {
        if values.string("format") == "cap" { return try showDocument(values) }
        try refuseExportOptions(values, ["to"])
        let settings = try settings(values)
        let directory = try ReferenceData.provinces(overlay: settings.provinces?.path)
        let id = try values.alertID("borderwire")
        let format = format(values, directory)
        var opening = format.opening
        let isActiveOnly = values.flag("active")
        let inquiry = try AlertInquiry(settings, provinces: directory, tell: say)
        let seen = try seen(id, inquiry).map { SeenReport($0) }
        var hasIdentifiers = false
        let extent = try inquiry.find(id, isActiveOnly: isActiveOnly) { alert in
            var alert = alert
            if alert.facts?.id == id.bytes {
                alert.seen = try seen?.json()
                hasIdentifiers = !Identifier.all(in: alert.streamed.signed.payload).isEmpty
            }
            try StandardOutput.write(opening + format.bytes(of: alert))
            opening = []
        }
        guard extent.alerts > 0 else {
            say("no alert \(id) that this identity may read")
            return .noInput
        }
        if extent.over == extent.alerts {
            say("alert \(id) is over, and so is all that refers to it; without --active it is shown")
            return .noInput
        }
        if values.string("format") == "text" {
            for line in seen?.lines ?? [] { try StandardOutput.write(words: line) }
            // Programs ask by themselves.
            if hasIdentifiers { try showRelated(id, inquiry) }
        }
        if extent.others > 0 {
            StandardError.write(
                line:
                    "borderwire: \(extent.others) of these refer to it, and are not by its author: without effect"
            )
        }
        if extent.isCut {
            StandardError.write(
                line: "borderwire: the hub has more that refers to it than it looks at; search for the rest")
        }
        return .ok
    }

    /// An older hub can't tell, and a busy one won't: the alert is shown all the same.
    private static func seen(_ id: AlertID, _ inquiry: AlertInquiry) throws -> Reply.Seen? {
        do { return try inquiry.seen(id) } catch let failure as ReaderFailure
            where failure.isRefusal
        {
            return nil
        }
    }

    static func provinces(_ values: CommandLineValues) throws -> ExitStatus {
        let directory = try ReferenceData.provinces(overlay: values.string("provinces-file"))
        let names = values.positionals("NAME")
        let found = try names.isEmpty ? directory.provinces : names.map { try province($0, directory) }
        let longest = found.map(\.slug.utf8.count).max() ?? 0
        for province in found {
            if values.string("format") == "json" {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                let line = ProvinceLine(
                    code: province.code, slug: province.slug, english: province.english, khmer: province.khmer
                )
                try StandardOutput.write(line: String(decoding: try encoder.encode(line), as: UTF8.self))
            } else {
                let khmer = province.khmer.map { "  \($0)" } ?? ""
                try StandardOutput.write(
                    words:
                        "\(padded(province.code, 6))  \(padded(province.slug, longest))  \(province.english)\(khmer)"
                )
            }
        }
        return .ok
    }

    static func keygen(_ values: CommandLineValues) throws -> ExitStatus {
        let name = values.positional("NAME") ?? ""
        let directory = values.require("out")
        let keys = try KeyFiles.generate(name: name, directory: directory)
        var output = WorkReport()
        output.write(
            words: "made \(Files.path("\(name).key", from: directory)) (keep it here, secret) and "
                + "\(Files.path("\(name).pub", from: directory)) (hand it over), key \(keys.fingerprint)")
        return try output.end(.ok, "the keys were made")
    }

    private struct ProvinceLine: Encodable {
        var code: String
        var slug: String
        var english: String
        var khmer: String?
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func settings(_ values: CommandLineValues) throws -> ReaderSettings {
        try values.settings(ReaderSettings.self)
    }

    private static func format(_ values: CommandLineValues, _ directory: ProvinceDirectory) -> any AlertFormat
    {
        switch values.string("format") {
        case "json": JSONFormat(forTerminal: StandardOutput.isTerminal)
        case "csv": CSVFormat()
        case "csv-excel": CSVFormat(forExcel: true)
        default:
            TextFormat(
                directory, colours: StandardOutput.allowsColor,
                width: ColumnWidth(composesMarks: StandardOutput.composesMarks),
                columns: { StandardOutput.columns ?? Layout.usualColumns })
        }
    }

    static func query(
        _ values: CommandLineValues, _ directory: ProvinceDirectory
    ) throws -> FeedClient.Query {
        var query = FeedClient.Query()
        query.wanted = try wanted(values, directory)
        query.filter = filter(values)
        query.start = try start(values)
        query.until = try until(values)
        query.isActiveOnly = values.flag("active")
        return query
    }

    private static func wanted(_ values: CommandLineValues, _ directory: ProvinceDirectory) throws -> Wanted {
        let names = values.strings("province")
        let provinces = try names.isEmpty ? nil : names.map { try province($0, directory) }
        let kinds = Set(values.strings("kind").compactMap { Kind(rawValue: $0) })
        return Wanted(provinces: provinces, kinds: kinds.isEmpty ? nil : kinds)
    }

    private static func filter(_ values: CommandLineValues) -> Filter {
        let statuses = Set(values.strings("status").compactMap { Status(rawValue: $0) })
        return Filter(
            minimumSeverity: values.string("min-severity").flatMap { Severity(rawValue: $0) },
            statuses: statuses.isEmpty ? nil : statuses)
    }

    private static func start(_ values: CommandLineValues) throws -> Start? {
        switch try moment("since", values) {
        case .before(let time): .since(time)
        case .ago(let span): .ago(span)
        case .through(let offset): .after(offset, log: nil)
        case nil: nil
        }
    }

    private static func until(_ values: CommandLineValues) throws -> Until? { try moment("until", values) }

    /// `24h`, a time, or an offset: what comes before.
    private static func moment(_ option: String, _ values: CommandLineValues) throws -> Until? {
        guard let text = values.string(option) else { return nil }
        if let offset = UInt64(text) { return .through(offset) }
        if let time = Timestamp(typed: text) { return .before(time) }
        if let span = Duration(settingText: text) { return .ago(span) }
        throw UsageError(
            command: "borderwire \(values.command.joined(separator: " "))",
            cause: "--\(option) \(printable(text))",
            remedy:
                "give a time span (24h), a date or a time (2026-11-24, '2026-11-24 06:30 +07:00') or an offset (4711)"
        )
    }

    private static func province(_ name: String, _ directory: ProvinceDirectory) throws -> Province {
        if let province = directory.find(name) { return province }
        let nearest = directory.nearest(name).map { "\($0.slug) (\($0.english))" }
        throw UsageError(
            command: "borderwire", cause: "\(printable(name)) names no province",
            remedy: nearest.isEmpty
                ? "borderwire provinces lists them" : "the nearest are \(nearest.joined(separator: ", "))")
    }
}
