internal import Identity
internal import Platform
internal import Settings
public import Wire
internal import ZeroMQ

/// Asks the running hub for its status, with the hub's own key: whoever can read that key file is its operator.
public enum StatusQuery {
    /// - Throws: ``HubFailure`` with status `unavailable` when no hub answers in time.
    public static func ask(_ settings: HubSettings, wait: Duration = .seconds(3)) throws -> HubStatus {
        let keys = try KeyFiles.readSecret(settings.key.path)
        let port = try controlPort(settings)
        do {
            let context = try Context()
            defer { context.terminate() }
            return try ask(context, keys, at: settings.listen.address.fromHere.place(port: port), wait: wait)
        } catch let error as ZeroMQError {
            throw HubFailure(error)
        }
    }

    private static func ask(
        _ context: Context, _ keys: IdentityKeys, at place: String, wait: Duration
    ) throws -> HubStatus {
        let socket = try Socket(
            context, .dealer,
            SocketOptions(
                linger: .zero, sendHighWater: 10, receiveHighWater: 10,
                largestFrame: Int64(WireLimits.replyFrame),
                security: .client(
                    server: keys.curve.publicKey, publicKey: keys.curve.publicKey,
                    secret: keys.curve.secretKey)))
        try socket.connect("tcp://\(place)")
        _ = try socket.send(Request.status(Request.Status(request: 1)).frames())
        let receiver = Receiver(mostFrames: WireLimits.frames)
        let end = steadyClock() + wait
        var items = [PollItem(socket)]
        while steadyClock() < end {
            _ = try poll(&items, timeout: end - steadyClock())
            guard let message = try receiver.receive(from: socket) else { continue }
            switch try Reply(frames: message.frames) {
            case .status(let status): return status
            case .refused(let refused):
                throw HubFailure("the hub refuses: \(refused.reason)", status: .noPermission)
            default: continue
            }
        }
        throw HubFailure(
            "no hub answers at \(place)", remedy: "is it running? systemctl status borderwire-hub",
            status: .unavailable)
    }

    private static func controlPort(_ settings: HubSettings) throws -> Int {
        if settings.listen.control != 0 { return settings.listen.control }
        guard let endpoints = try Endpoints.read(settings) else {
            throw HubFailure(
                "\(settings.endpoints) is not there: the hub is not running",
                remedy: "start it with borderwire-hub run",
                status: .unavailable)
        }
        return endpoints.control
    }
}
