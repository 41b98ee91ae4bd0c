internal import Alerts

/// Holds back what was read of a backlog until the rest of it was read too, so that an alert that was cancelled since then is
/// shown as cancelled. A value: batches in, and in their order out.
struct Lookahead: Sendable {
    /// What is held at the most: beyond it the oldest leave, with what is known by then.
    static let mostAlerts = 16_384
    static let mostBytes = 32 << 20

    private var held: [FeedBatch] = []
    private var start = 0
    private var alerts = 0
    private var bytes = 0
    /// Nothing is held any more: the backlog is through.
    private(set) var isOver = false

    mutating func put(_ batch: FeedBatch) {
        held.append(batch)
        alerts += batch.alerts.count
        bytes += Lookahead.size(of: batch)
    }

    /// The next one that may leave; nil: none.
    mutating func take() -> FeedBatch? {
        guard start < held.count else { return nil }
        let mayLeave =
            isOver || alerts == 0 || alerts > Lookahead.mostAlerts || bytes > Lookahead.mostBytes
        guard mayLeave else { return nil }
        let batch = held[start]
        start += 1
        alerts -= batch.alerts.count
        bytes -= Lookahead.size(of: batch)
        if start == held.count { (held, start) = ([], 0) }
        return batch
    }

    var isEmpty: Bool { start == held.count }

    mutating func end() { isOver = true }

    private static func size(of batch: FeedBatch) -> Int {
        batch.alerts.reduce(0) { $0 + $1.streamed.signed.payload.count + FeedQueue.overhead }
    }
}
