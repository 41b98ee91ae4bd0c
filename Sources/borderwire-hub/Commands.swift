import AlertHub
import Alerts
import FoundationEssentials
import Identity
import Platform
import Printable
import ResponseReport
import Settings
import Wire

enum Commands {
    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        try Hub(try settings(values)) { try settings(values) }.runUntilSignalled()
        return .ok
    }

    static func check(_ values: CommandLineValues) throws -> ExitStatus {
        let findings = Check.run(try settings(values), file: values.require("config"))
        let isInOrder = findings.allSatisfy { $0.problem == nil }
        var output = WorkReport()
        for finding in findings {
            output.write(
                words: finding.problem.map { "\(finding.subject): \($0)" } ?? "\(finding.subject): in order")
        }
        return try output.end(isInOrder ? .ok : .config, "all is \(isInOrder ? "" : "not ")in order")
    }

    static func enroll(_ values: CommandLineValues) throws -> ExitStatus {
        let keys = try KeyFiles.readPublic(values.positional("FILE") ?? "")
        let settings = try settings(values)
        if values.flag("rotate") { return try rotate(to: keys, settings, values) }
        guard !values.isGiven("overlap") else {
            throw UsageError(command: "borderwire-hub enroll", cause: "--overlap is of --rotate")
        }
        let enrolment = try Enrolment(settings)
        let before = try enrolment.identities()
        let identity = try enrolment.enroll(
            keys, publish: values.strings("publish"), read: values.strings("read"),
            address: values.strings("address"), duty: values.strings("duty"), may: values.strings("may"))
        var output = WorkReport()
        output.write(words: "enrolled \(line(identity))")
        for line in EnrolmentEffect(identity, among: before).lines { output.write(words: "  \(line)") }
        return try follow(settings, "\(identity.name) is enrolled", reader: identity, output)
    }

    private static func rotate(
        to keys: PublicKeys, _ settings: HubSettings, _ values: CommandLineValues
    ) throws -> ExitStatus {
        guard !["publish", "read", "address", "duty", "may"].contains(where: values.isGiven) else {
            throw UsageError(
                command: "borderwire-hub enroll",
                cause: "--rotate leaves the grants as they are; change them with enroll alone")
        }
        // Until when the former keys are good is written down: by a clock that is wrong it would be for years, or not at all.
        let overlap = values.duration("overlap") ?? .zero
        let now = try ClockCommand.now(settings, orLongAgo: overlap == .zero)
        let enrolment = try Enrolment(settings)
        let before = try enrolment.identities()
        let identity = try enrolment.rotate(to: keys, overlap: overlap, now: now)
        var output = WorkReport()
        output.write(words: "rotated \(line(identity))")
        for line in EnrolmentEffect(identity, among: before).lines { output.write(words: "  \(line)") }
        return try follow(settings, "\(identity.name) has its new keys", reader: identity, output)
    }

    static func revoke(_ values: CommandLineValues) throws -> ExitStatus {
        let name = values.positional("NAME") ?? ""
        let settings = try settings(values)
        let since = try moment(values)
        let enrolment = try Enrolment(settings)
        // One that was revoked before has only its alerts left to withdraw.
        let isEnrolled = try since == nil || enrolment.identities().contains { $0.name == name }
        var output = WorkReport()
        if isEnrolled {
            try enrolment.revoke(name)
            output.write(words: "revoked \(name)")
        }
        guard let since else { return try follow(settings, "\(name) is revoked", output) }
        if isEnrolled { try follow(settings, "\(name) is revoked") }
        return try withdrawAll(of: name, since: since, settings, values, output) {
            // Neither enrolled nor known to the log: it is mistyped.
            if !isEnrolled { try enrolment.revoke(name) }
        }
    }

    /// The registry has changed; says what hubs that run make of it.
    private static func follow(
        _ settings: HubSettings, _ change: String, reader: EnrolledIdentity? = nil, _ output: WorkReport
    ) throws -> ExitStatus {
        try follow(settings, change, reader: reader)
        return try output.end(.ok, change)
    }

    private static func follow(
        _ settings: HubSettings, _ change: String, reader: EnrolledIdentity? = nil
    ) throws {
        let words =
            switch try RegistryEffect.wait(settings, change, reader: reader) {
            case .inForce: "in force at the running hub"
            case .noHub: "no hub runs; its next start reads the registry"
            case .shared(let names, let silent):
                "in force at \(names.joined(separator: ", "))"
                    + (silent.isEmpty
                        ? ""
                        : "; not heard, so off or answering nobody until it has this: \(silent.joined(separator: ", "))")
            }
        StandardError.write(line: "borderwire-hub: \(words)")
    }

    static func registry(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        switch values.command.dropFirst().first {
        case "replace":
            let file = values.positional("FILE") ?? ""
            let count = try RegistryCommand.replace(settings, with: file)
            var output = WorkReport()
            output.write(words: "the registry is that of \(file) now: \(count) identities")
            return try follow(settings, "the registry of \(file) is there", output)
        case "history":
            for line in try RegistryCommand.history(settings) { try StandardOutput.write(words: line) }
        default: try StandardOutput.write(try RegistryCommand.text(settings))
        }
        return .ok
    }

    static func identities(_ values: CommandLineValues) throws -> ExitStatus {
        for identity in try Enrolment(try settings(values)).identities() {
            if values.string("format") == "json" {
                try StandardOutput.write(line: try jsonLine(IdentityLine(identity)))
            } else {
                try StandardOutput.write(words: line(identity))
            }
        }
        return .ok
    }

    static func status(_ values: CommandLineValues) throws -> ExitStatus {
        let status = try StatusQuery.ask(try settings(values))
        if values.string("format") == "json" {
            try StandardOutput.write(line: try jsonLine(status))
        } else {
            for line in StatusText.lines(status) { try StandardOutput.write(words: line) }
        }
        return .ok
    }

    static func seen(_ values: CommandLineValues) throws -> ExitStatus {
        let id = try values.alertID("borderwire-hub")
        guard let seen = try SeenCommand.ask(id, try settings(values)) else {
            throw Failure("the hub's log has no alert \(id)", status: .dataError)
        }
        try SeenReport(seen).print(values)
        return .ok
    }

    static func statistics(_ values: CommandLineValues) throws -> ExitStatus {
        let span = values.duration("since") ?? .zero
        let statistics = try Statistics.run(try settings(values), ago: span)
        switch values.string("format") {
        case "json": try StandardOutput.write(line: try jsonLine(StatisticsLine(statistics)))
        case "csv": for line in StatisticsText.csv(statistics) { try StandardOutput.write(line: line) }
        default: for line in StatisticsText.lines(statistics) { try StandardOutput.write(words: line) }
        }
        return .ok
    }

    static func page(_ values: CommandLineValues) throws -> ExitStatus {
        let outcome = try PageCommand.run(try settings(values))
        var output = WorkReport()
        for number in outcome.paged { output.write(words: "paged for escalation \(number)") }
        if let problem = outcome.problem {
            throw Failure(problem, status: .tempFail)
        }
        return try output.end(
            .ok, outcome.isElsewhere ? "another machine pages for this log just now" : "the pages are out")
    }

    static func clock(_ values: CommandLineValues) throws -> ExitStatus {
        let settings = try settings(values)
        var output = WorkReport()
        if values.command.count > 1 {
            let reading = try ClockCommand.accept(settings)
            output.write(words: "accepted: the clock shows \(reading.rfc3339())")
            return try output.end(.ok, "the clock is accepted")
        }
        let report = try ClockCommand.report(settings)
        if values.string("format") == "json" {
            output.write(line: try jsonLine(ClockLine(report)))
        } else {
            for line in ClockText.lines(report) { output.write(words: line) }
        }
        return try output.end(
            report.doubt == nil ? .ok : .tempFail,
            report.doubt == nil ? "the clock is believed" : "the clock is doubted")
    }

    static func settings(_ values: CommandLineValues) throws -> HubSettings {
        try values.settings(HubSettings.self)
    }

    private static func line(_ identity: EnrolledIdentity) -> String {
        let publish = identity.publish.isEmpty ? "nothing" : identity.publish.texts.joined(separator: ",")
        let read = identity.read.isEmpty ? "nothing" : identity.read.texts.joined(separator: ",")
        let address = identity.address.map { ", addresses only \($0.texts.joined(separator: ","))" } ?? ""
        let duty =
            identity.duty.isEmpty ? "" : ", on duty for \(identity.duty.texts.joined(separator: ","))"
        let may =
            identity.may.isEmpty
            ? "" : ", may \(identity.may.map(\.rawValue).sorted().joined(separator: ","))"
        return
            "\(identity.name): publishes \(publish), reads \(read)\(address)\(duty)\(may), key \(identity.keys.fingerprint)"
            + identity.former.map { ", former key \($0.keys.fingerprint) until \($0.until.rfc3339())" }
            .joined()
    }
}
