internal import Glibc

/// What the kernel says of this process's open descriptors, and of the TCP connections among them that others have made to it:
/// also of those that a library holds and tells nothing about. Used from one thread.
public struct SocketScan {
    public struct Connection: Sendable, Equatable {
        public var descriptor: Int32
        /// The kernel's own number of the connection, which no other ever gets (SO_COOKIE, socket(7)).
        public var id: UInt64
        public var localPort: Int
        /// Who is at the other end: 4 bytes, or 16 of IPv6.
        public var address: [UInt8]
        /// Bytes that the other end has sent, and those of ours that it has acknowledged (tcp_info in linux/tcp.h).
        public var received: UInt64
        public var acknowledged: UInt64
    }

    /// Descriptors open at the last look.
    public private(set) var used = 0
    /// By descriptor: what never changes of an open socket.
    private var known: [Int32: Known] = [:]
    private var highest: Int32 = 0

    private struct Known {
        var id: UInt64
        /// nil: no connection.
        var connection: Connection?
    }

    /// Descriptors are given out from the lowest free one: behind so many free ones there are no new ones.
    private static let gap: Int32 = 64
    private static let cookie: Int32 = 57
    private static let tcpInfo: Int32 = 11
    /// Offsets of tcpi_bytes_acked and tcpi_bytes_received.
    private static let acknowledged = 120
    private static let received = 128

    public init() {}

    /// Most descriptors that the process may have (RLIMIT_NOFILE).
    public static func limit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Looks at every descriptor. Connections of which more than `settled` bytes are acknowledged are not asked again: it
    /// never becomes less. Some microseconds for each that is new, a tenth of one for each other.
    public mutating func look(settled: UInt64) -> [Connection] {
        var connections: [Connection] = []
        var (number, last): (Int32, Int32) = (0, 0)
        used = 0
        while number <= max(highest, last) + SocketScan.gap {
            defer { number += 1 }
            var id: UInt64 = 0
            guard option(number, SOL_SOCKET, SocketScan.cookie, &id) else {
                if errno == EBADF {
                    known[number] = nil
                } else {
                    used += 1
                    last = number
                }
                continue
            }
            used += 1
            last = number
            if known[number]?.id != id { known[number] = Known(id: id, connection: connection(number, id)) }
            guard var connection = known[number]?.connection else { continue }
            if connection.acknowledged <= settled {
                progress(&connection)
                known[number]?.connection = connection
            }
            connections.append(connection)
        }
        highest = last
        return connections
    }

    /// Ends a connection, if it is still the one: whoever reads from it finds its end, and closes it. The other side gets a
    /// reset, and nothing of it waits in the kernel.
    public func cut(_ connection: Connection) {
        var id: UInt64 = 0
        guard option(connection.descriptor, SOL_SOCKET, SocketScan.cookie, &id), id == connection.id else {
            return
        }
        var abort = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            connection.descriptor, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
        shutdown(connection.descriptor, Int32(SHUT_RDWR))
    }

    private func option<Value: BitwiseCopyable>(
        _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: inout Value
    )
        -> Bool
    {
        var size = socklen_t(MemoryLayout<Value>.size)
        return getsockopt(descriptor, level, name, &value, &size) == 0
    }

    /// Of a socket that was accepted over TCP; nil for any other.
    private func connection(_ descriptor: Int32, _ id: UInt64) -> Connection? {
        guard let (_, port) = name(descriptor, getsockname), let (address, _) = name(descriptor, getpeername)
        else { return nil }
        return Connection(
            descriptor: descriptor, id: id, localPort: port, address: address, received: 0, acknowledged: 0)
    }

    private func progress(_ connection: inout Connection) {
        var bytes = [UInt8](repeating: 0, count: 256)
        var size = socklen_t(bytes.count)
        guard getsockopt(connection.descriptor, Int32(IPPROTO_TCP), SocketScan.tcpInfo, &bytes, &size) == 0
        else {
            return
        }
        bytes.withUnsafeBytes {
            connection.acknowledged = $0.loadUnaligned(
                fromByteOffset: SocketScan.acknowledged, as: UInt64.self)
            connection.received = $0.loadUnaligned(fromByteOffset: SocketScan.received, as: UInt64.self)
        }
    }

    private func name(
        _ descriptor: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (address: [UInt8], port: Int)? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(descriptor, $0, &size) }
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
