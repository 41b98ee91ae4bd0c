internal import Platform
internal import Alerts
internal import Settings
internal import Wire

/// Where one program on this machine writes alerts for a person: checks drafts, queues them, and tells what becomes of them.
/// Beside it the daemon sends. Used from one thread at a time.
public final class DraftDesk {
    /// Alerts that are followed: the latest.
    static let mostFollowed = 200
    /// Alerts that wait, of those that are listed.
    static let mostListed = 100
    /// The outbox is looked at so often, whether or not the daemon says that something has come.
    static let looking = Duration.seconds(2)
    /// The hub is asked so often how many have seen an alert that is not acknowledged.
    static let asking = Duration.seconds(15)

    public let author: DraftAuthor
    private let publisher: Publisher
    private let daemon: DaemonContact
    private var following: [Followed] = []
    private var nextLook = Duration.zero
    private var nextAsking = Duration.zero

    private struct Followed {
        var epoch: UInt64
        var news: DraftNews
        /// What is to be told of it.
        var isNew = true
    }

    /// - publishes: whether all kinds of alerts are written here.
    public init(_ settings: PostSettings, publishes: Bool) throws {
        publisher = try Publisher(settings)
        daemon = try DaemonContact(settings)
        author = DraftAuthor(
            name: publisher.name,
            province: settings.province.flatMap { [publisher] in publisher.provinces.find($0)?.slug },
            publishes: publishes)
        // What was queued before waits beside what will be.
        for entry in try waitingEntries().suffix(DraftDesk.mostFollowed) {
            let id = AlertID(bytes: entry.entry.id)?.description ?? ""
            following.append(
                Followed(
                    epoch: entry.epoch,
                    news: DraftNews(id: id, sequence: entry.entry.sequence, state: .queued)))
        }
    }

    deinit { publisher.close() }

    // MARK: Drafts

    public func check(_ draft: [UInt8]) -> DraftCheck {
        do throws(InvalidAlert) {
            let (alert, payload) = try publisher.complete(draft)
            return DraftCheck(alert, payload, publisher.provinces)
        } catch { return DraftCheck(error) }
    }

    /// On disk when this returns. One whose id was queued before is not queued again.
    public func queue(_ draft: [UInt8]) throws -> DraftQueued {
        let (results, epoch) = try publisher.queue([draft])
        switch results.first {
        case .queued(let id, let sequence, _):
            follow(DraftNews(id: id.description, sequence: sequence, state: .queued), epoch)
            try daemon.notify(watch: true)
            return .queued(id: id.description, sequence: sequence)
        case .known(let epoch, let status):
            let id = AlertID(bytes: status.id)?.description ?? ""
            follow(DraftNews(id: id, sequence: status.sequence, state: .queued), epoch)
            return .queued(id: id, sequence: status.sequence)
        case .invalid(let error): return .invalid(DraftCheck(error))
        case nil: return .invalid(DraftCheck(InvalidAlert(path: "alert", rule: "nothing was queued")))
        }
    }

    private func follow(_ news: DraftNews, _ epoch: UInt64) {
        following.removeAll { $0.news.id == news.id }
        following.append(Followed(epoch: epoch, news: news))
        if following.count > DraftDesk.mostFollowed { following.removeFirst() }
        nextLook = .zero
    }

    // MARK: What becomes of them

    /// All that is known of what is followed, for who comes later.
    public var all: [DraftNews] { following.map(\.news) }

    /// What is new of what was queued here, waiting for something.
    /// - descriptors: what ends the wait, too.
    public func news(atMost longest: Duration, _ descriptors: [Int32] = []) throws -> [DraftNews] {
        let isNew = following.contains { $0.isNew }
        let wait = isNew ? .zero : min(longest, max(nextLook - steadyClock(), .zero))
        for answer in try daemon.waitForAnswers(wait, descriptors) { take(answer) }
        let now = steadyClock()
        if now >= nextLook || following.contains(where: { $0.news.state == .queued }) { try look(now) }
        if now >= nextAsking { try ask(now) }
        defer { for place in following.indices { following[place].isNew = false } }
        return following.filter(\.isNew).map(\.news)
    }

    private func look(_ now: Duration) throws {
        nextLook = now + DraftDesk.looking
        var isStored = false
        for place in following.indices where following[place].news.state == .queued {
            let sequence = following[place].news.sequence
            let stretch = Outbox.Stretch(epoch: following[place].epoch, sequences: sequence..<sequence + 1)
            switch try publisher.states(of: stretch).first?.state {
            case .stored(let offset, _):
                (following[place].news.state, following[place].news.offset) = (.stored, offset)
                isStored = true
            case .rejected(let code, let reason, _):
                following[place].news.state = .rejected
                (following[place].news.code, following[place].news.reason) = (code, reason)
            case .queued, nil: continue
            }
            following[place].isNew = true
        }
        if isStored { nextAsking = .zero }
    }

    /// Has the daemon tell what comes of stored alerts; it asks the hub each time.
    private func ask(_ now: Duration) throws {
        nextAsking = now + DraftDesk.asking
        for followed in following.suffix(AlertFollowing.atOnce) {
            guard [.stored, .seen, .acknowledged].contains(followed.news.state),
                let id = AlertID(followed.news.id)
            else { continue }
            try daemon.follow(id)
        }
    }

    private func take(_ answer: AlertAnswer) {
        guard let place = following.firstIndex(where: { $0.news.id == answer.alert }) else { return }
        let former = following[place].news
        switch answer.what {
        case .seen where former.state == .stored: following[place].news.state = .seen
        case .acknowledged where former.state != .rejected: following[place].news.state = .acknowledged
        default: break
        }
        if let seen = answer.seenBy { following[place].news.seen = seen }
        if let duty = answer.onDuty { following[place].news.duty = duty }
        // Told unasked, it comes without how many: that is asked for.
        if answer.seenBy == nil { nextAsking = .zero }
        if following[place].news != former { following[place].isNew = true }
    }

    // MARK: The queue

    /// What the daemon says of its link and the queue; the outbox's account where none answers.
    public func status() throws -> PostStatus { try publisher.status(daemon) }

    /// What waits for the hub, the oldest first.
    public func waiting() throws -> [WaitingDraft] {
        try waitingEntries().map { entry in
            let alert = try? Alert.decode(
                entry.entry.signed.payload, provinces: publisher.provinces, screened: false)
            return WaitingDraft(
                id: AlertID(bytes: entry.entry.id)?.description ?? "", sequence: entry.entry.sequence,
                queued: entry.entry.queued.milliseconds, kind: alert?.kind.rawValue,
                headline: alert?.headline.map { WaitingDraft.Headline(km: $0.km, en: $0.en) }, state: .queued)
        }
            + following.filter { $0.news.state == .rejected }.map {
                WaitingDraft(
                    id: $0.news.id, sequence: $0.news.sequence, queued: 0, state: .rejected,
                    code: $0.news.code, reason: $0.news.reason)
            }
    }

    private func waitingEntries() throws -> [(entry: Outbox.Entry, epoch: UInt64)] {
        let epoch = try publisher.outbox.summary().epoch
        return try publisher.outbox.pending(after: 0, limit: DraftDesk.mostListed).map { ($0, epoch) }
    }
}

extension Publisher {
    fileprivate func status(_ daemon: DaemonContact) throws -> PostStatus {
        if let status = try daemon.status() { return status }
        let summary = try outbox.summary()
        return PostStatus(post: name, link: daemon.isRunning ? "not answering" : "not running", summary)
    }
}
