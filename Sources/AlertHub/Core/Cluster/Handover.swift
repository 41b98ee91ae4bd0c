internal import Alerts
internal import AlertStore
internal import Wire

/// What readers at hubs that follow have shown their users, on its way to the hub that writes. A value. What comes twice counts
/// once, so that nothing has to be known of what became of the last try.
struct Handover: Sendable {
    /// Receipts left or taken at once.
    static let page = 1_000
    /// Readers that may wait for a confirmation at once.
    static let mostWaiting = 4_096

    private struct Report: Sendable {
        var peer: [UInt8]
        var request: UInt64
        var receipts: [Receipt]
    }

    // At a hub that follows.
    private var waiting: [Report] = []
    private var leaving: [Report] = []
    // At the hub that writes.
    private var taken: UInt64 = 0
    private var underWay: UInt64 = 0
    private var durable: UInt64 = 0
    private var removed: UInt64 = 0
    private var isAsking = false

    /// - Returns: false where too many wait.
    mutating func add(_ peer: [UInt8], _ request: UInt64, _ receipts: [Receipt]) -> Bool {
        guard waiting.count < Handover.mostWaiting else { return false }
        waiting.append(Report(peer: peer, request: request, receipts: receipts))
        return true
    }

    /// What is to be left now; nil: nothing, or some is being left.
    mutating func leave() -> [Receipt]? {
        guard leaving.isEmpty, !waiting.isEmpty else { return nil }
        leaving = waiting
        waiting = []
        return leaving.flatMap(\.receipts)
    }

    /// - Returns: whom to tell so.
    mutating func left() -> [(peer: [UInt8], request: UInt64)] {
        defer { leaving = [] }
        return leaving.map { ($0.peer, $0.request) }
    }

    /// The number after which is to be looked for more; nil: it is being looked.
    mutating func ask() -> UInt64? {
        guard !isAsking else { return nil }
        isAsking = true
        return taken
    }

    mutating func asked(_ handed: [HandedReceipt]) {
        isAsking = false
        taken = handed.last.map { max($0.number, taken) } ?? taken
    }

    /// A batch is closed that holds all that was taken by now; and it is on disk.
    mutating func close() { underWay = taken }
    mutating func committed() { durable = max(durable, underWay) }

    /// Up to where it is to be removed; nil: nothing.
    mutating func remove() -> UInt64? {
        guard durable > removed else { return nil }
        removed = durable
        return durable
    }
}

extension HubCore {
    /// Readers have been shown something, and it is on disk for the hub that writes.
    mutating func handedOver() {
        for (peer, request) in handover.left() {
            perform(.reply(to: peer, .shown(Reply.Shown(request: request))))
        }
    }

    /// Nobody knows whether it is: the readers say it again.
    mutating func notHandedOver() { _ = handover.left() }

    /// What hubs that follow have left.
    mutating func take(_ handed: [HandedReceipt], at now: Timestamp) {
        handover.asked(handed)
        guard role == .writing else { return }
        for receipt in handed.map(\.receipt) {
            guard registry.named(receipt.identity) != nil, let name = end.topic(receipt.topic),
                let ranges = try? SequenceRanges(decoding: receipt.ranges)
            else { continue }
            for range in ranges.ranges {
                _ = responses.shown(range, of: receipt.topic, name, by: receipt.identity, at: now, clock(now))
            }
        }
    }
}
