import AlertFeed
import AlertPost
import Glibc
import Platform
import Settings

/// Sends what `ack` has queued for as long as this program runs, where no other program of the same state directory does.
/// Used from one thread.
final class AckSender {
    /// After one that could not begin, or ended.
    static let pause = Duration.seconds(5)

    /// Of the outbox: a directory of its own, open to nobody else, beside the cursors.
    let settings: PostSettings
    private var post: Post?
    private var next = Duration.zero
    private var told: String?

    /// - Returns: nil where the settings name no state directory.
    init?(_ reader: ReaderSettings) {
        guard var state = reader.state else { return nil }
        state.path = Files.path("outbox", from: state.path)
        settings = PostSettings(
            key: reader.key, state: state, hub: reader.hub, provinces: reader.provinces)
    }

    deinit { stop() }

    /// Makes its directory.
    func prepare() throws {
        guard mkdir(settings.state.path, 0o700) != 0, errno != EEXIST else { return }
        throw FileError("make", settings.state.path, errno)
    }

    /// To be called now and then: begins to send once there is something to send from and nobody sends it.
    func look() {
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
            if (error as? Failure)?.exitStatus != .tempFail { tell("\(error)") }
            next = now + AckSender.pause
            stop()
        }
    }

    /// What waits stays in the outbox.
    func stop() {
        guard let post else { return }
        self.post = nil
        do { try post.stop() } catch { tell("\(error)") }
    }

    private func tell(_ words: String) {
        guard words != told else { return }
        told = words
        say("acknowledgements are not sent: \(words)")
    }
}
