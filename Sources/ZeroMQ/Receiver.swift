internal import CZeroMQ

/// A received message: its frames, copied out of libzmq once, and who libzmq says sent it.
public struct Received: Sendable {
    public var frames: [[UInt8]]
    /// The user id that the ZAP handler gave the connection; nil without ZAP (RFC 27).
    public var user: String?
    /// The peer's network address, from a receiver that keeps them; nil where there is none.
    public var address: String?
    /// The descriptor of the connection that it came over (`ZMQ_SRCFD`), which may be closed by now; -1 where there is none.
    public var descriptor: Int32
    /// Frames beyond the receiver's bound, counted and dropped.
    public var excess: Int
}

/// A peer's address as libzmq says it; one that came by IPv4 to a socket of both families as the IPv4 address that it is.
public func peerAddress(_ text: String) -> String {
    text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst("::ffff:".count)) : text
}

/// Receives from sockets of one thread; holds the one libzmq message that all of them are read through.
public struct Receiver: ~Copyable {
    private let message: UnsafeMutablePointer<zmq_msg_t>
    /// Most frames kept of one message; the rest are read and dropped, and counted in ``Received/excess``.
    public let mostFrames: Int

    private let keepsAddresses: Bool

    public init(mostFrames: Int, keepsAddresses: Bool = false) {
        self.mostFrames = mostFrames
        self.keepsAddresses = keepsAddresses
        message = .allocate(capacity: 1)
        zmq_msg_init(message)
    }

    deinit {
        zmq_msg_close(message)
        message.deallocate()
    }

    /// The next message, or nil when there is none now. Never waits.
    public borrowing func receive(from socket: borrowing Socket) throws(ZeroMQError) -> Received? {
        guard try next(from: socket) else { return nil }
        var received = Received(frames: [], user: nil, address: nil, descriptor: -1, excess: 0)
        keepFrame(in: &received)
        while zmq_msg_more(message) != 0 {
            // The rest of a message whose first frame is here never blocks (zmq_msg_recv(3): atomic delivery).
            guard try next(from: socket) else { break }
            keepFrame(in: &received)
        }
        return received
    }

    private borrowing func next(from socket: borrowing Socket) throws(ZeroMQError) -> Bool {
        while zmq_msg_recv(message, socket.handle, ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return false
            default: throw .last("zmq_msg_recv")
            }
        }
        return true
    }

    private borrowing func keepFrame(in received: inout Received) {
        // A ROUTER makes the first frame, the routing id, itself: only what came over the connection has properties.
        if received.user == nil {
            received.user = zmq_msg_gets(message, "User-Id").map { String(cString: $0) }
            received.descriptor = zmq_msg_get(message, ZMQ_SRCFD)
            if keepsAddresses {
                received.address = zmq_msg_gets(message, "Peer-Address").map {
                    peerAddress(String(cString: $0))
                }
            }
        }
        guard received.frames.count < mostFrames else {
            received.excess += 1
            return
        }
        let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
        received.frames.append(Array(bytes))
    }
}

@available(*, unavailable, message: "a receiver stays on the thread that made it")
extension Receiver: Sendable {}
