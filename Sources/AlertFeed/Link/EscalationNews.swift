internal import Alerts
internal import Printable
internal import Wire

/// What a reader is told of escalations: each number once.
struct EscalationNews: Sendable {
    /// Numbers that are remembered. The hub names the newest ones, so that older numbers don't come again.
    static let mostTold = 4_096

    private var told: Set<UInt64> = []

    /// - Returns: the escalations that were not told before, the oldest first, each with those of its topics that are
    ///   selected.
    mutating func take(_ escalations: Escalations?, _ selection: Selection) -> [Escalations.Entry] {
        guard let escalations else { return [] }
        var news: [Escalations.Entry] = []
        for var entry in escalations.open.reversed() {
            entry.topics.removeAll { !(Topic(bytes: Array($0.utf8)).map(selection.contains) ?? false) }
            guard !entry.topics.isEmpty, told.insert(entry.number).inserted else { continue }
            news.append(entry)
        }
        if told.count > EscalationNews.mostTold {
            told = Set(told.sorted().suffix(EscalationNews.mostTold / 2))
        }
        return news
    }

    /// One in words.
    static func line(_ entry: Escalations.Entry) -> String {
        "ESCALATION \(entry.number): alert \(printable(entry.alert)) at offset \(entry.offset) "
            + "(\(printable(entry.topics.first ?? ""))) \(words(entry.reason))"
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
