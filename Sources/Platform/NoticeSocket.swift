internal import Glibc

/// A datagram socket to the service manager, open until the process ends (sd_notify(3), "NOTIFY_SOCKET"). From any thread.
struct NoticeSocket: Sendable {
    private let descriptor: Int32
    /// A path, or, in Linux's abstract namespace, a name after a zero byte.
    private let name: [UInt8]

    /// - path: as the environment has it: a path, or a name after `@`.
    /// - Returns: nil where there is nothing to send to.
    init?(_ path: String) {
        var name = Array(path.utf8)
        guard let first = name.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            name.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else { return nil }
        if first == UInt8(ascii: "@") { name[0] = 0 }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.name = name
    }

    func send(_ text: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // A path ends with a zero byte that counts; an abstract name ends where the length says.
        let length = MemoryLayout<sa_family_t>.size + name.count + (name.first == 0 ? 0 : 1)
        let bytes = Array(text.utf8)
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                while sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, socklen_t(length)) < 0,
                    errno == EINTR
                {}
            }
        }
    }
}
