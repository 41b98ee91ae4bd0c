internal import CZeroMQ
internal import Synchronization

/// A socket with a watch on what libzmq does behind its back (zmq_socket_monitor(3)), above all a refused
/// handshake: the socket itself would say nothing (libzmq #882).
///
/// One value, because the watch must end before who reads it is gone: libzmq's I/O thread hands each event over with a send
/// that waits, and an event without a reader would stop it, and with it every socket of the context, for good. For the same
/// reason events are read whenever there are some: libzmq keeps 2,000 for us, then its thread waits until we read.
public struct MonitoredSocket: ~Copyable {
    public enum Event: Sendable, Equatable {
        case connected
        case handshakeSucceeded
        /// The other side's ZAP handler refused our key.
        case refused
        /// The handshake broke for another reason.
        case handshakeFailed
        case disconnected
        /// It will try again by itself.
        case retrying
    }

    /// Which events are wanted.
    public enum Watch: Sendable {
        /// Those of ``event(_:)``, for a socket that connects.
        case connecting
        /// Those of ``accepted(_:)``, for one that binds.
        case accepting

        var events: Int32 {
            switch self {
            // Not ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: handing it over changes the errno by which libzmq tells a damaged frame
            // from a full queue, and with heartbeats it then aborts ("!_io_error", libzmq #4364; measured).
            case .connecting:
                ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
                    | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
                    | ZMQ_EVENT_CONNECT_RETRIED
            case .accepting: ZMQ_EVENT_ACCEPTED
            }
        }

        /// Events kept. Without a limit where many come while nobody reads, so that libzmq's thread never waits.
        var highWater: Int32 {
            switch self {
            case .connecting: 1000
            case .accepting: 0
            }
        }
    }

    public let socket: Socket
    /// Readable when there are events; for polling only.
    public let events: Socket

    private static let made = Atomic<UInt64>(0)

    /// Makes the socket, and watches it from before its first connection.
    public init(
        _ context: Context, _ type: SocketType, _ options: SocketOptions, _ watch: Watch = .connecting
    ) throws(ZeroMQError) {
        let socket = try Socket(context, type, options)
        let number = MonitoredSocket.made.add(1, ordering: .relaxed).newValue
        let endpoint = "inproc://events-\(number)"
        guard zmq_socket_monitor(socket.handle, endpoint, watch.events) == 0 else {
            throw .last("zmq_socket_monitor", endpoint)
        }
        let events = try Socket(
            context, .pair,
            SocketOptions(
                linger: .zero, sendHighWater: 100, receiveHighWater: watch.highWater, largestFrame: 1024,
                heartbeat: nil))
        try events.connect(endpoint)
        self.socket = socket
        self.events = events
    }

    deinit {
        // A send that waits holds the lock which ending the watch takes: first there is room.
        var byte: UInt8 = 0
        while zmq_recv(events.handle, &byte, 1, ZMQ_DONTWAIT) >= 0 {}
        zmq_socket_monitor(socket.handle, nil, 0)
    }

    /// The descriptor of the next connection accepted, or nil when there is none now. It may be closed by now.
    public borrowing func accepted(_ receiver: borrowing Receiver) throws(ZeroMQError) -> Int32? {
        while let message = try receiver.receive(from: events) {
            guard let first = message.frames.first, first.count >= 6 else { continue }
            return first[2..<6].reversed().reduce(0) { $0 << 8 | Int32($1) }
        }
        return nil
    }

    /// The next event, or nil when there is none now.
    public borrowing func event(_ receiver: borrowing Receiver) throws(ZeroMQError) -> Event? {
        while let message = try receiver.receive(from: events) {
            guard let first = message.frames.first, first.count >= 2 else { continue }
            switch Int32(first[0]) | Int32(first[1]) << 8 {
            case ZMQ_EVENT_CONNECTED: return .connected
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return .handshakeFailed
            case ZMQ_EVENT_DISCONNECTED: return .disconnected
            case ZMQ_EVENT_CONNECT_RETRIED: return .retrying
            default: continue
            }
        }
        return nil
    }
}
