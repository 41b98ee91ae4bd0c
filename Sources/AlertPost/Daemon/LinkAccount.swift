internal import Alerts
internal import HubLink
internal import Wire

/// What a post says of its link: the word for it, the reason, and since when; and to its operator's log what has changed, once
/// each. A value: the link as it is in, words out.
struct LinkAccount {
    /// Milliseconds after which a hub that has not answered the greeting is said to be late.
    static let patience: Int64 = 5_000
    /// Between two words of alerts that another program sends under this post's name.
    static let foreignAgain = Duration.seconds(600)

    /// For the log.
    struct Line: Equatable {
        var event: PostEvent
        var words: String
        var isLoud = true
        /// A code for programs.
        var reason: String?
    }

    private(set) var link = "down"
    private(set) var reason: String?
    /// Since when the link is what it is (ms since 1970).
    private(set) var since: Int64
    /// The refusal that was told last: said once, however often the post greets, until it is welcomed.
    private var refusal: (PostLink.Refusal, reason: String)?
    /// The version of the protocol that the hub speaks, where it is another than this program's.
    private var otherVersion: UInt8?
    private var isSkewTold = false
    private var isHoldTold = false
    private var foreignTold: Duration?

    init(at clock: Int64) { since = clock }

    /// - obstacle: why there is no connection, where that is known.
    /// - Returns: whether the word or the reason is another than before.
    mutating func note(_ link: PostLink, _ obstacle: Obstacle?, at clock: Int64) -> Bool {
        let former = (self.link, reason)
        self.link = link.word
        switch link.state {
        case .down: reason = obstacle?.description
        case .greeting, .verifying, .reopening:
            let isLate = former.0 == "greeting" && clock - since >= LinkAccount.patience
            reason =
                otherVersion.map { LinkAccount.words(ofVersion: $0) }
                ?? (isLate ? "connected, and the hub does not answer: it is busy" : nil)
        // Control has its connection: what is known is of ingest.
        case .settling, .sending: reason = link.isIngestUp ? link.held : obstacle?.description
        case .refused(_, let words, _): reason = words
        }
        if link.isWelcomed { otherVersion = nil }
        if self.link != former.0 { since = clock }
        return former != (self.link, reason)
    }

    var words: String { "link \(link)" + (reason.map { ": \($0)" } ?? "") }

    /// What the operator has not been told yet. To be called after each event of the link.
    mutating func news(of link: PostLink) -> [Line] {
        var lines: [Line] = []
        if case .refused(let code, let reason, _) = link.state {
            if refusal.map({ $0 != (code, reason) }) ?? true {
                lines.append(
                    Line(
                        event: .linkRefused, words: "the link is refused (\(code)): \(reason)", isLoud: false,
                        reason: "\(code)"))
            }
            refusal = (code, reason)
        } else if link.isWelcomed, refusal?.0 != .hub(.conflict) {
            // A conflict that lasts is found with each welcome.
            refusal = nil
        }
        if let words = link.skew.words, !isSkewTold {
            lines.append(Line(event: .clockSkewed, words: words))
        }
        isSkewTold = link.skew.words != nil
        if let held = link.held, !isHoldTold {
            lines.append(
                Line(event: .heldBack, words: "the hub takes no more for now, and the alerts wait: \(held)"))
        }
        isHoldTold = link.held != nil
        return lines
    }

    /// A message of the hub was not understood. One of another version of the protocol is told once, and stands in the status
    /// until the hub has welcomed this post.
    /// - Returns: nil where it was told before.
    mutating func ignored(_ error: Malformed) -> Line? {
        guard let version = error.version else {
            return Line(event: .messageIgnored, words: "ignored a message from the hub: \(error)")
        }
        defer { otherVersion = version }
        guard otherVersion != version else { return nil }
        return Line(event: .messageIgnored, words: LinkAccount.words(ofVersion: version), reason: "version")
    }

    private static func words(ofVersion version: UInt8) -> String {
        let isOlder = version < WireLimits.version
        return
            "the hub speaks \(isOlder ? "an older" : "a newer") version of the protocol, \(version), and this program "
            + "\(WireLimits.version): \(isOlder ? "the hub" : "this program") has to be upgraded; alerts wait until then"
    }

    /// Whether an event that others can cause as often as they like is to be told now.
    mutating func isDue(_ event: PostEvent, _ now: Duration) -> Bool {
        guard event == .foreignAlert else { return true }
        if let foreignTold, now < foreignTold + LinkAccount.foreignAgain { return false }
        foreignTold = now
        return true
    }
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
