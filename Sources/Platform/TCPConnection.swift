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
        guard let cookie = TCPConnection.cookie(of: descriptor) else { return nil }
        self.init(descriptor: descriptor, cookie: cookie, received: 0, sent: 0, acknowledged: 0)
        guard count() else { return nil }
    }

    /// The kernel's number of the socket; nil when the descriptor is none, and `errno` says why.
    static func cookie(of descriptor: Int32) -> UInt64? {
        var cookie: UInt64 = 0
        var size = socklen_t(MemoryLayout<UInt64>.size)
        let result = getsockopt(descriptor, SOL_SOCKET, socketCookie, &cookie, &size)
        return result == 0 ? cookie : nil
    }

    /// Asks for the bytes anew.
    /// - Returns: false when the descriptor is no TCP connection, or one that has ended; nothing has changed then.
    mutating func count() -> Bool {
        var info = [UInt8](repeating: 0, count: TCPConnection.infoSize)
        var size = socklen_t(info.count)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCPConnection.info, &info, &size) == 0,
            Int(size) == info.count
        else { return false }
        info.withUnsafeBytes { bytes in
            func number(_ place: Int) -> UInt64 {
                bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            }
            received = number(TCPConnection.receivedPlace)
            sent = number(TCPConnection.sentPlace)
            acknowledged = number(TCPConnection.acknowledgedPlace)
        }
        return true
    }

    /// Ends the connection, if the descriptor is still its own: libzmq finds it closed by the other side, and closes it.
    /// - resets: the other side gets a reset, and nothing for it waits in the kernel.
    public func cut(resets: Bool = false) {
        guard TCPConnection.cookie(of: descriptor) == cookie else { return }
        if resets {
            var abort = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
        }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    // MARK: Where its ends are

    /// The other side's numeric address, without its port.
    public static func address(of descriptor: Int32) -> String? {
        var (storage, length) = (sockaddr_storage(), socklen_t(MemoryLayout<sockaddr_storage>.size))
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

    /// Our port, and the other side's address in 4 bytes, or 16 of IPv6; nil when the descriptor is no connection over TCP.
    static func ends(of descriptor: Int32) -> (port: Int, address: [UInt8])? {
        guard let own = end(descriptor, getsockname), let other = end(descriptor, getpeername) else {
            return nil
        }
        return (own.port, other.address)
    }

    private static func end(
        _ descriptor: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (address: [UInt8], port: Int)? {
        var (storage, length) = (sockaddr_storage(), socklen_t(MemoryLayout<sockaddr_storage>.size))
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        let family = Int32(storage.ss_family)
        return withUnsafeBytes(of: &storage) { bytes in
            let port = Int(bytes[2]) << 8 | Int(bytes[3])
            switch family {
            case AF_INET: return (Array(bytes[4..<8]), port)
            case AF_INET6:
                let address = Array(bytes[8..<24])
                // An IPv4 address in IPv6's form.
                let isMapped =
                    address.prefix(10).allSatisfy { $0 == 0 } && address[10] == 255 && address[11] == 255
                return (isMapped ? Array(address.suffix(4)) : address, port)
            default: return nil
            }
        }
    }
}
