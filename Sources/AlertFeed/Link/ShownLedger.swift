internal import Wire

/// What a reader has shown its user and the hub has not confirmed yet. A value.
struct ShownLedger: Sendable, Equatable {
    /// Between two reports.
    static let pause = Duration.seconds(1)
    /// A report without an answer for this long is made again, with what has been shown since.
    static let patience = Duration.seconds(10)

    /// By topic number.
    private var open: [UInt32: SequenceRanges] = [:]
    private var asked: Asked?
    private var next = Duration.zero

    private struct Asked: Sendable, Equatable {
        var request: UInt64
        var ranges: [UInt32: SequenceRanges]
        var since: Duration
    }

    var isEmpty: Bool { open.isEmpty && asked == nil }

    /// When ``report(_:log:isLast:_:)`` is due; nil: there is nothing to say.
    var due: Duration? {
        if let asked { return asked.since + ShownLedger.patience }
        return open.isEmpty ? nil : next
    }

    mutating func add(_ places: [Heads.Entry]) {
        for place in places where place.sequence > 0 {
            open[place.topic, default: SequenceRanges()].add(place.sequence...place.sequence)
        }
    }

    /// - isLast: the reading ends, so that it does not wait for its time.
    /// - request: the last number used; it is counted up when there is something to report.
    mutating func report(
        _ request: UInt64, log: UInt64, isLast: Bool, _ now: Duration
    ) -> Request.Shown? {
        if let asked, now >= asked.since + ShownLedger.patience { lost() }
        guard asked == nil, !open.isEmpty, isLast || now >= next else { return nil }
        next = now + ShownLedger.pause
        var said: [UInt32: SequenceRanges] = [:]
        var room = WireLimits.shownRanges
        for (topic, all) in open.sorted(by: { $0.key < $1.key }).prefix(WireLimits.topics) where room > 0 {
            said[topic] = SequenceRanges(all.ranges.prefix(room))
            let left = all.ranges.dropFirst(room)
            open[topic] = left.isEmpty ? nil : SequenceRanges(left)
            room -= min(room, all.ranges.count)
        }
        asked = Asked(request: request, ranges: said, since: now)
        return Request.Shown(
            request: request, log: HexNumber(log),
            topics: said.sorted { $0.key < $1.key }.map { topic, all in
                Request.Shown.Ranges(
                    number: topic, ranges: all.ranges.map { [$0.lowerBound, $0.upperBound] })
            })
    }

    mutating func confirmed(_ request: UInt64) {
        if asked?.request == request { asked = nil }
    }

    /// The hub has refused a report, for now or for good.
    /// - Returns: false when the refusal is of another request.
    mutating func refused(_ request: UInt64?, _ code: ReasonCode) -> Bool {
        guard let asked, asked.request == request else { return false }
        if code == .busy || code == .unavailable { lost() } else { self.asked = nil }
        return true
    }

    /// The link is lost, and with it the answer to the last report: the report is made again.
    mutating func lost() {
        guard let asked else { return }
        self.asked = nil
        for (topic, all) in asked.ranges {
            for range in all.ranges { open[topic, default: SequenceRanges()].add(range) }
        }
    }
}

extension FeedLink {
    /// What has come before the user's eyes.
    mutating func shown(_ places: [Heads.Entry]) { ledger.add(places) }

    /// Whether something was shown that the hub has not confirmed, and can still be reported.
    var owesReport: Bool { state == .reading && !ledger.isEmpty }

    mutating func report(isLast: Bool, _ now: Duration) -> [Action] {
        guard state == .reading, let log = stream?.log else { return [] }
        guard let report = ledger.report(request + 1, log: log, isLast: isLast, now) else { return [] }
        request = report.request
        return [.ask(.shown(report))]
    }
}
