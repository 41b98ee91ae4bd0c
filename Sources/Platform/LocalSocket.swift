internal import Glibc

/// A connection between two programs of this machine that keeps messages apart (unix(7), SOCK_SEQPACKET). Closed when dropped;
/// used from one thread at a time.
public final class LocalConnection: Sendable {
    /// Bytes of a path, at most: sun_path but for its closing zero.
    public static let longestPath = 107

    public let descriptor: Int32

    fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

    /// Connects to whoever listens there.
    public init(to path: String) throws(PlatformError) {
        descriptor = try LocalConnection.open(path)
        do throws(PlatformError) {
            try LocalConnection.withAddress(path) { address, length throws(PlatformError) in
                _ = try retrying("connect to", path) { connect(descriptor, address, length) }
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// The user whose program has connected, or whose listens: as it was when the connection was made (SO_PEERCRED). nil where the
    /// kernel does not say.
    public var peerUser: UInt32? {
        // struct ucred: process, user, group.
        var facts: [UInt32] = [0, .max, .max]
        var length = socklen_t(MemoryLayout<UInt32>.stride * facts.count)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &facts, &length) == 0 else { return nil }
        return facts[1]
    }

    /// Sends one message, or nothing of it.
    /// - Returns: false where the other side has gone, or takes nothing within the time.
    public func send(_ message: [UInt8], atMost longest: Duration = .zero) -> Bool {
        let end = steadyClock() + longest
        while true {
            let count = Glibc.send(
                descriptor, message, message.count, Int32(MSG_NOSIGNAL) | LocalConnection.withoutWaiting)
            if count >= 0 { return true }
            if errno == EINTR { continue }
            let left = end - steadyClock()
            guard errno == EAGAIN, left > .zero else { return false }
            var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&item, 1, left.wholeMilliseconds)
        }
    }

    /// What there is for ``receive(limit:atMost:)``.
    public enum Received: Sendable, Equatable {
        case message([UInt8])
        /// Longer than may be: dropped.
        case tooLong
        /// Nothing has come in time.
        case none
        /// The other side has gone.
        case end
    }

    /// The next message, waiting for it.
    /// - limit: bytes of it, at most.
    public func receive(limit: Int, atMost longest: Duration = .zero) -> Received {
        let end = steadyClock() + longest
        while true {
            // How long it is, before there is room for it.
            let size = recv(
                descriptor, nil, 0, LocalConnection.withoutWaiting | Int32(MSG_PEEK) | Int32(MSG_TRUNC))
            if size > limit {
                _ = recv(descriptor, nil, 0, LocalConnection.withoutWaiting)
                return .tooLong
            }
            if size > 0 {
                var message = [UInt8](repeating: 0, count: size)
                let count = recv(descriptor, &message, size, LocalConnection.withoutWaiting)
                return count == size ? .message(message) : .end
            }
            if size == 0 { return .end }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { return .end }
            let left = end - steadyClock()
            guard left > .zero else { return .none }
            var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&item, 1, left.wholeMilliseconds)
        }
    }

    private static let withoutWaiting = Int32(MSG_DONTWAIT)

    fileprivate static func open(_ path: String) throws(PlatformError) -> Int32 {
        let length = path.utf8.count
        guard length <= longestPath, !path.utf8.contains(0) else {
            throw PlatformError(
                operation: "use the local socket", object: path, code: ENAMETOOLONG,
                detail: "a local socket's path has at most \(longestPath) bytes, and this one \(length)")
        }
        return try retrying("socket", path) {
            socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
    }

    fileprivate static func withAddress<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(PlatformError) -> Result
    ) throws(PlatformError) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + 1)
        let storage = UnsafeMutablePointer<sockaddr_un>.allocate(capacity: 1)
        storage.initialize(to: address)
        defer { storage.deallocate() }
        let raw = UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr.self)
        return try body(raw, length)
    }
}

/// A place where programs of this machine connect. Its name goes with it.
public final class LocalListener: Sendable {
    /// Programs that may wait to be let in.
    private static let waiting: Int32 = 16

    /// Readable when somebody waits.
    public let descriptor: Int32
    public let path: String

    /// Takes the place of what a former one has left there. Two of them in one place are the caller's to exclude.
    /// - mode: who may connect, as a file's mode says who may write.
    public init(_ path: String, mode: UInt32) throws(PlatformError) {
        self.path = path
        descriptor = try LocalConnection.open(path)
        do throws(PlatformError) {
            if unlink(path) != 0, errno != ENOENT {
                throw PlatformError(operation: "remove", object: path, code: errno)
            }
            // The name begins with this mode less the umask, and never with more.
            _ = try retrying("set the mode of", path) { fchmod(descriptor, mode_t(mode)) }
            try LocalConnection.withAddress(path) { address, length throws(PlatformError) in
                _ = try retrying("listen on", path) { bind(descriptor, address, length) }
            }
            _ = try retrying("set the mode of", path) { chmod(path, mode_t(mode)) }
            _ = try retrying("listen on", path) { listen(descriptor, LocalListener.waiting) }
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// The next that has connected; nil: nobody waits.
    public func accept() -> LocalConnection? {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, 0) > 0 else { return nil }
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return LocalConnection(descriptor: connection)
    }
}
