internal import Alerts
internal import Platform
internal import ZeroMQ

/// A publishing program's contact with the daemon on the same machine, if one runs. Used from one thread.
public final class DaemonContact {
    /// How long `status` waits for the daemon's answer.
    static let statusWait = Duration.seconds(2)

    /// What to think of a daemon that runs and does not answer.
    public static let noAnswer =
        "the daemon runs, since it holds its lock, and does not answer: it is busy, stopped or stuck. No second one can run "
        + "beside it; its log says more"

    /// Whether a daemon held its lock when this was made, or ``status()`` was asked last.
    public private(set) var isRunning: Bool
    private let lockFile: String
    private let socket: Socket
    private let context: Context
    private let receiver = Receiver(mostFrames: 4)

    public init(_ settings: PostSettings) throws {
        lockFile = settings.lockFile
        let endpoint = try settings.localEndpoint()
        isRunning = try settings.isServed()
        context = try Context()
        socket = try Socket(
            context, .dealer,
            SocketOptions(
                linger: isRunning ? .milliseconds(200) : .zero, sendHighWater: 10, receiveHighWater: 100,
                largestFrame: 65_536, heartbeat: nil, reconnect: .milliseconds(50)))
        try socket.connect(endpoint)
    }

    /// Tells the daemon that the outbox has more; with `watch`, it tells of every answer from then on.
    public func notify(watch: Bool) throws {
        guard watch || isRunning else { return }
        _ = try socket.send([watch ? LocalMessage.watch : LocalMessage.wake])
    }

    /// Asks the daemon to tell of what comes of an alert, too.
    func follow(_ alert: AlertID) throws {
        _ = try socket.send([LocalMessage.follow + alert.bytes])
    }

    /// Waits until the daemon says that something was answered, or the time is over.
    /// - Returns: what has come of alerts that are followed.
    /// - descriptors: what ends the wait, too.
    func waitForAnswers(_ longest: Duration, _ descriptors: [Int32] = []) throws -> [AlertAnswer] {
        var items = [PollItem(socket)] + descriptors.map { PollItem(descriptor: $0) }
        _ = try poll(&items, timeout: longest)
        var answers: [AlertAnswer] = []
        while let frame = try receiver.receive(from: socket)?.frames.first {
            if let answer = LocalMessage.answer(in: frame) { answers.append(answer) }
        }
        return answers
    }

    /// - Returns: nil when no daemon answers; ``isRunning`` tells whether one runs.
    public func status() throws -> PostStatus? {
        isRunning = try FileLock.isHeld(lockFile)
        guard isRunning else { return nil }
        _ = try socket.send([LocalMessage.status])
        let end = steadyClock() + DaemonContact.statusWait
        var items = [PollItem(socket)]
        while steadyClock() < end {
            _ = try poll(&items, timeout: end - steadyClock())
            guard let frame = try receiver.receive(from: socket)?.frames.first else { continue }
            if let status = PostStatus(frame) { return status }
        }
        return nil
    }
}
