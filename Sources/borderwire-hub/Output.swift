import AlertHub
import Alerts
import FoundationEssentials
import Identity
import Notation
import Platform
import Printable
import Settings
import Wire

struct IdentityLine: Encodable {
    var name: String
    var publish: [String]
    var read: [String]
    /// Beyond `publish`; left out: all.
    var address: [String]?
    /// Left out: none.
    var duty: [String]?
    var may: [String]?
    var curve: String
    var signing: String
    /// Former keys, and until when they are, or were, as good.
    var former: [Former]

    struct Former: Encodable {
        var curve: String
        var signing: String
        var until: String
    }

    init(_ identity: EnrolledIdentity) {
        name = identity.name
        publish = identity.publish.texts
        read = identity.read.texts
        address = identity.address?.texts
        duty = identity.duty.isEmpty ? nil : identity.duty.texts
        may = identity.may.isEmpty ? nil : identity.may.map(\.rawValue).sorted()
        curve = identity.keys.curve.hex
        signing = identity.keys.signing.bytes.hex
        former = identity.former.map {
            Former(curve: $0.keys.curve.hex, signing: $0.keys.signing.bytes.hex, until: $0.until.rfc3339())
        }
    }
}

func jsonLine(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// A status as the operator reads it.
enum StatusText {
    static func lines(_ status: HubStatus) -> [String] {
        var lines = [
            "log \(status.log), offset \(status.offset), \(status.stored) stored, \(status.refused) refused",
            "up since \(moment(status.started))",
        ]
        if let clock = status.clock {
            if let doubt = clock.doubt {
                lines.append(
                    "CLOCK \(moment(clock.wall)), taken for \(moment(status.time)): \(printable(doubt))")
            }
            if let ahead = clock.logAhead {
                lines.append(
                    "the last alert's time is \(ahead / 86_400_000) days ahead: borderwire-hub clock")
            }
        }
        if let cluster = status.cluster { lines.append(self.cluster(cluster, offset: status.offset)) }
        if let descriptors = status.descriptors {
            lines.append(
                "descriptors \(descriptors.used) of \(descriptors.limit), \(descriptors.reserve) kept free; "
                    + "\(descriptors.waiting) connections wait to be let in, \(descriptors.cut) were cut")
        }
        lines += escalations(status)
        if let successor = status.successor {
            let missing = status.links.filter { $0.successor != true }.map(\.identity)
            let count = status.links.count - missing.count
            lines.append(
                "announces the key \(printable(successor)) as its next one; \(count) of \(status.links.count) have taken it over"
                    + (missing.isEmpty ? "" : ", and not yet \(missing.joined(separator: ", "))"))
        }
        for (reason, count) in status.dropped.sorted(by: { $0.key < $1.key }) {
            lines.append("dropped (\(reason)): \(count)")
        }
        lines.append("")
        lines.append("links")
        for link in status.links {
            var line = "  \(link.identity): "
            line += link.heard.map { "heard \(moment($0))" } ?? "not heard since the start"
            if let epoch = link.epoch, let through = link.through {
                line += ", epoch \(epoch) through \(through)"
            }
            if let depth = link.depth { line += ", \(depth) in its outbox" }
            if let oldest = link.oldest { line += ", the oldest of \(moment(oldest))" }
            if let former = link.former { line += ", former keys until \(moment(former))" }
            if let mistaken = link.mistaken { line += ", \(mistaken) times called mistaken" }
            if let silent = link.silent { line += ", SILENT since \(moment(silent))" }
            lines.append(line)
            let budgets = (link.budgets ?? []).filter { $0.used > 0 || $0.refused > 0 }.map { budget in
                "\(budget.used) of \(budget.most) \(printable(budget.resource))"
                    + (budget.refused > 0 ? " (\(budget.refused) times refused)" : "")
            }
            if !budgets.isEmpty { lines.append("    uses \(budgets.joined(separator: ", "))") }
            if let secondMachine = link.secondMachine {
                lines.append(
                    "    a second machine under this name was refused, last at \(moment(secondMachine.at)), from \(printable(secondMachine.address))"
                )
            }
        }
        lines.append("")
        lines.append("feeds")
        for feed in status.feeds {
            lines.append(
                "  port \(feed.port): \(feed.read.joined(separator: ",")) for \(feed.identities.joined(separator: ", "))"
            )
        }
        lines.append("")
        lines.append("topics")
        for topic in status.topics { lines.append("  \(topic.topic) \(topic.sequence)") }
        if !status.refusals.isEmpty {
            lines.append("")
            lines.append("last refusals")
            for refusal in status.refusals {
                lines.append(
                    "  \(moment(refusal.received)) \(refusal.post) sequence \(refusal.sequence) (\(refusal.code)): "
                        + printable(refusal.reason))
            }
        }
        return lines
    }

    private static func cluster(_ cluster: HubStatus.Cluster, offset: UInt64) -> String {
        guard cluster.hearsStore else { return "HEARS NOTHING OF ITS STORE, and answers nobody else" }
        let holder = cluster.holder.map { printable($0) }
        let behind = cluster.head - min(cluster.head, offset)
        return cluster.writes
            ? "writes the log, in term \(cluster.term)"
            : "follows \(holder ?? "nobody, since no hub writes"), in term \(cluster.term), \(behind) alerts behind"
    }

    private static func escalations(_ status: HubStatus) -> [String] {
        guard let escalation = status.escalation, !escalation.open.isEmpty else { return [] }
        let more = escalation.more > 0 ? ", the newest of them" : ""
        return ["ESCALATED \(UInt64(escalation.open.count) + escalation.more)\(more)"]
            + escalation.open.map {
                "  \($0.number) \(moment($0.time)) \(printable($0.reason)): alert \(printable($0.alert)) of "
                    + "\(printable($0.author)), offset \($0.offset)"
            }
    }

    private static func moment(_ milliseconds: Int64) -> String {
        Timestamp(milliseconds: milliseconds).rfc3339()
    }
}
