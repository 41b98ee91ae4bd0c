import AlertHub
import Alerts
import FoundationEssentials
import Identity
import Settings
import Wire

enum Commands {
    static func run(_ values: CommandLineValues) throws -> ExitStatus {
        try Hub.run(try settings(values)) { try settings(values) }
    }

    static func check(_ values: CommandLineValues) throws -> ExitStatus {
        let findings = Check.run(try settings(values), file: values.require("config"))
        for finding in findings {
            try StandardOutput.write(
                words: finding.problem.map { "\(finding.subject): \($0)" } ?? "\(finding.subject): in order")
        }
        return findings.allSatisfy { $0.problem == nil } ? .ok : .config
    }

    static func enroll(_ values: CommandLineValues) throws -> ExitStatus {
        let keys = try KeyFiles.readPublic(values.positional("FILE") ?? "")
        let settings = try settings(values)
        if values.flag("rotate") { return try rotate(to: keys, settings, values) }
        guard !values.isGiven("overlap") else {
            throw UsageError(command: "borderwire-hub enroll", cause: "--overlap is of --rotate")
        }
        let identity = try Enrolment(settings).enroll(
            keys, publish: values.strings("publish"), read: values.strings("read"))
        try StandardOutput.write(words: "enrolled \(line(identity))")
        tell(
            RegistryEffect.wait(settings) { status in
                status.links.contains {
                    $0.identity == identity.name && $0.publish == identity.publish.texts
                        && $0.read == identity.read.texts
                }
            })
        return .ok
    }

    private static func rotate(
        to keys: PublicKeys, _ settings: HubSettings, _ values: CommandLineValues
    ) throws -> ExitStatus {
        guard !values.isGiven("publish"), !values.isGiven("read") else {
            throw UsageError(
                command: "borderwire-hub enroll",
                cause: "--rotate leaves the grants as they are; change them with enroll alone")
        }
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        let identity = try Enrolment(settings).rotate(
            to: keys, overlap: values.duration("overlap") ?? .zero, now: now)
        try StandardOutput.write(words: "rotated \(line(identity))")
        tell(
            RegistryEffect.wait(settings) { status in
                status.links.contains {
                    $0.identity == identity.name && $0.key == identity.keys.fingerprint
                        && $0.former == identity.former.map(\.until).filter { $0 > now }.max()?.milliseconds
                }
            })
        return .ok
    }

    static func revoke(_ values: CommandLineValues) throws -> ExitStatus {
        let name = values.positional("NAME") ?? ""
        let settings = try settings(values)
        try Enrolment(settings).revoke(name)
        try StandardOutput.write(words: "revoked \(name)")
        tell(RegistryEffect.wait(settings) { status in !status.links.contains { $0.identity == name } })
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

    private static func tell(_ outcome: RegistryEffect.Outcome) {
        guard outcome == .notTaken else { return }
        StandardError.write(
            line: "borderwire-hub: a running hub has not taken this yet; borderwire-hub status shows when")
    }

    static func settings(_ values: CommandLineValues) throws -> HubSettings {
        try values.settings(HubSettings.self)
    }

    private static func line(_ identity: Registered) -> String {
        let publish = identity.publish.isEmpty ? "nothing" : identity.publish.texts.joined(separator: ",")
        let read = identity.read.isEmpty ? "nothing" : identity.read.texts.joined(separator: ",")
        return "\(identity.name): publishes \(publish), reads \(read), key \(identity.keys.fingerprint)"
            + identity.former.map { ", former key \($0.keys.fingerprint) until \($0.until.rfc3339())" }
            .joined()
    }
}
