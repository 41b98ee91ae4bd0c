internal import Platform
internal import Printable
internal import Settings
internal import Wire
internal import ZeroMQ

/// One question at a time on control, each answered before the next. Used from one thread.
final class ControlCall {
    /// How long the hub may take for one answer.
    static let patience = Duration.seconds(10)

    private let sockets: FeedSockets
    private let receiver = Receiver(mostFrames: WireLimits.frames)
    private var number: UInt64 = 0

    init(_ sockets: FeedSockets) {
        self.sockets = sockets
    }

    /// - make: gets the request's number.
    /// - Returns: the reply that isn't a refusal.
    func ask(_ make: (UInt64) -> Request) throws -> Reply {
        number += 1
        _ = try sockets.control.watched.socket.send(make(number).frames())
        let end = steadyClock() + ControlCall.patience
        var items = [PollItem(sockets.control.watched.socket), PollItem(sockets.control.watched.events)]
        while steadyClock() < end {
            _ = try poll(&items, timeout: end - steadyClock())
            while let event = try sockets.control.event(receiver, at: steadyClock()) {
                if event == .refused { throw ReaderFailure.notAuthorised }
            }
            guard let message = try receiver.receive(from: sockets.control.watched.socket) else { continue }
            let reply: Reply
            do throws(Malformed) { reply = try Reply(frames: message.frames) } catch {
                throw ReaderFailure("the hub does not keep to the protocol: \(error)", status: .software)
            }
            if case .refused(let refused) = reply {
                throw ReaderFailure(
                    "the hub refuses (\(printable(refused.code))): \(printable(refused.reason))",
                    status: refused.code == "grant" ? .noPermission : .unavailable)
            }
            return reply
        }
        throw ReaderFailure(
            "the hub can't be reached", remedy: "see [hub] in the settings, and the network",
            status: .unavailable)
    }
}
