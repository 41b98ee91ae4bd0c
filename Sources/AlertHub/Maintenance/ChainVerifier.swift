internal import Alerts
internal import AlertStore
internal import LogProof

/// The way through a log, record after record: what each must continue. A value without I/O.
struct ChainVerifier {
    /// Sequences of a post that are not in the log.
    struct Gap: Equatable {
        var post: String
        var epoch: UInt64
        var sequences: ClosedRange<UInt64>
        /// The record after the gap; nil where the post's last sequences are meant.
        var before: UInt64?
    }

    private struct Stream: Hashable {
        var post: String
        var epoch: UInt64
    }

    /// Gaps that are looked at one by one; a log with more refusals than this between its alerts is checked as far as that.
    static let mostGaps = 100_000

    private(set) var offset: UInt64
    var hash = [UInt8](repeating: 0, count: 32)
    var received = Timestamp(milliseconds: 0)
    /// The offset that is not there, once ``take(_:)`` has found that.
    private(set) var missing: UInt64?
    private let outline: LogOutline
    private let begin: UInt64
    private var topics: [UInt32: UInt64] = [:]
    private var chains: [UInt32: [UInt8]] = [:]
    private var streams: [Stream: UInt64] = [:]
    private var found: [Gap] = []

    init(_ outline: LogOutline, after offset: UInt64) {
        self.outline = outline
        self.offset = offset
        begin = offset
    }

    /// - Returns: what does not continue the log; empty when all does.
    mutating func take(_ record: Record) -> [String] {
        guard record.offset == offset + 1 else {
            missing = offset + 1
            return ["it is missing: the next row is offset \(record.offset)"]
        }
        var problems: [String] = []
        if record.received < received { problems.append("it was received before the one before it") }
        for delivery in record.deliveries {
            if outline.topics[delivery.topic] == nil {
                problems.append("topic \(delivery.topic) is not known")
            }
            // A range that doesn't begin with the log takes each topic's first number as it comes.
            let last = topics[delivery.topic] ?? (begin == 0 ? 0 : delivery.sequence &- 1)
            if delivery.sequence != last &+ 1 {
                problems.append(
                    "topic \(delivery.topic) gives sequence \(delivery.sequence) after \(last)")
            }
            topics[delivery.topic] = delivery.sequence
        }
        problems += sequence(record)
        let body = record.body(digest: record.payloadDigest)
        if record.hash(after: hash, body) != record.hash {
            problems.append("its hash does not commit to it and to the record before it")
        }
        problems += chainProblems(record, body)
        offset = record.offset
        hash = record.hash
        received = record.received
        return problems
    }

    private mutating func chainProblems(_ record: Record, _ body: [UInt8]) -> [String] {
        var problems: [String] = []
        for (index, delivery) in record.deliveries.enumerated() {
            let stored = record.chain(at: index)
            let before =
                chains[delivery.topic]
                ?? (delivery.sequence == 1
                    ? outline.topics[delivery.topic].map { Chain.origin(of: $0) } : nil)
            // A range that doesn't begin with the log takes each topic's first chain as it comes.
            let expected = before.map { Chain.topic(after: $0, sequence: delivery.sequence, body) } ?? stored
            if expected != stored || stored == nil {
                problems.append(
                    "its chain in topic \(delivery.topic) does not commit to it and to those before it")
            }
            chains[delivery.topic] = stored
        }
        return problems
    }

    private mutating func sequence(_ record: Record) -> [String] {
        let stream = Stream(post: record.post, epoch: record.epoch)
        let last = streams[stream] ?? (begin == 0 ? 0 : record.sequence &- 1)
        streams[stream] = record.sequence
        guard record.sequence > last else {
            return ["\(record.post) gives sequence \(record.sequence) after \(last)"]
        }
        if record.sequence > last + 1, found.count < ChainVerifier.mostGaps {
            found.append(
                Gap(
                    post: record.post, epoch: record.epoch, sequences: last + 1...record.sequence - 1,
                    before: record.offset))
        }
        return []
    }

    /// The gaps within the log, and those between each post's last record and what the hub had consumed of it.
    func gaps(_ positions: [Position]) -> [Gap] {
        found
            + positions.compactMap { position in
                let last = streams[Stream(post: position.post, epoch: position.epoch)] ?? 0
                guard position.through > last else { return nil }
                return Gap(
                    post: position.post, epoch: position.epoch, sequences: last + 1...position.through,
                    before: nil)
            }
    }
}
