import Glibc
import Identity
import Platform
import ProcessHarness
import Wire
import ZeroMQ

/// A client that does what no program of ours would. Its calls wait, at most ``patience``.
struct Hostile {
    static let patience = 60.0
    private static let step = Duration.milliseconds(10)

    let hub: TestHub
    let context: Context

    init(_ hub: TestHub) throws {
        self.hub = hub
        context = try Context()
    }

    func security(_ keys: IdentityKeys) throws -> Security {
        let server = try KeyFiles.readPublic("\(hub.directory)/hub.pub")
        return .client(server: server.curve, publicKey: keys.curve.publicKey, secret: keys.curve.secretKey)
    }

    /// With the keys of a directory of the testbed.
    func security(of name: String, in directory: String) throws -> Security {
        try security(KeyFiles.readSecret("\(directory)/\(name).key"))
    }

    func endpoint(_ port: Int) -> String { "tcp://\(hub.testbed.address):\(port)" }

    func options(_ security: Security) -> SocketOptions {
        SocketOptions(
            linger: .zero, sendHighWater: 1_000, receiveHighWater: 1_000, largestFrame: 10_000_000,
            security: security)
    }

    /// What becomes of a handshake.
    enum Answer: Equatable {
        case letIn
        /// The hub said no, or ended the connection before the handshake was over.
        case refused
        /// Neither, within ``patience``: shows nothing.
        case silence
    }

    /// Tries a handshake on a port.
    func knock(_ port: Int, _ type: SocketType, _ security: Security) throws -> Answer {
        let watched = try MonitoredSocket(context, type, options(security))
        try watched.socket.connect(endpoint(port))
        let receiver = Receiver(mostFrames: 8)
        for _ in 0..<Int(Hostile.patience * 100) {
            if let event = try watched.event(receiver) {
                switch event {
                case .handshakeSucceeded: return .letIn
                case .refused, .handshakeFailed, .disconnected: return .refused
                case .connected, .retrying: break
                }
            } else {
                sleep(Hostile.step)
            }
        }
        return .silence
    }

    /// Listens on a feed.
    /// - Returns: whether anything came within ``patience``.
    func hears(_ port: Int, _ security: Security) throws -> Bool {
        let socket = try Socket(context, .subscribe, options(security))
        try socket.subscribe("")
        try socket.connect(endpoint(port))
        let receiver = Receiver(mostFrames: 8)
        for _ in 0..<Int(Hostile.patience * 100) {
            if try receiver.receive(from: socket) != nil { return true }
            sleep(Hostile.step)
        }
        return false
    }

    /// Asks on control, and gives the first reply to it.
    /// - seconds: how long it waits for one; shorter where there may be none.
    func ask(_ request: Request, _ security: Security, within seconds: Double = Hostile.patience) throws
        -> Reply?
    {
        let socket = try Socket(context, .dealer, options(security))
        try socket.connect(endpoint(hub.controlPort))
        _ = try socket.send(request.frames())
        let receiver = Receiver(mostFrames: 8)
        for _ in 0..<Int(seconds * 100) {
            if let message = try receiver.receive(from: socket) { return try? Reply(frames: message.frames) }
            sleep(Hostile.step)
        }
        return nil
    }

    /// Sends messages on ingest once its link is up.
    /// - linger: how long what is not on its way by then still may go.
    func publish(_ messages: [[[UInt8]]], _ security: Security, linger: Duration = .zero) throws {
        var options = options(security)
        options.linger = linger
        let socket = try Socket(context, .extendedPublish, options)
        try socket.connect(endpoint(hub.ingestPort))
        let receiver = Receiver(mostFrames: 8)
        for _ in 0..<Int(Hostile.patience * 100) {
            // The hub's subscription.
            if try receiver.receive(from: socket) != nil { break }
            sleep(Hostile.step)
        }
        for message in messages { _ = try socket.send(message) }
        sleep(.milliseconds(500))
    }

    /// Sends whatever it is on control.
    func send(_ messages: [[[UInt8]]], _ security: Security) throws {
        let socket = try Socket(context, .dealer, options(security))
        try socket.connect(endpoint(hub.controlPort))
        for message in messages { _ = try socket.send(message) }
        sleep(.milliseconds(500))
    }

    /// Opens plain TCP connections that send these bytes and then nothing; they live until they are given to `close(2)`. One
    /// that sends nothing is not waited for.
    /// - from: an address of this machine's; nil: the one that the hub listens at.
    func connections(_ count: Int, _ port: Int, sending bytes: [UInt8], from: String? = nil) -> [Int32] {
        (0..<count).compactMap { _ -> Int32? in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            if bytes.isEmpty { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
            guard descriptor >= 0 else { return nil }
            if let from { _ = withAddress(from, 0) { bind(descriptor, $0, $1) } }
            guard
                withAddress(hub.testbed.address, port, { connect(descriptor, $0, $1) }) == 0
                    || (bytes.isEmpty && errno == EINPROGRESS)
            else {
                close(descriptor)
                return nil
            }
            if !bytes.isEmpty { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
            return descriptor
        }
    }
}
