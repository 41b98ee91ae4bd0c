import Alerts
import Foundation
import Identity
import Platform
import Synchronization
import Wire
import ZeroMQ

/// A post as the wire sees it, without an outbox: signs and sends as fast as its gate lets it, counts acknowledgements.
/// Everything of it happens on the thread that calls ``run()``.
final class WirePost {
    /// When to send.
    enum Pace {
        /// As fast as the window allows.
        case full
        /// So many a second; 4 of 5 on topic 0, 1 of 5 on topic 2.
        case perSecond(UInt64)
        /// At most ``lead`` ahead of the slowest reader.
        case ahead(of: Slowest)
    }

    static let lead: UInt64 = 1_024
    /// For an answer of the hub.
    static let patience = Duration.seconds(60)

    let name: String
    private let context: Context
    private let keys: IdentityKeys
    private let security: Security
    private let port: Int
    private let pace: Pace
    private let limit: UInt64
    private let topics: Int
    let progress: Progress
    private let epoch = randomNonZeroUInt64() >> 1 | 1
    private(set) var latest: UInt64 = 0

    init(
        _ name: String, _ context: Context, directory: String, port: Int, pace: Pace, topics: Int,
        limit: UInt64,
        progress: Progress
    ) throws {
        self.name = name
        self.context = context
        self.port = port
        self.pace = pace
        self.topics = topics
        self.limit = limit
        self.progress = progress
        keys = try KeyFiles.readSecret("\(directory)/\(name).key")
        let hub = try KeyFiles.readPublic("\(directory)/hub.pub")
        security = .client(server: hub.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
    }

    func run() throws {
        let receiver = Receiver(mostFrames: WireLimits.frames)
        let control = try socket(.dealer, port)
        _ = try control.send(
            Request.hello(Request.Hello(request: 1, program: "bench", epoch: HexNumber(epoch), last: 0))
                .frames())
        var items = [PollItem(control)]
        var ingestPort = 0
        while ingestPort == 0 {
            _ = try poll(&items, timeout: WirePost.patience)
            guard let message = try receiver.receive(from: control) else { throw BenchFailure("no welcome") }
            if case .welcome(let welcome) = try Reply(frames: message.frames) {
                ingestPort = welcome.ingest ?? 0
            }
        }
        let ingest = try socket(.extendedPublish, ingestPort)
        items = [PollItem(ingest)]
        _ = try poll(&items, timeout: WirePost.patience)
        guard try receiver.receive(from: ingest) != nil else { throw BenchFailure("ingest stays down") }
        try send(ingest, control, receiver)
    }

    private func send(
        _ ingest: borrowing Socket, _ control: borrowing Socket, _ receiver: borrowing Receiver
    ) throws {
        var alerts = (0..<8).map { BenchAlert(post: name, topic: $0, seed: UInt64(name.utf8.last ?? 0)) }
        var items = [PollItem(control)]
        var sent: UInt64 = 0
        let start = nanoseconds()
        var isDue = true
        while !progress.isStopped || progress.acknowledged(name) < sent {
            let (room, wait) = gate(sent, start)
            isDue = room > 0 && !progress.isStopped
            if isDue {
                let batch = min(room, Seal.usualRun)
                var messages: [(topic: Topic, header: [UInt8], payload: [UInt8])] = []
                for step in 0..<UInt64(batch) {
                    let topic = topic(sent + step)
                    alerts[topic].stamp(stamp(sent + step, start))
                    let header = PostHeader(
                        post: name, epoch: epoch, sequence: sent + step + 1,
                        queued: Timestamp(milliseconds: wallClockMilliseconds()), facts: alerts[topic].facts)
                    messages.append((alerts[topic].topic, header.encoded(), alerts[topic].bytes))
                }
                let seals = Seal.sign(
                    messages.map { ($0.header, Seal.digest(of: $0.payload)) }, with: keys.signing)
                var together = IngestBatch()
                for (message, seal) in zip(messages, seals) {
                    let signed = SignedAlert(
                        header: message.header, payload: message.payload, signature: seal)
                    guard messages.count == 1 || !together.add(message.topic, signed) else { continue }
                    _ = try ingest.send(IngestMessage.frames(topic: message.topic, signed))
                }
                if let frames = together.frames(.plain) { _ = try ingest.send(frames) }
                sent += UInt64(batch)
            }
            if sent >= limit, progress.acknowledged(name) >= sent { return }
            _ = try poll(&items, timeout: isDue ? .zero : wait)
            try takeAnswers(control, receiver)
        }
    }

    /// How many may be sent now, and how long to wait if none.
    private func gate(_ sent: UInt64, _ start: UInt64) -> (room: Int, wait: Duration) {
        let flying = sent - min(sent, progress.acknowledged(name))
        var room = min(
            UInt64(WireLimits.window) - min(flying, UInt64(WireLimits.window)), limit - min(sent, limit))
        switch pace {
        case .full: return (Int(room), .milliseconds(100))
        case .ahead(let slowest):
            let most = slowest.value + WirePost.lead
            room = min(room, most > sent ? most - sent : 0)
            return (Int(room), .milliseconds(1))
        case .perSecond(let rate):
            let due = start + sent * (1_000_000_000 / rate)
            let now = nanoseconds()
            guard room > 0, now < due else { return (min(Int(room), 1), .milliseconds(1)) }
            // zmq_poll counts milliseconds; the last one is slept exactly.
            if due - now < 1_200_000 {
                var time = timespec(tv_sec: 0, tv_nsec: Int(due - now))
                nanosleep(&time, nil)
                return (1, .zero)
            }
            return (0, .milliseconds(1))
        }
    }

    /// Now; in the paced test the due time if the post was held up by over 1 ms (no coordinated omission).
    private func stamp(_ number: UInt64, _ start: UInt64) -> UInt64 {
        let now = nanoseconds()
        guard case .perSecond(let rate) = pace else { return now }
        let due = start + number * (1_000_000_000 / rate)
        let late = now > due ? now - due : 0
        latest = max(latest, late)
        return late > 1_000_000 ? due : now
    }

    private func topic(_ number: UInt64) -> Int {
        if case .perSecond = pace { return number % 5 == 4 ? 2 : 0 }
        return Int(number % UInt64(topics))
    }

    private func takeAnswers(_ control: borrowing Socket, _ receiver: borrowing Receiver) throws {
        while let message = try receiver.receive(from: control) {
            switch try Reply(frames: message.frames) {
            case .acknowledged(let answer):
                guard answer.refused.isEmpty else {
                    throw BenchFailure("refused: \(answer.refused[0].reason)")
                }
                progress.acknowledge(name, answer.through)
            case .resume(let resume): throw BenchFailure("the hub asks to resume from \(resume.from)")
            case .refused(let refused): throw BenchFailure("refused: \(refused.reason)")
            default: break
            }
        }
    }

    private func socket(_ type: SocketType, _ port: Int) throws -> Socket {
        let socket = try Socket(
            context, type,
            SocketOptions(
                linger: .zero, sendHighWater: 1_000, receiveHighWater: 10_000,
                largestFrame: Int64(WireLimits.replyFrame), security: security,
                immediate: type == .extendedPublish))
        try socket.connect("tcp://127.0.0.1:\(port)")
        return socket
    }
}

struct BenchFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What the posts of a test have got acknowledged, and whether the test is over. Thread-safe.
final class Progress: Sendable {
    private let counts = Mutex<[String: UInt64]>([:])
    private let stopped = Atomic<Bool>(false)

    func acknowledge(_ post: String, _ through: UInt64) { counts.withLock { $0[post] = through } }
    func acknowledged(_ post: String) -> UInt64 { counts.withLock { $0[post] ?? 0 } }
    var total: UInt64 { counts.withLock { $0.values.reduce(0, +) } }
    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    func stop() { stopped.store(true, ordering: .relaxed) }
}

/// How many deliveries the slowest reader has had. Thread-safe.
final class Slowest: Sendable {
    private let count = Atomic<UInt64>(0)
    private let all = Atomic<UInt64>(0)

    var value: UInt64 { count.load(ordering: .relaxed) }
    var total: UInt64 { all.load(ordering: .relaxed) }

    func set(_ slowest: UInt64, total: UInt64) {
        count.store(slowest, ordering: .relaxed)
        all.store(total, ordering: .relaxed)
    }
}
