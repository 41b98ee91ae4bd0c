import Alerts
import Foundation
import Identity
import Platform
import Synchronization
import Wire
import ZeroMQ

/// What an alert's way costs if a hub did nothing but what its promise needs: CURVE on the way in, one signature check, one
/// page flushed to the disk, CURVE on the way out. Beside these there is only the wrappers' code: what the hub takes beyond
/// this is its own.
///
/// Its sender stamps and signs as the latency test's post does, its reader reads as that test's analyst does.
final class Floor: Sendable {
    /// As in SQLite's write-ahead log: a frame's header and a page of 8 KiB.
    static let written = 24 + 8_192
    /// The file is laid out beforehand and written round and round, as that log is.
    static let fileSize = 4 << 20
    private static let patience = Duration.seconds(60)

    private let hub = IdentityKeys(name: "floor-hub")
    private let post = IdentityKeys(name: "floor-post")
    private let path: String
    private let ports = Mutex<(ingest: Int, feed: Int)>((0, 0))
    private let isOver = Atomic<Bool>(false)

    init(directory: String) throws {
        path = "\(directory)/floor"
        guard FileManager.default.createFile(atPath: path, contents: Data(count: Floor.fileSize)) else {
            throw BenchFailure("\(path) can't be made")
        }
        sync()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Runs until ``stop()``, on a thread of its own.
    func serve() throws {
        let file = open(path, O_RDWR)
        guard file >= 0 else { throw BenchFailure("\(path) can't be opened") }
        defer { close(file) }
        let context = try Context()
        defer { context.terminate() }
        let zap = try Socket(
            context, .router,
            SocketOptions(
                linger: .zero, sendHighWater: 0, receiveHighWater: 0, largestFrame: 4_096, heartbeat: nil))
        try zap.bind("inproc://zeromq.zap.01")
        let ingest = try bound(context, .subscribe)
        try ingest.link.socket.subscribe("")
        let feed = try bound(context, .publish)
        ports.withLock { $0 = (ingest.port, feed.port) }
        let receiver = Receiver(mostFrames: 9)
        var items = [PollItem(zap), PollItem(ingest.link.socket)]
        let page = [UInt8](repeating: 7, count: Floor.written)
        var place = 0
        while !isOver.load(ordering: .relaxed) {
            _ = try poll(&items, timeout: .milliseconds(100))
            while let question = try receiver.receive(from: zap) {
                try admit(question.frames, zap)
            }
            while let message = try receiver.receive(from: ingest.link.socket) {
                let frames = message.frames
                guard frames.count == 4 else { throw BenchFailure("not an alert") }
                var seals = SealChecker()
                let key = post.signing.verifyingKey
                let digest = Seal.digest(of: frames[2])
                guard seals.check(frames[3], over: frames[1], digest: digest, by: key) else {
                    throw BenchFailure("a signature is false")
                }
                guard pwrite(file, page, page.count, off_t(place)) == page.count, fdatasync(file) == 0 else {
                    throw BenchFailure("\(path) can't be written")
                }
                place = place + 2 * page.count > Floor.fileSize ? 0 : place + page.count
                _ = try feed.link.socket.send([frames[0], frames[2]])
            }
        }
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    /// The sender's socket, connected.
    func ingest(_ context: Context) throws -> Link {
        let link = try Link(socket(context, .extendedPublish, client))
        try link.socket.connect("tcp://127.0.0.1:\(try listening().ingest)")
        var items = [PollItem(link.socket)]
        guard try poll(&items, timeout: Floor.patience) > 0 else { throw BenchFailure("ingest stays down") }
        return link
    }

    /// A reader's socket, connecting.
    func feed(_ context: Context, _ topic: Topic) throws -> Link {
        let link = try Link(socket(context, .subscribe, client))
        try link.socket.subscribe(topic.name)
        try link.socket.connect("tcp://127.0.0.1:\(try listening().feed)")
        return link
    }

    private func listening() throws -> (ingest: Int, feed: Int) {
        let deadline = steadyClock() + Floor.patience
        while steadyClock() < deadline {
            let ports = ports.withLock { $0 }
            if ports.feed != 0 { return ports }
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw BenchFailure("the floor does not listen")
    }

    func seal(_ header: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        Seal.sign([(header, Seal.digest(of: payload))], with: post.signing)[0]
    }

    private var client: Security {
        .client(
            server: hub.curve.publicKey, publicKey: post.curve.publicKey, secret: post.curve.secretKey)
    }

    private func bound(_ context: Context, _ type: SocketType) throws -> (link: Link, port: Int) {
        let socket = try socket(context, type, .server(secret: hub.curve.secretKey, domain: "floor"))
        let endpoint = try socket.bind("tcp://127.0.0.1:*")
        return (Link(socket), endpoint.split(separator: ":").last.flatMap { Int($0) } ?? 0)
    }

    private func socket(_ context: Context, _ type: SocketType, _ security: Security) throws -> Socket {
        try Socket(
            context, type,
            SocketOptions(
                linger: .zero, sendHighWater: 1_000, receiveHighWater: 10_000,
                largestFrame: Int64(WireLimits.requestFrame), security: security,
                immediate: type == .extendedPublish))
    }

    /// Everyone (RFC 27): who may do what is not what is measured.
    private func admit(_ question: [[UInt8]], _ zap: borrowing Socket) throws {
        guard question.count > 3 else { return }
        let answer = ["200", "OK", "floor", ""].map { Array($0.utf8) }
        _ = try zap.send([question[0], [], Array("1.0".utf8), question[3]] + answer)
    }

    /// A socket in a box.
    final class Link {
        let socket: Socket

        init(_ socket: consuming Socket) { self.socket = socket }
    }
}
