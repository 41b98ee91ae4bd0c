internal import CZeroMQ
internal import Synchronization

/// A libzmq context: its I/O threads and inproc names. Thread-safe. One for each daemon of the process: the end of one takes
/// libsodium's source of randomness from the others (libzmq #4242) only where the kernel has no getrandom(2).
public final class Context: Sendable {
    private let address: UInt
    private let open = Atomic<Bool>(true)

    /// - Parameters:
    ///   - ioThreads: threads that move and encrypt bytes; libzmq's rule of thumb is one per gigabit per second.
    ///   - sockets: most sockets at once (ZMQ_MAX_SOCKETS).
    public init(ioThreads: Int32 = 1, sockets: Int32 = 4096) throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else { throw .last("zmq_ctx_new") }
        address = UInt(bitPattern: handle)
        for (option, value) in [(ZMQ_IO_THREADS, ioThreads), (ZMQ_MAX_SOCKETS, sockets)]
        where zmq_ctx_set(handle, option, value) != 0 {
            let error = ZeroMQError.last("zmq_ctx_set")
            zmq_ctx_term(handle)
            throw error
        }
    }

    /// An integer, since raw pointers aren't Sendable and this one may cross threads (zmq_ctx_new(3)).
    var handle: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: address) }

    /// Waits until every socket is closed and its linger has run out, then ends the I/O threads. Later calls do nothing.
    public func terminate() {
        guard open.exchange(false, ordering: .acquiringAndReleasing) else { return }
        while zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR {}
    }
}
