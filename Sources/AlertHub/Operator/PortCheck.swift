internal import Glibc
internal import Settings

/// Whether the ports that a hub is to bind can be bound now.
struct PortCheck {
    let settings: HubSettings

    /// - grants: distinct read grants, each of which needs a port for its feed.
    func run(grants: Int) throws(HubFailure) {
        var wrong: [String] = []
        func expect(_ name: String, _ address: String, _ port: Int, isNumeric: Bool = false) {
            let cause = PortCheck.obstacle(address, port, isNumeric: isNumeric)
            // Any free port will do, at an address that is one.
            guard let cause, port != 0 || isNumeric else { return }
            wrong.append("\(name): port \(port) of \(address): \(cause)")
        }
        let listen = settings.listen
        expect("listen.control", listen.address, listen.control)
        expect("listen.ingest", listen.address, listen.ingest)
        if settings.metrics.serve {
            expect("metrics.port", settings.metrics.address, settings.metrics.port, isNumeric: true)
        }
        if listen.feeds[0] != 0 {
            var free = 0
            for port in listen.feeds[0]...listen.feeds[1] where free < grants {
                if PortCheck.obstacle(listen.address, port) == nil { free += 1 }
            }
            if free < grants {
                wrong.append(
                    "listen.feeds: \(free) ports are free, \(grants) distinct read grants need one each")
            }
        }
        guard wrong.isEmpty else {
            throw HubFailure(
                wrong.joined(separator: "; "), remedy: "ss -ltnp shows who has a port", status: .osError)
        }
    }

    /// Why it can't be bound; nil when it can.
    /// - isNumeric: the address must be one; otherwise it may be the name of an interface, which is not looked at.
    private static func obstacle(_ address: String, _ port: Int, isNumeric: Bool = false) -> String? {
        guard let port = in_port_t(exactly: port) else { return "no port" }
        let address = address == "*" ? "0.0.0.0" : address.trimmed(of: "[", "]")
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        four.sin_port = port.bigEndian
        if inet_pton(AF_INET, address, &four.sin_addr) == 1 { return bound(four, AF_INET) }
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        if inet_pton(AF_INET6, address, &six.sin6_addr) == 1 { return bound(six, AF_INET6) }
        return isNumeric ? "must be a numeric address" : nil
    }

    private static func bound<Address>(_ place: Address, _ family: Int32) -> String? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        // As libzmq and libmicrohttpd do, so that what a hub has just let go of counts as free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let result = withUnsafePointer(to: place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0, listen(descriptor, 1) == 0 else {
            return errno == EADDRINUSE ? "another program has it" : String(cString: strerror(errno))
        }
        return nil
    }
}

extension String {
    fileprivate func trimmed(of first: Character, _ last: Character) -> String {
        hasPrefix(String(first)) && hasSuffix(String(last)) ? String(dropFirst().dropLast()) : self
    }
}
