internal import Glibc
internal import Platform
internal import Settings

/// The post's desk for consoles on this machine: a local socket in a directory of its own, whose group may write alerts here.
/// On a thread of its own, with its own connection to the outbox, so that nothing that a console does holds up what is sent.
///
/// Who may connect is the directory's say: its group, and nobody else. The daemon itself can't look at groups, since its service
/// knows no user but its own (systemd.exec(5), PrivateUsers=).
final class DeskDoor {
    private let stopping: Wake
    private let thread: NamedThread

    /// Returns once it listens.
    init(_ settings: PostSettings, _ directory: String, _ log: Log<PostEvent>) throws {
        try DeskDoor.expectOwn(directory)
        let stopping = try Wake()
        let path = PostSettings.deskSocket(in: directory)
        let listener = try Failure.reported(LocalListener(path, mode: 0o660))
        guard try Files.facts(of: path)?.group == Files.facts(of: directory)?.group else {
            throw Failure(
                "\(path) is not of the group of its directory",
                remedy: "chmod g+s \(directory), so that the socket gets its group", status: .config)
        }
        self.stopping = stopping
        thread = try NamedThread("desk") {
            do {
                try DeskServer(settings, listener).run(until: stopping)
            } catch {
                log(.deskClosed, .error, "no alerts are taken from consoles any more: \(error)")
            }
        }
    }

    func stop() {
        stopping.signal()
        thread.join()
    }

    /// Refuses a directory that lets anybody in beside its group, or lets anybody else make files in it.
    private static func expectOwn(_ directory: String) throws {
        guard let facts = try Files.facts(of: directory), facts.kind == .directory else {
            throw Failure(
                "\(directory) is not there, where consoles reach the post",
                remedy: "install -d -m 2750 -o borderwire-post -g GROUP \(directory)", status: .config)
        }
        try Files.expectPrivate(directory)
        guard facts.mode & 0o007 == 0 else {
            throw Failure(
                "\(directory) is open to everybody: whoever gets in writes alerts in the post's name",
                remedy: "chmod o= \(directory)", status: .config)
        }
    }
}

/// Answers consoles, one question at a time. On the desk's thread.
private final class DeskServer {
    /// A console has two connections; a further one is closed.
    static let mostConnections = 32
    /// Questions of one caller before the others have their turn.
    static let mostPerTurn = 16
    /// A caller that takes no answer for so long is let go.
    static let patience = Duration.milliseconds(200)
    /// How often those who watch are told of the queue.
    static let telling = Duration.seconds(2)

    private struct Caller {
        var connection: LocalConnection
        var isWatching = false
    }

    private let listener: LocalListener
    private let desk: DraftDesk
    private var callers: [Caller] = []
    private var nextTelling = Duration.zero
    private var told: PostStatus?

    init(_ settings: PostSettings, _ listener: LocalListener) throws {
        self.listener = listener
        desk = try DraftDesk(settings, publishes: true)
    }

    func run(until stopping: Wake) throws {
        while true {
            let descriptors =
                [stopping.descriptor, listener.descriptor] + callers.map(\.connection.descriptor)
            let news = try desk.news(atMost: DeskServer.telling, descriptors)
            var item = pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&item, 1, 0) > 0 { return }
            for news in news { tell(.news(news)) }
            while let connection = listener.accept() {
                if callers.count < DeskServer.mostConnections {
                    callers.append(Caller(connection: connection))
                }
            }
            for place in callers.indices.reversed() where !serve(place) { callers.remove(at: place) }
            let now = steadyClock()
            guard now >= nextTelling else { continue }
            nextTelling = now + DeskServer.telling
            guard callers.contains(where: \.isWatching), let status = try? desk.status(), status != told
            else {
                continue
            }
            told = status
            tell(.status(status))
        }
    }

    /// - Returns: false where the caller is gone, or is to go.
    private func serve(_ place: Int) -> Bool {
        for _ in 0..<DeskServer.mostPerTurn {
            switch callers[place].connection.receive(limit: DeskMessage.longest) {
            case .none: return true
            case .end: return false
            case .tooLong:
                guard answer(place, .failed("the message is too long", isTemporary: false)) else {
                    return false
                }
            case .message(let bytes):
                guard let question = DeskMessage.Question(bytes), serve(place, question) else { return false }
            }
        }
        return true
    }

    private func serve(_ place: Int, _ question: DeskMessage.Question) -> Bool {
        do {
            switch question {
            case .author: return answer(place, .author(desk.author))
            case .check(let draft): return answer(place, .checked(desk.check(draft)))
            case .queue(let draft): return answer(place, .queued(try desk.queue(draft)))
            case .waiting: return answer(place, .waiting(try desk.waiting()))
            case .status: return answer(place, .status(try desk.status()))
            case .watch:
                callers[place].isWatching = true
                told = nil
                nextTelling = .zero
                return desk.all.allSatisfy { answer(place, .news($0)) }
            }
        } catch {
            let isTemporary = (error as? any ProgramError)?.exitStatus == .tempFail
            return answer(place, .failed("\(error)", isTemporary: isTemporary))
        }
    }

    private func answer(_ place: Int, _ answer: DeskMessage.Answer) -> Bool {
        callers[place].connection.send(answer.bytes, atMost: DeskServer.patience)
    }

    private func tell(_ news: DeskMessage.Answer) {
        for place in callers.indices.reversed() where callers[place].isWatching {
            if !answer(place, news) { callers.remove(at: place) }
        }
    }
}
