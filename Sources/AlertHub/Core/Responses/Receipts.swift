internal import AlertStore
internal import Wire

/// What identities say that they have shown their users, as topic sequences. It is their word, and unsigned.
struct Receipts: Sendable {
    /// Ranges that are kept of an identity in one topic. At the limit the oldest is forgotten: then less counts as shown than
    /// was shown, never more.
    static let mostRanges = 256

    struct Key: Sendable, Hashable {
        var identity: String
        var topic: UInt32
    }

    private var shown: [String: [UInt32: SequenceRanges]] = [:]

    init() {}

    /// Rows that can't be read are left out: a damaged row counts as nothing shown.
    init(_ rows: [Receipt]) {
        for row in rows {
            shown[row.identity, default: [:]][row.topic] = try? SequenceRanges(decoding: row.ranges)
        }
    }

    /// - Returns: what of the range is new, and whether something had to be forgotten.
    mutating func add(
        _ range: ClosedRange<UInt64>, _ key: Key
    ) -> (new: [ClosedRange<UInt64>], isFull: Bool) {
        var ranges = shown[key.identity]?[key.topic] ?? SequenceRanges()
        let new = ranges.add(range)
        guard !new.isEmpty else { return ([], false) }
        let isFull = ranges.keepLast(Receipts.mostRanges)
        shown[key.identity, default: [:]][key.topic] = ranges
        return (new, isFull)
    }

    var identities: [String] { Array(shown.keys) }

    mutating func forget(_ identity: String) { shown[identity] = nil }

    /// As it is kept.
    func row(_ key: Key) -> Receipt? {
        shown[key.identity]?[key.topic].map {
            Receipt(identity: key.identity, topic: key.topic, ranges: $0.encoded)
        }
    }

    /// Whether an identity has shown an alert, on whichever of its topics.
    func has(_ identity: String, shown deliveries: [Record.Delivery]) -> Bool {
        guard let topics = shown[identity] else { return false }
        return deliveries.contains { topics[$0.topic]?.contains($0.sequence) ?? false }
    }

    /// Everybody who has shown an alert; ascending.
    func identities(whoHaveShown deliveries: [Record.Delivery]) -> [String] {
        shown.keys.filter { has($0, shown: deliveries) }.sorted()
    }
}
