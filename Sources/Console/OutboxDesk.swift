internal import AlertFeed
internal import AlertPost
internal import Platform
internal import Settings
internal import Synchronization

/// The analyst's outbox: acknowledgements, signed by the analyst's own key and sent while this program runs.
final class OutboxDesk: WritingDesk {
    /// Between two looks at what has become of them.
    static let pause = Duration.milliseconds(250)

    /// Both used under the lock.
    private struct Parts: ~Copyable {
        var desk: DraftDesk
        var sender: AckSender
    }

    private let parts: Mutex<Parts>
    private let board: Board
    let author: DraftAuthor?
    private let thread: StoppableThread

    init(_ settings: ConsoleSettings, _ board: Board, tell: @escaping @Sendable (String) -> Void) throws {
        let sender = AckSender(
            key: settings.reader.key, state: settings.state, hub: settings.reader.hub,
            provinces: settings.reader.provinces, tell: tell)
        try sender.prepare()
        let desk = try DraftDesk(sender.settings, publishes: false)
        author = desk.author
        self.board = board
        parts = Mutex(Parts(desk: desk, sender: sender))
        thread = try StoppableThread()
    }

    func start() throws(PlatformError) {
        try thread.start("outbox") { [self] in
            while !thread.isStopping {
                tend()
                thread.wait(atMost: OutboxDesk.pause)
            }
            parts.withLock { $0.sender.stop() }
        }
    }

    func stop() { thread.stop() }

    private func tend() {
        let news = parts.withLock { parts in
            parts.sender.look()
            return (try? parts.desk.news(atMost: .zero)) ?? []
        }
        guard !news.isEmpty else { return }
        board.change { state in for news in news { state.mine.put(news) } }
        board.stir()
    }

    func check(_ draft: [UInt8]) throws(DeskFailure) -> DraftCheck { parts.withLock { $0.desk.check(draft) } }

    func queue(_ draft: [UInt8]) throws(DeskFailure) -> DraftQueued {
        let outcome = parts.withLock { parts in Result { try parts.desk.queue(draft) } }
        do { return try outcome.get() } catch { throw DeskFailure(code: "not-queued", words: "\(error)") }
    }

    func waiting() throws(DeskFailure) -> [WaitingDraft] {
        let outcome = parts.withLock { parts in Result { try parts.desk.waiting() } }
        do { return try outcome.get() } catch { throw DeskFailure(code: "not-queued", words: "\(error)") }
    }
}
