internal import Alerts
internal import Wire

/// What the operator is told of the clock: each state once at its begin and once at its end.
struct Timekeeping: Sendable {
    private var told: HubTime.Doubt.Kind?
    private var isAheadTold = false

    /// Looks once a second.
    mutating func look(_ time: HubTime, received: Timestamp) -> [Notice] {
        var notices: [Notice] = []
        let doubt = time.doubt
        if let doubt, doubt.kind != told {
            notices.append(Notice(.clockDoubted, .error, doubt.words, reason: doubt.kind.reason))
        } else if doubt == nil, told != nil {
            notices.append(
                Notice(.clockTrusted, .notice, "the clock is believed again; what waited for it goes on"))
        }
        told = doubt?.kind
        let ahead = time.ahead(of: received)
        if let ahead, !isAheadTold {
            notices.append(Notice(.logAhead, .error, HubTime.words(logAhead: ahead), reason: "log-ahead"))
        }
        isAheadTold = ahead != nil
        return notices
    }
}

extension HubTime.Doubt {
    struct Kind: Sendable, Equatable {
        var isAhead: Bool
        var comparison: HubTime.Comparison

        var reason: String { isAhead ? "ahead" : "behind" }
    }

    var kind: Kind {
        switch self {
        case .ahead(_, let comparison): Kind(isAhead: true, comparison: comparison)
        case .behind(_, let comparison): Kind(isAhead: false, comparison: comparison)
        }
    }

    /// What is wrong, what waits, and the way out.
    var words: String {
        switch self {
        case .ahead(let time, let comparison):
            "the clock is \(HubTime.words(time)) ahead of \(HubTime.words(comparison)): nothing is erased, and alerts are stamped with "
                + "what the time must be at least, until \(HubTime.fewestPosts) posts' clocks agree with it; if it is wrong, "
                + "set it; if it is right, borderwire-hub clock accept"
        case .behind(let time, let comparison):
            "the clock is \(HubTime.words(time)) behind \(HubTime.words(comparison)): what is over is erased late; if it is wrong, "
                + "set it; if it is right, borderwire-hub clock accept"
        }
    }
}

extension HubTime {
    static func words(_ comparison: Comparison) -> String {
        switch comparison {
        case .lastRun: "the time when the hub last ran"
        case .log: "the time of the log's last alert"
        case .thisRun: "its own time at the start and what has passed since"
        case .posts: "the clocks of the posts"
        case .program: "this program's making"
        }
    }

    static func words(logAhead time: Int64) -> String {
        "the log's last alert was stamped \(words(time)) ahead of the clock, so the time of receiving stays there for all later "
            + "ones, and --since finds them all; their order is right. If the clock is right: restore a backup from "
            + "before (borderwire-hub(8), CLOCKS)"
    }

    /// Days, or hours where those are few.
    static func words(_ milliseconds: Int64) -> String {
        let hours = milliseconds / 3_600_000
        return hours < 72 ? "\(hours) hours" : "\(hours / 24) days"
    }
}

extension HubStatus.Clock {
    init(_ time: HubTime, received: Timestamp) {
        self.init(
            wall: time.clock.milliseconds, synchronised: time.isSynchronised, posts: time.posts,
            doubt: time.doubt?.words, logAhead: time.ahead(of: received))
    }
}
