internal import CZeroMQ

/// A ZeroMQ socket: made, used and closed by one thread (zmq_socket(3), "Thread safety").
public struct Socket: ~Copyable {
    let handle: UnsafeMutableRawPointer

    public init(_ context: Context, _ type: SocketType, _ options: SocketOptions) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, type.raw) else { throw .last("zmq_socket") }
        do throws(ZeroMQError) {
            try options.apply(to: SocketHandle(raw: handle))
        } catch {
            zmq_close(handle)
            throw error
        }
        self.handle = handle
    }

    deinit {
        zmq_close(handle)
    }

    /// Binds and returns the endpoint that it got: `tcp://127.0.0.1:*` becomes a real port. IPv6 addresses stand in brackets.
    @discardableResult
    public borrowing func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        try allowFamily(of: endpoint)
        guard zmq_bind(handle, endpoint) == 0 else { throw .last("zmq_bind", endpoint) }
        var buffer = [UInt8](repeating: 0, count: 256)
        var length = buffer.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &length) == 0 else {
            throw .last("zmq_getsockopt", "ZMQ_LAST_ENDPOINT")
        }
        return String(decoding: buffer.prefix(max(0, length - 1)), as: UTF8.self)
    }

    /// Starts connecting; libzmq connects, and connects again, in the background.
    /// - endpoint: with a numeric address. libzmq looks a name up on its I/O thread, where all its sockets wait for it.
    public borrowing func connect(_ endpoint: String) throws(ZeroMQError) {
        try allowFamily(of: endpoint)
        guard zmq_connect(handle, endpoint) == 0 else { throw .last("zmq_connect", endpoint) }
    }

    /// libzmq takes IPv6 addresses only where it is told to, and then writes IPv4 ones as IPv6 (measured): so it is told for
    /// each endpoint by itself. A socket bound to `::` takes IPv4 as well.
    private borrowing func allowFamily(of endpoint: String) throws(ZeroMQError) {
        try SocketHandle(raw: handle).set(ZMQ_IPV6, endpoint.hasPrefix("tcp://[") ? 1 : 0, "ZMQ_IPV6")
    }

    /// SUB: also take messages whose first frame begins with this; empty takes all.
    public borrowing func subscribe(_ prefix: String) throws(ZeroMQError) {
        try SocketHandle(raw: handle).set(ZMQ_SUBSCRIBE, Array(prefix.utf8), "ZMQ_SUBSCRIBE")
    }

    /// Sends a message of one or more frames without waiting.
    ///
    /// - Returns: false when the socket can't take it now (its high-water mark, or no peer), or when its connection went
    ///   in the middle: libzmq sends a message whole or not at all (zmq_msg_send(3)).
    public borrowing func send(_ frames: [[UInt8]]) throws(ZeroMQError) -> Bool {
        var isTaken = true
        for (index, frame) in frames.enumerated() {
            let flags = ZMQ_DONTWAIT | (index + 1 < frames.count ? ZMQ_SNDMORE : 0)
            while zmq_send(handle, frame, frame.count, flags) < 0 {
                let number = zmq_errno()
                if number == EINTR { continue }
                guard number == EAGAIN else { throw .last("zmq_send") }
                if index == 0 { return false }
                // Its pipe has ended since the first frame. libzmq drops the frames that are left as they come, and takes
                // the next message for the rest of this one unless it gets them (lb.cpp, "_dropping").
                isTaken = false
                break
            }
        }
        return isTaken
    }

    /// Closes the socket; unsent messages get the linger time it was made with.
    public consuming func close() {}
}

@available(*, unavailable, message: "a socket stays on the thread that made it")
extension Socket: Sendable {}

/// Sets options, also while the socket is still being made.
struct SocketHandle {
    let raw: UnsafeMutableRawPointer

    func set(_ option: Int32, _ value: Int32, _ name: String) throws(ZeroMQError) {
        var value = value
        guard zmq_setsockopt(raw, option, &value, MemoryLayout<Int32>.size) == 0 else {
            throw .last("zmq_setsockopt", name)
        }
    }

    func setWide(_ option: Int32, _ value: Int64, _ name: String) throws(ZeroMQError) {
        var value = value
        guard zmq_setsockopt(raw, option, &value, MemoryLayout<Int64>.size) == 0 else {
            throw .last("zmq_setsockopt", name)
        }
    }

    func set(_ option: Int32, _ value: [UInt8], _ name: String) throws(ZeroMQError) {
        guard zmq_setsockopt(raw, option, value, value.count) == 0 else {
            throw .last("zmq_setsockopt", name)
        }
    }
}
