internal import Glibc

/// What the kernel knows of a TCP connection of this process (tcp(7), `TCP_INFO`), and its end.
///
/// The descriptor belongs to somebody else, libzmq, who closes it when it likes: its number may be another connection's by
/// now, which the cookie tells.
public struct TCPConnection: Sendable, Equatable {
    public let descriptor: Int32
    /// Unlike the descriptor never given again (socket(7), `SO_COOKIE`).
    public let cookie: UInt64
    /// Bytes that came, were given to the kernel and sent at least once, and were taken by the other side's kernel.
    public var received: UInt64
    public var sent: UInt64
    public var acknowledged: UInt64

    // linux/socket.h, linux/tcp.h: glibc 2.36 has the first kernels' struct only.
    private static let socketCookie: Int32 = 57
    private static let info: Int32 = 11
    private static let acknowledgedPlace = 120
    private static let receivedPlace = 128
    private static let sentPlace = 200
    private static let infoSize = 208

    public init(descriptor: Int32, cookie: UInt64, received: UInt64, sent: UInt64, acknowledged: UInt64) {
        self.descriptor = descriptor
        self.cookie = cookie
        self.received = received
        self.sent = sent
        self.acknowledged = acknowledged
    }

    /// As it is now; nil when the descriptor is no TCP connection, or one that has ended.
    public init?(descriptor: Int32) {
        var cookie: UInt64 = 0
        var size = socklen_t(MemoryLayout<UInt64>.size)
        guard getsockopt(descriptor, SOL_SOCKET, TCPConnection.socketCookie, &cookie, &size) == 0 else {
            return nil
        }
        var info = [UInt8](repeating: 0, count: TCPConnection.infoSize)
        size = socklen_t(info.count)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCPConnection.info, &info, &size) == 0,
            Int(size) == info.count
        else { return nil }
        func number(_ place: Int) -> UInt64 {
            info.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
        }
        self.init(
            descriptor: descriptor, cookie: cookie, received: number(TCPConnection.receivedPlace),
            sent: number(TCPConnection.sentPlace), acknowledged: number(TCPConnection.acknowledgedPlace))
    }

    /// The other side's numeric address, without its port.
    public static func address(of descriptor: Int32) -> String? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let found = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &length) == 0
                    && getnameinfo($0, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0
            }
        }
        guard found else { return nil }
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Ends the connection: libzmq finds it closed by the other side. Whoever has the descriptor's number meanwhile would have
    /// to connect again, no more.
    public func cut() {
        guard TCPConnection(descriptor: descriptor)?.cookie == cookie else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
