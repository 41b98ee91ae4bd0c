internal import CZeroMQ

/// Watches what libzmq does behind a connecting socket's back (zmq_socket_monitor(3)), above all a refused handshake: the
/// socket itself would say nothing and try for ever (libzmq #882).
public struct Monitor: ~Copyable {
    public enum Event: Sendable, Equatable {
        case connected
        case handshakeSucceeded
        /// The other side's ZAP handler refused our key.
        case refused
        /// The handshake broke: most often the server's key is not the one configured.
        case handshakeFailed
        case disconnected
    }

    public let socket: Socket

    /// - name: unique within the process; the inproc endpoint of the watch is made of it.
    public init(_ watched: borrowing Socket, context: Context, name: String) throws(ZeroMQError) {
        let endpoint = "inproc://monitor-\(name)"
        let events =
            ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
        guard zmq_socket_monitor(watched.handle, endpoint, events) == 0 else {
            throw .last("zmq_socket_monitor", endpoint)
        }
        let options = SocketOptions(
            linger: .zero, sendHighWater: 100, receiveHighWater: 1000, largestFrame: 1024, heartbeat: nil)
        let socket = try Socket(context, .pair, options)
        try socket.connect(endpoint)
        self.socket = socket
    }

    /// The next event, or nil when there is none now.
    public borrowing func next(_ receiver: borrowing Receiver) throws(ZeroMQError) -> Event? {
        while let message = try receiver.receive(from: socket) {
            guard let first = message.frames.first, first.count >= 2 else { continue }
            switch Int32(first[0]) | Int32(first[1]) << 8 {
            case ZMQ_EVENT_CONNECTED: return .connected
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
                return .handshakeFailed
            case ZMQ_EVENT_DISCONNECTED: return .disconnected
            default: continue
            }
        }
        return nil
    }
}
