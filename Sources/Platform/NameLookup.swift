internal import Glibc

/// Why a name has no address, in the system's words.
public struct LookupFailure: Error, Sendable, Equatable {
    public var words: String

    public init(words: String) { self.words = words }
}

/// The numeric addresses of a name, the one to try first first (getaddrinfo(3): /etc/hosts, DNS, and what nsswitch.conf(5)
/// has else). Waits as long as the system does, which may be minutes: for a thread that nobody waits for.
@available(*, noasync)
public func lookUpAddresses(of name: String) -> Result<[String], LookupFailure> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else {
        return .failure(
            LookupFailure(words: code == EAI_SYSTEM ? words(errno) : String(cString: gai_strerror(code))))
    }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var next = list
    while let entry = next {
        next = entry.pointee.ai_next
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0,
                NI_NUMERICHOST) == 0
        else { continue }
        addresses.append(buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" })
    }
    return .success(addresses)
}

private func words(_ code: Int32) -> String { String(cString: strerror(code)) }
