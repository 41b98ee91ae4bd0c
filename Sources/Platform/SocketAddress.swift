internal import Glibc

/// A numeric address and a port as the system calls want them.
struct SocketAddress {
    static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    private var storage = sockaddr_storage()
    private let length: socklen_t
    var family: Int32 { Int32(storage.ss_family) }

    /// - address: numeric, with the interface behind `%` where it needs one.
    init(_ address: String, port: Int) throws(PlatformError) {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address, String(port), &hints, &list)
        defer { if code == 0 { freeaddrinfo(list) } }
        guard code == 0, let found = list?.pointee, let bytes = found.ai_addr,
            Int(found.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size
        else {
            throw PlatformError(operation: "use the address", object: address, code: EINVAL)
        }
        length = found.ai_addrlen
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: Int(found.ai_addrlen)))
        }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
