import AlertFeed
import Alerts
import Foundation
import Identity
import Synchronization
import Wire
import ZeroMQ

/// Readers as the wire sees them: one control link, and as many feed connections as a test wants.
final class WireReader {
    private let context: Context
    private let security: Security
    private let control: Socket
    private let receiver = Receiver(mostFrames: WireLimits.frames)
    let welcome: Reply.Welcome

    init(_ context: Context, directory: String, port: Int) throws {
        self.context = context
        let keys = try KeyFiles.readSecret("\(directory)/\(Preparation.reader).key")
        let hub = try KeyFiles.readPublic("\(directory)/hub.pub")
        let security = Security.client(
            server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
        self.security = security
        let control = try Socket(
            context, .dealer,
            SocketOptions(
                linger: .zero, sendHighWater: 100, receiveHighWater: 1_000,
                largestFrame: Int64(WireLimits.replyFrame),
                security: security))
        try control.connect("tcp://127.0.0.1:\(port)")
        _ = try control.send(Request.hello(Request.Hello(request: 1, program: "bench")).frames())
        var items = [PollItem(control)]
        _ = try poll(&items, timeout: WirePost.patience)
        guard let message = try receiver.receive(from: control),
            case .welcome(let welcome) = try Reply(frames: message.frames)
        else { throw BenchFailure("no welcome for the reader") }
        self.control = control
        self.welcome = welcome
    }

    /// A connection to the feed, subscribed to one topic and the heartbeat.
    func subscribe(_ topic: Topic) throws -> FeedConnection {
        let socket = try Socket(
            context, .subscribe,
            SocketOptions(
                linger: .zero, sendHighWater: 0, receiveHighWater: 10_000,
                largestFrame: Int64(WireLimits.requestFrame), security: security))
        try socket.subscribe(Heartbeat.topic)
        try socket.subscribe(topic.name)
        try socket.connect("tcp://127.0.0.1:\(welcome.feed ?? 0)")
        return FeedConnection(socket)
    }

    /// The offset after which everything since the moment comes.
    func locate(_ since: Int64) throws -> UInt64 {
        _ = try control.send(Request.locate(Request.Locate(request: 2, since: since)).frames())
        var items = [PollItem(control)]
        _ = try poll(&items, timeout: WirePost.patience)
        guard let message = try receiver.receive(from: control),
            case .located(let located) = try Reply(frames: message.frames)
        else { throw BenchFailure("no offset for the moment") }
        return located.after
    }

    /// Replays everything up to the present head, or until it is told to stop.
    /// - Returns: alerts got, nanoseconds to the first page and to the end.
    /// - after: the offset to begin after.
    func replayAll(
        after offset: UInt64 = 0, until isOver: borrowing Atomic<Bool> = Atomic(false)
    ) throws -> (count: Int, first: UInt64, end: UInt64) {
        var stream = FeedStream(.everything, after: offset, log: nil)
        var actions = stream.welcomed(welcome)
        var items = [PollItem(control)]
        var count = 0
        var first: UInt64 = 0
        let start = nanoseconds()
        while true {
            for action in actions {
                switch action {
                case .emit: count += 1
                case .replay(let replay): _ = try control.send(Request.replay(replay).frames())
                case .caughtUp: return (count, first, nanoseconds() - start)
                case .otherLog, .forked, .broken: throw BenchFailure("the replay broke")
                }
            }
            actions = []
            if isOver.load(ordering: .relaxed) { return (count, first, nanoseconds() - start) }
            _ = try poll(&items, timeout: WirePost.patience)
            guard let message = try receiver.receive(from: control) else { throw BenchFailure("no page") }
            guard case .page(let page, let records) = try Reply(frames: message.frames) else { continue }
            if first == 0 { first = nanoseconds() - start }
            if let next = stream.announce(page) { _ = try control.send(Request.replay(next).frames()) }
            actions = stream.received(page, try PageRecord.decode(records))
        }
    }
}

/// One feed connection, in a box so that there can be an array of them.
final class FeedConnection {
    let socket: Socket
    private(set) var got: UInt64 = 0
    private(set) var isUp = false
    private var last: UInt64 = 0

    init(_ socket: consuming Socket) {
        self.socket = socket
    }

    /// Takes what is there. Each delivery must follow the one before it in its topic.
    func take(_ receiver: borrowing Receiver, most: Int, _ delivered: ([UInt8]) -> Void) throws {
        for _ in 0..<most {
            guard let message = try receiver.receive(from: socket) else { return }
            isUp = true
            guard case .delivery(_, let delivery) = try FeedMessage(frames: message.frames) else { continue }
            guard last == 0 || delivery.firstSequence == last + 1 else {
                throw BenchFailure("topic sequence \(delivery.firstSequence) after \(last): lost")
            }
            last = delivery.firstSequence + UInt64(delivery.alerts.count) - 1
            got += UInt64(delivery.alerts.count)
            for alert in delivery.alerts { delivered(alert.signed.payload) }
        }
    }
}
