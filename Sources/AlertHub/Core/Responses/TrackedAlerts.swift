internal import AlertStore
internal import Alerts
internal import Wire

/// The newest alerts, and whether anything has come of each: so that the first time is known at once. Of older ones it is not
/// told again; receipts and answers count for them all the same.
struct TrackedAlerts: Sendable {
    /// Alerts that are tracked, at least; up to twice as many at times, which take some 7 MB.
    static let most = 65_536
    /// Topics: more than there are provinces and kinds. A damaged record can say any number.
    static let mostTopics: UInt32 = 65_536

    private struct Entry: Sendable {
        /// nil: it is an acknowledgement or a notice, to which nobody is expected to respond.
        var alert: AlertID?
        /// Its place among the names.
        var author: UInt32
        var responses: UInt8 = 0
    }

    private struct TopicTail: Sendable {
        /// The topic sequence of the first offset.
        var base: UInt64 = 0
        var offsets: [UInt64] = []
    }

    /// By offset, without a hole.
    private var entries: [Entry] = []
    private var first: UInt64 = 1
    /// The index is the topic's number, which counts from 1 without a hole, less one.
    private var tails: [TopicTail] = []
    private var names: [String] = []
    private var places: [String: UInt32] = [:]

    /// A stored alert; in the order of offsets.
    mutating func stored(_ alert: AlertOutline) {
        if entries.isEmpty || alert.offset != first + UInt64(entries.count) {
            (entries, first, tails) = ([], alert.offset, [])
        }
        let type = PostHeader.messageType(in: alert.header)
        let isExpected = type.map { $0 <= MessageType.cancel.code } ?? false
        entries.append(
            Entry(alert: isExpected ? AlertID(bytes: alert.alert) : nil, author: place(of: alert.post)))
        for delivery in alert.deliveries
        where delivery.topic > 0 && delivery.topic <= TrackedAlerts.mostTopics {
            let index = Int(delivery.topic) - 1
            while index >= tails.count { tails.append(TopicTail()) }
            if tails[index].base + UInt64(tails[index].offsets.count) == delivery.sequence {
                tails[index].offsets.append(alert.offset)
            } else {
                tails[index] = TopicTail(base: delivery.sequence, offsets: [alert.offset])
            }
        }
        if entries.count >= 2 * TrackedAlerts.most { trim() }
    }

    private mutating func trim() {
        entries.removeFirst(TrackedAlerts.most)
        first += UInt64(TrackedAlerts.most)
        for (index, tail) in tails.enumerated() {
            let left = tail.offsets.drop { $0 < first }
            tails[index] = TopicTail(
                base: tail.base + UInt64(tail.offsets.count - left.count), offsets: Array(left))
        }
    }

    private mutating func place(of name: String) -> UInt32 {
        if let place = places[name] { return place }
        let place = UInt32(clamping: names.count)
        names.append(name)
        places[name] = place
        return place
    }

    // MARK: What comes of them

    /// Takes over what was known of an alert's responses before the start.
    mutating func restore(_ progress: AlertProgress) {
        guard let index = index(of: progress.offset) else { return }
        if progress.seen != nil { entries[index].responses |= Reply.Answered.What.seen.bit }
        if progress.acknowledged != nil { entries[index].responses |= Reply.Answered.What.acknowledged.bit }
        if progress.sighted != nil { entries[index].responses |= Reply.Answered.What.sighted.bit }
    }

    /// - Returns: the response, if it is the first of its kind, by somebody else than the author.
    mutating func note(
        _ what: Reply.Answered.What, of offset: UInt64, by identity: String, at moment: Timestamp
    ) -> AlertResponse? {
        guard let index = index(of: offset), let alert = entries[index].alert,
            entries[index].responses & what.bit == 0, names[Int(entries[index].author)] != identity
        else { return nil }
        entries[index].responses |= what.bit
        return AlertResponse(
            what: what, offset: offset, alert: alert, author: names[Int(entries[index].author)], by: identity,
            at: moment)
    }

    /// Notes that an identity has seen all alerts that a topic has in a range of sequences, as far as they are tracked.
    /// - counts: says of an offset whether that alert counts as seen once this identity has shown it.
    mutating func shown(
        _ range: ClosedRange<UInt64>, of topic: UInt32, by identity: String, at moment: Timestamp,
        counts: (UInt64) -> Bool
    ) -> [AlertResponse] {
        let index = Int(topic) - 1
        guard tails.indices.contains(index), !tails[index].offsets.isEmpty else { return [] }
        let tail = tails[index]
        let low = max(range.lowerBound, tail.base)
        let high = min(range.upperBound, tail.base + UInt64(tail.offsets.count) - 1)
        guard low <= high else { return [] }
        return (low...high).compactMap { sequence in
            let offset = tail.offsets[Int(sequence - tail.base)]
            return counts(offset) ? note(.seen, of: offset, by: identity, at: moment) : nil
        }
    }

    private func index(of offset: UInt64) -> Int? {
        guard offset >= first, offset - first < UInt64(entries.count) else { return nil }
        return Int(offset - first)
    }
}

/// Something has come of an alert, by somebody else than its author: the first of its kind.
struct AlertResponse: Sendable, Equatable {
    var what: Reply.Answered.What
    var offset: UInt64
    var alert: AlertID
    var author: String
    var by: String
    /// By the hub's clock.
    var at: Timestamp

    var progress: AlertProgress { AlertProgress(what, of: offset, at: at) }
}

extension AlertProgress {
    init(_ what: Reply.Answered.What, of offset: UInt64, at moment: Timestamp) {
        self.init(offset: offset)
        switch what {
        case .seen: seen = moment
        case .acknowledged: acknowledged = moment
        case .sighted: sighted = moment
        }
    }
}

extension Reply.Answered.What {
    fileprivate var bit: UInt8 {
        switch self {
        case .seen: 1
        case .acknowledged: 2
        case .sighted: 4
        }
    }
}
