import AlertFeed
import Alerts
import CAP
import Platform
import Printable
import Provinces
import ResponseReport
import Settings

/// For whom documents are.
struct ExportTarget: Sendable {
    var domain: String
    var isFull: Bool
    var policy: HandlingPolicy
    var destination: String
    var circle: HandlingPolicy.Circle

    /// - command: for errors.
    init(_ values: CommandLineValues, _ settings: ReaderSettings, _ command: String) throws {
        let export = settings.export
        guard let domain = export.domain, let organisation = export.organisation else {
            throw Failure(
                "nothing may leave: the settings' [export] names no domain and organisation",
                remedy: "borderwire-analyst.toml(5) says what it holds", status: .config)
        }
        let policy = HandlingPolicy(
            organisation: organisation, partners: Set(export.partners), community: Set(export.community))
        let known = policy.destinations.joined(separator: ", ")
        guard let destination = values.string("to") ?? export.destination else {
            throw UsageError(
                command: command, cause: "--to is missing, and export.destination is not set",
                remedy: "say for whom it is: \(known)")
        }
        guard let circle = policy.circle(of: destination) else {
            throw UsageError(
                command: command, cause: "--to \(printable(destination)): the settings don't name it",
                remedy: "[export] names \(known)")
        }
        self.domain = domain
        isFull = export.isFull
        self.policy = policy
        self.destination = destination
        self.circle = circle
    }
}

extension Commands {
    static func export(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        let target = try ExportTarget(values, settings, "borderwire export")
        let directory = try ReferenceData.provinces(overlay: settings.provinces?.path)
        var query = try query(values, directory)
        query.follows = !values.flag("no-follow") && query.until == nil
        let export = DocumentExport(
            query: query, count: values.integer("count"), cursor: values.require("cursor"),
            out: values.require("out"), target: target)
        return try export.run(settings, provinces: directory)
    }

    /// `search --format cap`.
    static func search(
        _ values: CommandLineValues, _ query: FeedClient.Query, _ settings: ReaderSettings,
        _ directory: ProvinceDirectory
    ) throws -> ExitStatus {
        guard let out = values.string("out") else {
            throw UsageError(
                command: "borderwire search", cause: "--format cap without --out",
                remedy: "documents are files: name a directory for them")
        }
        let target = try ExportTarget(values, settings, "borderwire search")
        let export = DocumentExport(
            query: query, count: values.integer("count"), cursor: nil, out: out, target: target)
        return try export.run(settings, provinces: directory)
    }

    /// `show --format cap`: the one document, or why there is none.
    static func showDocument(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        let target = try ExportTarget(values, settings, "borderwire show")
        let directory = try ReferenceData.provinces(overlay: settings.provinces?.path)
        let id = try values.alertID("borderwire")
        let maker = try DocumentMaker(target, settings, provinces: directory)
        guard let read = try maker.alert(id) else {
            say("no alert \(id) that this identity may read")
            return .noInput
        }
        switch try maker.document(of: read) {
        case .document(let bytes, _):
            try StandardOutput.write(bytes)
            return .ok
        case .stays(let reason):
            say("kept back \(id): \(reason)")
            return .noPermission
        }
    }

    /// Options of documents, where none are made.
    static func refuseExportOptions(_ values: CommandLineValues, _ names: [String]) throws {
        for name in names where values.isGiven(name) {
            throw UsageError(
                command: "borderwire \(values.command.joined(separator: " "))",
                cause: "--\(name) without --format cap", remedy: "only documents are made for somebody")
        }
    }
}
