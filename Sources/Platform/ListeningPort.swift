internal import Glibc

/// A TCP port that this process listens on without taking connections, to see whether it could. Let go when dropped.
public final class ListeningPort {
    private let descriptor: Int32

    /// - address: numeric. port: 0 for any free one.
    public init(address: String, port: Int) throws(PlatformError) {
        let place = try SocketAddress(address, port: port)
        descriptor = try retrying("socket") { socket(place.family, SocketAddress.stream, 0) }
        // As libzmq and libmicrohttpd do: what another program has just let go of counts as free, and :: takes IPv4 too.
        var (yes, no): (Int32, Int32) = (1, 0)
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        if place.family == AF_INET6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, size)
        }
        guard place.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1) == 0 else {
            let code = errno
            close(descriptor)
            throw PlatformError(operation: "listen on", object: "port \(port) of \(address)", code: code)
        }
    }

    deinit {
        close(descriptor)
    }
}

extension PlatformError {
    public var isAddressInUse: Bool { code == EADDRINUSE }
    /// The error number's words alone.
    public var words: String { String(cString: strerror(code)) }
}
