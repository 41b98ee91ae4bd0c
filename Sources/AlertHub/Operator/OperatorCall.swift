internal import Identity
internal import Platform
internal import Printable
internal import Settings
internal import Wire
internal import ZeroMQ

/// A command's connection to the running hub, under the hub's own key: whoever can read that key file is its operator.
struct OperatorCall: ~Copyable {
    private let socket: Socket
    private let place: String
    private let receiver = Receiver(mostFrames: WireLimits.frames)
    private var number: UInt64 = 0

    /// - Throws: ``Failure`` with status `unavailable` where none has said where it listens.
    static func run<Result>(
        _ settings: HubSettings, _ body: (inout OperatorCall) throws -> Result
    ) throws -> Result {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let port = try controlPort(settings)
        do {
            let context = try Context()
            defer { context.terminate() }
            return try run(context, keys, at: settings.listen.address.fromHere.place(port: port), body)
        } catch let error as ZeroMQError {
            throw Failure(error)
        }
    }

    /// The socket is closed when this returns, and the context can be.
    private static func run<Result>(
        _ context: Context, _ keys: IdentityKeys, at place: String,
        _ body: (inout OperatorCall) throws -> Result
    ) throws -> Result {
        let socket = try Socket(
            context, .dealer,
            SocketOptions(
                linger: .zero, sendHighWater: 10, receiveHighWater: 10,
                largestFrame: Int64(WireLimits.replyFrame),
                security: .client(
                    server: keys.curve.publicKey, publicKey: keys.curve.publicKey,
                    secret: keys.curve.secretKey)))
        try socket.connect("tcp://\(place)")
        var call = OperatorCall(socket: socket, place: place)
        return try body(&call)
    }

    private init(socket: consuming Socket, place: String) {
        self.socket = socket
        self.place = place
    }

    /// What the hub says to a request, a refusal too.
    /// - make: the request, with its number.
    /// - Throws: ``Failure`` with status `unavailable` when no hub answers in time.
    mutating func ask(_ wait: Duration, _ make: (UInt64) -> Request) throws -> Reply {
        number += 1
        _ = try socket.send(make(number).frames())
        let end = steadyClock() + wait
        var items = [PollItem(socket)]
        while steadyClock() < end {
            _ = try poll(&items, timeout: end - steadyClock())
            guard let message = try receiver.receive(from: socket) else { continue }
            let reply = try Reply(frames: message.frames)
            // What an earlier one was answered too late is nobody's any more.
            if reply.request ?? number == number { return reply }
        }
        throw Failure(
            "no hub answers at \(place)", remedy: "is it running? systemctl status borderwire-hub",
            status: .unavailable)
    }

    /// For a reply that is no answer to what was asked: a refusal, or nothing that the protocol allows there.
    static func failure(_ reply: Reply, refused status: ExitStatus) -> Failure {
        guard case .refused(let refused) = reply else {
            return Failure("the hub does not keep to the protocol", status: .software)
        }
        return Failure(
            "the hub refuses: \(printable(refused.reason.replacing("\n", with: "; ")))", status: status)
    }

    private static func controlPort(_ settings: HubSettings) throws -> Int {
        if settings.listen.control != 0 { return settings.listen.control }
        guard let endpoints = try Endpoints.read(settings) else {
            throw Failure(
                "\(settings.endpoints) is not there: the hub is not running",
                remedy: "start it with borderwire-hub run",
                status: .unavailable)
        }
        return endpoints.control
    }
}
