internal import CMicroHTTPD
internal import Glibc

/// Whose programs on this machine may connect: those of one user. For a server on the loopback interface, where everybody who
/// has a login here reaches the port, and a cookie may have gone to whoever listens on another one.
public struct PeerCheck: Sendable, Equatable {
    /// The kernel's table of IPv4 connections, with the owner of each (proc(5)).
    private static let table = "/proc/self/net/tcp"

    /// User id.
    public var user: UInt32

    public init(user: UInt32) { self.user = user }

    /// Whether owners can be found out here: without /proc nobody could connect.
    public static var isPossible: Bool { access(table, R_OK) == 0 }

    /// - address: of the client, as the system gives it. server: the port that it has connected to.
    func isAllowed(_ address: UnsafePointer<sockaddr>, _ length: socklen_t, server: Int) -> Bool {
        guard address.pointee.sa_family == sa_family_t(AF_INET),
            length >= socklen_t(MemoryLayout<sockaddr_in>.size)
        else { return false }
        let client = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee }
        // As the table has it: the address as the machine's own number, the port in its natural order.
        let place =
            PeerCheck.hex(client.sin_addr.s_addr, 8) + ":"
            + PeerCheck.hex(UInt32(client.sin_port.bigEndian), 4)
        return PeerCheck.owner(of: place, to: PeerCheck.hex(UInt32(clamping: server), 4)) == user
    }

    /// - Returns: nil where there is no such connection, or it is nobody's any more.
    private static func owner(of place: String, to port: String) -> UInt32? {
        guard let file = fopen(table, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // Number, local address, remote address, state, queues, timer, retransmissions, user.
            let fields = text.split(separator: " ")
            guard fields.count > 7, fields[1] == place, fields[2].hasSuffix(":" + port) else { continue }
            return UInt32(fields[7])
        }
        return nil
    }

    private static func hex(_ number: UInt32, _ digits: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
