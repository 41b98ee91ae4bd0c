internal import Glibc

/// Finds this process's open descriptors, and the TCP connections among them that others have made to it: also those that a
/// library holds and tells nothing about. Used from one thread.
public struct SocketScan {
    public struct Connection: Sendable, Equatable {
        public var tcp: TCPConnection
        public var localPort: Int
        /// Who is at the other end: 4 bytes, or 16 of IPv6.
        public var address: [UInt8]
    }

    /// Descriptors open at the last look.
    public private(set) var used = 0
    /// By descriptor: what never changes of an open socket.
    private var known: [Int32: Known] = [:]
    private var highest: Int32 = 0

    private struct Known {
        var cookie: UInt64
        /// nil: no connection.
        var connection: Connection?
    }

    /// Descriptors are given out from the lowest free one: behind so many free ones there are no new ones.
    private static let gap: Int32 = 64

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
            guard let cookie = TCPConnection.cookie(of: number) else {
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
            if known[number]?.cookie != cookie {
                known[number] = Known(cookie: cookie, connection: SocketScan.connection(number, cookie))
            }
            guard var connection = known[number]?.connection else { continue }
            if connection.tcp.acknowledged <= settled, connection.tcp.count() {
                known[number]?.connection = connection
            }
            connections.append(connection)
        }
        highest = last
        return connections
    }

    /// Of a socket that was accepted over TCP; nil for any other.
    private static func connection(_ descriptor: Int32, _ cookie: UInt64) -> Connection? {
        guard let (port, address) = TCPConnection.ends(of: descriptor) else { return nil }
        let tcp = TCPConnection(descriptor: descriptor, cookie: cookie, received: 0, sent: 0, acknowledged: 0)
        return Connection(tcp: tcp, localPort: port, address: address)
    }
}
