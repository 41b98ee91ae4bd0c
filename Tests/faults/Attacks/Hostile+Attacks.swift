import Platform
import ProcessHarness
import Wire
import ZeroMQ

/// Single blows, for rows and for claims.
extension Hostile {
    /// A socket that connects, and says what becomes of it. With room for all that is sent.
    /// - from: an address of this machine's; nil: the kernel's choice. unread: messages that wait for this side to read
    ///   them, at most; 0: any number.
    func connected(
        _ type: SocketType, _ port: Int, _ security: Security, from: String? = nil, unread: Int32 = 0
    ) throws -> MonitoredSocket {
        var options = options(security)
        options.sendHighWater = 0
        options.receiveHighWater = unread
        let watched = try MonitoredSocket(context, type, options)
        let source = from.map { "\($0):0;" } ?? ""
        try watched.socket.connect("tcp://\(source)\(hub.testbed.address):\(port)")
        return watched
    }

    /// Waits for an event of the socket.
    /// - Returns: false when it did not come in time.
    func wait(
        for event: MonitoredSocket.Event, on socket: borrowing MonitoredSocket,
        atMost longest: Duration = .seconds(Hostile.patience)
    ) throws -> Bool {
        let receiver = Receiver(mostFrames: 8)
        let end = steadyClock() + longest
        var items = [PollItem(socket.events)]
        while steadyClock() < end {
            while let next = try socket.event(receiver) { if next == event { return true } }
            _ = try poll(&items, timeout: .milliseconds(100))
        }
        return false
    }

    /// Sends one message of very many frames of 60,000 bytes, on control or on ingest.
    /// - Returns: whether it was cut.
    func sendEndlessMessage(
        _ frames: Int, onControl: Bool, _ security: Security, atMost longest: Duration = .seconds(patience)
    ) throws -> Bool {
        let socket = try connected(
            onControl ? .dealer : .extendedPublish, onControl ? hub.controlPort : hub.ingestPort, security)
        guard try wait(for: .handshakeSucceeded, on: socket, atMost: longest) else { return false }
        if !onControl {
            // The hub's subscription.
            var items = [PollItem(socket.socket)]
            _ = try poll(&items, timeout: longest)
            _ = try Receiver(mostFrames: 8).receive(from: socket.socket)
        }
        let frame = [UInt8](repeating: 0, count: 60_000)
        guard try socket.socket.send([[UInt8]](repeating: frame, count: frames)) else { return false }
        return try wait(for: .disconnected, on: socket, atMost: longest)
    }

    /// Subscribes to very many topics that nobody has.
    /// - Returns: whether it was cut.
    func subscribeWithoutEnd(
        _ count: Int, bytes: Int, _ port: Int, _ security: Security,
        atMost longest: Duration = .seconds(patience)
    ) throws -> Bool {
        let socket = try connected(.subscribe, port, security)
        guard try wait(for: .handshakeSucceeded, on: socket, atMost: longest) else { return false }
        for number in 0..<count {
            let start = "\(number)."
            try socket.socket.subscribe(
                start + String(repeating: "x", count: max(0, bytes - start.utf8.count)))
        }
        return try wait(for: .disconnected, on: socket, atMost: longest)
    }
}

/// Sockets in a list.
final class HostileConnection {
    let watched: MonitoredSocket

    init(_ watched: consuming MonitoredSocket) { self.watched = watched }

    /// Takes what is there.
    /// - Returns: how many replies that was, and how many of them said no.
    func drain(_ receiver: borrowing Receiver) throws -> (replies: Int, refusals: Int) {
        var count = (replies: 0, refusals: 0)
        while let message = try receiver.receive(from: watched.socket) {
            count.replies += 1
            if case .refused? = try? Reply(frames: message.frames) { count.refusals += 1 }
        }
        return count
    }
}
