internal import Printable
internal import Wire

/// Which posts the hub does not hear of: asked for again and again by a reader that may know it. A value.
struct SilenceWatch: Sendable, Equatable {
    /// Between two questions; an answer that does not come is not waited for longer.
    static let pause = Duration.seconds(10)

    private var asked: UInt64?
    private var next = Duration.zero
    private var told: [SilentPost]?
    private var news: [SilentPost]?

    /// When the hub is to be asked.
    var due: Duration { next }

    /// - request: the number for the question.
    mutating func ask(_ request: UInt64, _ now: Duration) -> Request? {
        guard now >= next else { return nil }
        next = now + SilenceWatch.pause
        asked = request
        return .silent(Request.Silent(request: request))
    }

    mutating func answered(_ answer: Reply.Silent) {
        guard asked == answer.request else { return }
        asked = nil
        let posts = answer.posts.map { SilentPost(post: printable($0.post), since: $0.since) }
        guard posts != told else { return }
        (told, news) = (posts, posts)
    }

    /// - Returns: false when the refusal is of another request.
    mutating func refused(_ request: UInt64?) -> Bool {
        guard let asked, asked == request else { return false }
        self.asked = nil
        return true
    }

    /// What has changed since this was last asked for; nil: nothing.
    mutating func take() -> [SilentPost]? {
        defer { news = nil }
        return news
    }
}

/// A post that the hub does not hear of.
public struct SilentPost: Sendable, Equatable {
    public var post: String
    /// When it was heard last, or first missed, ms since 1970 by the hub's clock.
    public var since: Int64

    package init(post: String, since: Int64) {
        self.post = post
        self.since = since
    }
}

extension FeedLink {
    mutating func askForSilence(_ now: Duration) -> [Action] {
        guard mayKnowSilence, let question = silence.ask(request + 1, now) else { return [] }
        request += 1
        return [.ask(question)]
    }
}
