internal import CLinux
internal import Glibc

/// What a TCP connection to a place comes to.
public enum ConnectionTrial: Sendable, Equatable {
    /// It can't be made, in the system's words; `isRefused`: nobody listens there.
    case failed(words: String, isRefused: Bool)
    /// Nobody has answered in time.
    case timedOut
    /// It was made. The first bytes that came, as many as were asked for or came in time.
    case made(first: [UInt8])

    /// Connects, reads, and closes. Waits at most twice as long as given: for a thread that nobody waits for.
    /// - address: numeric. count: bytes to read.
    @available(*, noasync)
    public static func run(
        _ address: String, port: Int, reading count: Int, patience: Duration
    ) -> ConnectionTrial {
        let descriptor: Int32
        let place: SocketAddress
        do throws(PlatformError) {
            place = try SocketAddress(address, port: port)
            descriptor = try retrying("socket") { socket(place.family, SocketAddress.stream, 0) }
        } catch {
            return .failed(words: error.words, isRefused: false)
        }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        guard place.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            switch errno {
            // What a connect that its SO_SNDTIMEO ended says (socket(7)), and what the kernel's own end of patience says.
            case EINPROGRESS, EAGAIN, ETIMEDOUT: return .timedOut
            case let code:
                return .failed(words: String(cString: strerror(code)), isRefused: code == ECONNREFUSED)
            }
        }
        var first: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: count)
        while first.count < count {
            let read = recv(descriptor, &buffer, count - first.count, 0)
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { break }
            first += buffer.prefix(read)
        }
        return .made(first: first)
    }
}
