internal import Alerts
internal import HubLink
internal import Wire

/// What a post says of its link: the word for it, the reason, and since when.
struct LinkAccount {
    /// Milliseconds after which a hub that has not answered the greeting is said to be late.
    static let patience: Int64 = 5_000

    private(set) var link = "down"
    private(set) var reason: String?
    /// Since when the link is what it is (ms since 1970).
    private(set) var since: Int64

    init(at clock: Int64) { since = clock }

    /// - obstacle: why there is no connection, where that is known. held: why the hub takes nothing for now.
    /// - Returns: whether the word or the reason is another than before.
    mutating func note(_ state: PostLink.State, _ obstacle: Obstacle?, held: String? = nil, at clock: Int64)
        -> Bool
    {
        let former = (link, reason)
        switch state {
        case .down: (link, reason) = ("down", obstacle?.description)
        case .greeting:
            let isLate = link == "greeting" && clock - since >= LinkAccount.patience
            (link, reason) = ("greeting", isLate ? "connected, and the hub does not answer: it is busy" : nil)
        // Control has its connection: what is known is of ingest.
        case .welcomed: (link, reason) = ("welcomed", obstacle?.description)
        case .up: (link, reason) = ("up", held)
        case .refused(_, let words): (link, reason) = ("refused", words)
        }
        if link != former.0 { since = clock }
        return former != (link, reason)
    }

    var words: String { "link \(link)" + (reason.map { ": \($0)" } ?? "") }
}

extension PostStatus {
    init(post: String, _ account: LinkAccount, _ summary: Outbox.Summary, skew: Int64?) {
        self.init(post: post, link: account.link, summary)
        reason = account.reason
        since = account.since
        self.skew = skew
    }

    init(post: String, link: String, _ summary: Outbox.Summary) {
        self.init(
            post: post, link: link, reason: nil, since: nil, epoch: HexNumber(summary.epoch).description,
            last: summary.last,
            depth: summary.depth, oldest: summary.oldest?.queued.milliseconds, rejected: summary.rejected,
            skew: nil, altered: nil)
    }
}
