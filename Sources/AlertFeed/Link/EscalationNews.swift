internal import Alerts
internal import Printable
internal import Wire

/// What a reader is told of escalations: each number once.
struct EscalationNews: Sendable {
    /// Numbers that are remembered. The hub names the newest ones, so that older numbers don't come again.
    static let mostTold = 4_096

    private var told: Set<UInt64> = []

    /// - Returns: what to say, the oldest first.
    mutating func take(_ escalations: Escalations?, _ selection: Selection) -> [String] {
        guard let escalations else { return [] }
        var lines: [String] = []
        for entry in escalations.open.reversed() {
            let topics = entry.topics.filter { Topic(bytes: Array($0.utf8)).map(selection.contains) ?? false }
            guard !topics.isEmpty, told.insert(entry.number).inserted else { continue }
            lines.append(
                "ESCALATION \(entry.number): alert \(printable(entry.alert)) at offset \(entry.offset) (\(printable(topics[0]))) "
                    + EscalationNews.words(entry.reason))
        }
        if told.count > EscalationNews.mostTold {
            told = Set(told.sorted().suffix(EscalationNews.mostTold / 2))
        }
        return lines
    }

    private static func words(_ reason: String) -> String {
        switch reason {
        case "unseen": "has been seen by nobody on duty"
        case "unacknowledged": "has been acknowledged by nobody"
        case "unattended": "came while nobody was on duty for it"
        default: "needs attention: \(printable(reason))"
        }
    }
}
