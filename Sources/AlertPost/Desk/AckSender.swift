internal import Glibc
internal import Platform
public import Settings

/// Sends what an analyst has queued for as long as its program runs, where no other program of the same state directory does.
/// Used from one thread at a time.
public final class AckSender {
    /// After one that could not begin, or ended.
    static let pause = Duration.seconds(5)

    /// Of the outbox: a directory of its own, open to nobody else, in the state directory.
    public let settings: PostSettings
    private let tell: (String) -> Void
    private var post: Post?
    private var next = Duration.zero
    private var told: String?

    /// - key, hub, provinces: the analyst's. state: its state directory. tell: gets sentences for whoever runs the program.
    public init(
        key: SettingsPath, state: SettingsPath, hub: HubList, provinces: SettingsPath?,
        tell: @escaping (String) -> Void
    ) {
        var outbox = state
        outbox.path = Files.path("outbox", from: state.path)
        settings = PostSettings(key: key, state: outbox, hub: hub, provinces: provinces)
        self.tell = tell
    }

    deinit { stop() }

    /// Makes its directory.
    public func prepare() throws {
        guard mkdir(settings.state.path, 0o700) != 0, errno != EEXIST else { return }
        throw FileError("make", settings.state.path, errno)
    }

    /// To be called now and then: begins to send once there is something to send from and nobody sends it.
    public func look() {
        let now = steadyClock()
        guard now >= next else { return }
        if post != nil, post?.address == nil {
            next = now + AckSender.pause
            return stop()
        }
        do {
            guard post == nil, try Files.facts(of: settings.outboxFile) != nil, try !settings.isServed()
            else {
                return
            }
            let post = try Post(settings, in: .analyst)
            self.post = post
            try post.start()
            told = nil
        } catch {
            // Another program began at the same moment: it sends.
            if (error as? any ProgramError)?.exitStatus != .tempFail { say("\(error)") }
            next = now + AckSender.pause
            stop()
        }
    }

    /// What waits stays in the outbox.
    public func stop() {
        guard let post else { return }
        self.post = nil
        do { try post.stop() } catch { say("\(error)") }
    }

    private func say(_ words: String) {
        guard words != told else { return }
        told = words
        tell("acknowledgements are not sent: \(words)")
    }
}
