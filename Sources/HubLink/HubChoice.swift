public import Wire

/// Which of the hubs that a post or a reader knows it talks to. A value; times are steady. PROTOCOL.md, "Several hubs".
public struct HubChoice: Sendable, Equatable {
    /// After so long without a welcome the next one is tried; after less where it had welcomed this peer before, whose link has been
    /// silent for a while by then.
    public static let patience = Duration.seconds(3)
    public static let patienceWithKnown = Duration.milliseconds(1_500)
    /// Between two changes.
    public static let pause = Duration.milliseconds(250)

    /// In the order in which they are tried.
    private let names: [String]
    /// Its place among them.
    public private(set) var current = 0
    private var isWelcomed = false
    private var limit = HubChoice.patience
    /// When the waiting for a welcome began.
    private var since: Duration
    /// Before that it does not change again.
    private var earliest: Duration
    /// Where to go as soon as it may; nil: it stays.
    private var wanted: Int?

    /// - names: of the hubs, at least one.
    public init(_ names: [String], at now: Duration) {
        self.names = names
        since = now
        earliest = now
    }

    /// When ``tick(_:)`` is due.
    public var nextTick: Duration {
        guard names.count > 1 else { return .seconds(Int64.max / 4) }
        if wanted != nil { return earliest }
        return isWelcomed ? .seconds(Int64.max / 4) : max(since + limit, earliest)
    }

    /// Whether its welcome is believed now; to be said after whatever has happened to the link.
    public mutating func note(isWelcomed: Bool, _ now: Duration) {
        if isWelcomed {
            self.isWelcomed = true
            wanted = nil
        } else {
            leave(now)
        }
    }

    /// The connection to its control port is gone, or can't be made.
    public mutating func lost(_ now: Duration) {
        leave(now)
        wanted = wanted ?? next
    }

    /// It refused a hello, or says unasked that it does not write any more.
    public mutating func refused(_ refused: Reply.Refused, _ now: Duration) {
        switch refused.code {
        case .elsewhere:
            leave(now)
            // Where nobody writes, this one may be about to: it is asked again.
            guard let hub = refused.hub else { return }
            wanted = names.firstIndex(of: hub) ?? next
            if wanted == current { wanted = nil }
        case .unavailable where !isWelcomed: wanted = wanted ?? next
        default: break
        }
    }

    /// - Returns: whether it is another hub now: all sockets are to be made anew.
    public mutating func tick(_ now: Duration) -> Bool {
        guard names.count > 1, now >= nextTick else { return false }
        let former = current
        current = wanted ?? next
        (wanted, isWelcomed, since, earliest) = (nil, false, now, now + HubChoice.pause)
        limit = HubChoice.patience
        return current != former
    }

    private var next: Int { (current + 1) % names.count }

    private mutating func leave(_ now: Duration) {
        if isWelcomed { (since, limit) = (now, HubChoice.patienceWithKnown) }
        isWelcomed = false
    }
}
