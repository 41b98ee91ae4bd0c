internal import Glibc

/// What a service manager gets of a daemon that is started with ``path`` as its NOTIFY_SOCKET (sd_notify(3)).
public final class NotifySocket: Sendable {
    public let path: String
    private let descriptor: Int32

    public init(_ testbed: Testbed) throws(TestbedError) {
        path = testbed.directory + "/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, bound == 0 else { throw TestbedError("bind", path, errno) }
    }

    deinit { close(descriptor) }

    /// What the daemon is started with, so that it sends its sign of life each half of this time.
    public func environment(watchdog microseconds: Int) -> [String: String?] {
        ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "\(microseconds)"]
    }

    public func forget() {
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) >= 0 {}
    }

    /// Waits, by default at most a minute.
    public func next(atMost milliseconds: Int32 = 60_000) -> String? {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, milliseconds) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
