internal import AlertPost
internal import Glibc
internal import Platform
internal import Synchronization

/// The post's desk: asked over its local socket, whose daemon checks, signs and queues. This program holds no key of the post.
final class PostDesk: WritingDesk {
    /// How long the daemon may take for an answer: it waits for the disk.
    static let patience = Duration.seconds(10)
    /// Between two attempts to reach it.
    static let again = Duration.seconds(2)

    private let path: String
    private let board: Board
    /// For questions, one at a time.
    private let call = Mutex<LocalConnection?>(nil)
    private let known = Mutex<DraftAuthor?>(nil)
    private let thread: StoppableThread

    /// - path: of the socket.
    init(_ path: String, _ board: Board) throws(PlatformError) {
        (self.path, self.board) = (path, board)
        thread = try StoppableThread()
    }

    func start() throws(PlatformError) { try thread.start("post") { [self] in watch() } }

    func stop() { thread.stop() }

    var author: DraftAuthor? { known.withLock { $0 } }

    func check(_ draft: [UInt8]) throws(DeskFailure) -> DraftCheck {
        guard case .checked(let check) = try ask(.check(draft)) else { throw PostDesk.strange }
        return check
    }

    func queue(_ draft: [UInt8]) throws(DeskFailure) -> DraftQueued {
        guard case .queued(let queued) = try ask(.queue(draft)) else { throw PostDesk.strange }
        return queued
    }

    func waiting() throws(DeskFailure) -> [WaitingDraft] {
        guard case .waiting(let waiting) = try ask(.waiting) else { throw PostDesk.strange }
        return waiting
    }

    private static let strange = DeskFailure(
        code: "not-queued",
        words: "the post's daemon answers otherwise than it was asked: it is of another version")

    /// A connection that has come to its end is made anew once; a draft that was sent is not sent again, since it may be queued.
    private func ask(_ question: DeskMessage.Question) throws(DeskFailure) -> DeskMessage.Answer {
        let outcome: Result<DeskMessage.Answer, DeskFailure> = call.withLock { call in
            for _ in 0..<2 {
                if call == nil { call = try? LocalConnection(to: path) }
                guard let connection = call else { return .failure(away) }
                guard connection.send(question.bytes, atMost: PostDesk.patience) else {
                    call = nil
                    continue
                }
                if case .message(let bytes) = connection.receive(
                    limit: DeskMessage.longest, atMost: PostDesk.patience),
                    let answer = DeskMessage.Answer(bytes)
                {
                    return .success(answer)
                }
                // Whatever it still says would be taken for the answer to the next question.
                call = nil
                return .failure(
                    DeskFailure(
                        code: "no-answer", words: "the post's daemon has not answered; look at the queue"))
            }
            return .failure(away)
        }
        let answer = try outcome.get()
        if case .failed(let words, let isTemporary) = answer {
            throw DeskFailure(code: isTemporary ? "busy" : "not-queued", words: words)
        }
        return answer
    }

    private var away: DeskFailure {
        let words =
            access(path, F_OK) == 0
            ? "the post's daemon lets nobody in at \(path): ask for its directory's group"
            : "the post's daemon does not run, or has no desk at \(path)"
        return DeskFailure(code: "post-away", words: words)
    }

    // MARK: What becomes of drafts

    private func watch() {
        while !thread.isStopping {
            if let connection = try? LocalConnection(to: path) { watch(connection) }
            guard !thread.isStopping else { return }
            board.change { state in
                guard state.post?.link != "not running" else { return }
                state.post?.link = "not running"
                state.postChange += 1
            }
            thread.wait(atMost: PostDesk.again)
        }
    }

    private func watch(_ connection: LocalConnection) {
        guard connection.send(DeskMessage.Question.author.bytes, atMost: PostDesk.patience),
            connection.send(DeskMessage.Question.watch.bytes, atMost: PostDesk.patience)
        else { return }
        while !thread.isStopping {
            var items = [thread.descriptor, connection.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            _ = Glibc.poll(&items, 2, -1)
            switch connection.receive(limit: DeskMessage.longest) {
            case .message(let bytes): take(DeskMessage.Answer(bytes))
            case .none, .tooLong: continue
            case .end: return
            }
        }
    }

    private func take(_ answer: DeskMessage.Answer?) {
        switch answer {
        case .author(let author): known.withLock { $0 = author }
        case .news(let news): board.change { $0.mine.put(news) }
        case .status(let status):
            board.change { state in
                state.post = status
                state.postChange += 1
            }
        case .checked, .queued, .waiting, .failed, nil: return
        }
        board.stir()
    }
}
