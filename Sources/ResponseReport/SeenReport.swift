internal import Alerts
internal import FoundationEssentials
internal import Printable
public import Wire

/// Who has seen an alert and what came of it, as the hub tells it: for people, and for programs.
public struct SeenReport: Sendable {
    private let seen: Reply.Seen

    public init(_ seen: Reply.Seen) { self.seen = seen }

    /// `seen by 2 of 3 on duty`, and what else there is to say; names as far as the asker may know them.
    public var lines: [String] {
        var lines = [counted]
        lines += seen.acknowledgers.map {
            "acknowledged by \(printable($0.identity)), \(moment($0.time))"
        }
        if let sighted = seen.sighted { lines.append("first sighted \(moment(sighted))") }
        guard let names = seen.names else { return lines }
        if !names.seen.isEmpty { lines.append("  seen: \(list(names.seen))") }
        if !names.unseen.isEmpty { lines.append("  not seen: \(list(names.unseen))") }
        if !names.others.isEmpty { lines.append("  seen, not on duty: \(list(names.others))") }
        for correction in names.corrections where !correction.unseen.isEmpty {
            lines.append(
                "  have seen it and not its \(correction.change.rawValue) \(printable(correction.alert)): \(list(correction.unseen))"
            )
        }
        return lines
    }

    private var counted: String {
        let first = seen.seen.map { ", first \(moment($0))" } ?? ""
        guard seen.onDuty > 0 else {
            return "nobody was on duty for it when it was stored"
                + (seen.seen == nil ? ", and nobody has seen it" : "; first seen \(first.dropFirst(8))")
        }
        return "seen by \(seen.seenBy) of \(seen.onDuty) on duty\(first)"
    }

    private func list(_ names: [String]) -> String { names.map { printable($0) }.joined(separator: ", ") }
    private func moment(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds).rfc3339() }

    /// One line of JSON.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Line(seen)), as: UTF8.self)
    }

    private struct Line: Encodable {
        struct Acknowledger: Encodable {
            var identity: String
            var offset: UInt64
            var time: String
        }

        struct Correction: Encodable {
            var alert: String
            var offset: UInt64
            var change: String
            var unseen: [String]
        }

        var alert: String
        var offset: UInt64
        var received: String
        var seenBy: Int
        var onDuty: Int
        var firstSeen: String?
        var firstAcknowledged: String?
        var firstSighted: String?
        var acknowledgedBy: [Acknowledger]
        /// Left out: not for who asked.
        var seen: [String]?
        var unseen: [String]?
        var seenOffDuty: [String]?
        var corrections: [Correction]?

        init(_ reply: Reply.Seen) {
            func moment(_ milliseconds: Int64) -> String {
                Timestamp(milliseconds: milliseconds).rfc3339()
            }
            alert = reply.alert
            offset = reply.offset
            received = moment(reply.received)
            seenBy = reply.seenBy
            onDuty = reply.onDuty
            firstSeen = reply.seen.map(moment)
            firstAcknowledged = reply.acknowledged.map(moment)
            firstSighted = reply.sighted.map(moment)
            acknowledgedBy = reply.acknowledgers.map {
                Acknowledger(identity: $0.identity, offset: $0.offset, time: moment($0.time))
            }
            seen = reply.names?.seen
            unseen = reply.names?.unseen
            seenOffDuty = reply.names?.others
            corrections = reply.names?.corrections.map {
                Correction(
                    alert: $0.alert, offset: $0.offset, change: $0.change.rawValue, unseen: $0.unseen)
            }
        }

        private enum CodingKeys: String, CodingKey {
            case alert, offset, received
            case seenBy = "seen_by"
            case onDuty = "on_duty"
            case firstSeen = "first_seen"
            case firstAcknowledged = "first_acknowledged"
            case firstSighted = "first_sighted"
            case acknowledgedBy = "acknowledged_by"
            case seen, unseen
            case seenOffDuty = "seen_off_duty"
            case corrections
        }
    }
}
