internal import Glibc

/// By which names a server may be asked, and from which pages. A browser that a stranger's page has told to come here (DNS
/// rebinding) names the stranger's host; what a number or `localhost` names, no stranger can claim.
public struct HostCheck: Sendable, Equatable {
    /// Names beside numeric addresses and `localhost`, in lower case and without ports.
    public var names: Set<String>
    /// The one `address` that it may be asked by, with the server's own port, over http; nil: see above. Cookies ignore ports,
    /// so a page of a neighbour's port is told from ours by its `Origin` alone.
    public var only: String?

    public init(names: Set<String> = []) { self.names = names }

    /// - only: e.g. `127.0.0.1`.
    public init(only: String) {
        names = []
        self.only = only
    }

    /// What is wrong with a request: 400 without a host, 421 for another's, 403 for a page of another origin; nil: nothing.
    /// - host, origin: the headers; nil: there is none. port: the server's.
    func objection(host: String?, origin: String?, port: Int) -> (status: Int, words: String)? {
        guard let host else { return (400, "the request names no host") }
        if let only {
            guard host == "\(only):\(port)" else {
                return (421, "this is not the host that was asked for")
            }
            guard let origin, origin != "http://\(host)" else { return nil }
            return (403, "pages of other origins may not ask")
        }
        guard isOurs(HostCheck.name(of: host)) else {
            return (421, "this is not the host that was asked for")
        }
        guard let origin else { return nil }
        let place = host.lowercased()
        let isSame = ["http://" + place, "https://" + place].contains(origin.lowercased())
        return isSame ? nil : (403, "pages of other origins may not ask")
    }

    private func isOurs(_ name: String) -> Bool {
        name == "localhost" || names.contains(name) || HostCheck.isNumeric(name)
    }

    /// Without the port; an IPv6 address without its brackets.
    private static func name(of host: String) -> String {
        let host = host.lowercased()
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    private static func isNumeric(_ name: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(AF_INET, name, &bytes) == 1 || inet_pton(AF_INET6, name, &bytes) == 1
    }
}
