internal import HubLink
internal import Platform
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
    private var isUp = false

    init(_ sockets: FeedSockets) {
        self.sockets = sockets
    }

    /// - make: gets the request's number.
    /// - Returns: the reply that isn't a refusal.
    func ask(_ make: (UInt64) -> Request) throws -> Reply {
        number += 1
        let request = make(number)
        if isUp { _ = try sockets.control.watched.socket.send(request.frames()) }
        let end = steadyClock() + ControlCall.patience
        while steadyClock() < end {
            var items = [
                PollItem(sockets.control.watched.socket), PollItem(sockets.control.watched.events),
            ]
            items += sockets.route.descriptors.map { PollItem(descriptor: $0) }
            _ = try poll(&items, timeout: max(min(end, sockets.nextTick) - steadyClock(), .zero))
            let now = steadyClock()
            while let event = try sockets.controlEvent(receiver, at: now) {
                switch event {
                case .refused: if sockets.isKeyRefused { throw ReaderFailure.notAuthorised }
                case .handshakeSucceeded:
                    isUp = true
                    // What was asked over the connection before this one gets no answer.
                    _ = try sockets.control.watched.socket.send(request.frames())
                case .disconnected: isUp = false
                case .connected, .handshakeFailed, .retrying: break
                }
            }
            if try sockets.tend(isWelcomed: isUp, at: now) { isUp = false }
            guard let message = try receiver.receive(from: sockets.control.watched.socket) else { continue }
            let reply: Reply
            do throws(Malformed) { reply = try Reply(frames: message.frames) } catch {
                throw ReaderFailure.broken(error.description)
            }
            // What an earlier connection or request was answered too late is nobody's any more.
            guard reply.request ?? number == number else { continue }
            if case .refused(let refused) = reply {
                let isPassing = refused.code == .unavailable || refused.code == .elsewhere
                if isPassing, sockets.leave(at: now) {
                    isUp = false
                    continue
                }
                throw ReaderFailure.refused(refused)
            }
            return reply
        }
        throw sockets.unreachable
    }
}
