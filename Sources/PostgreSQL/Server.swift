import CPostgreSQL

/// One server that a connection string names.
public struct Server: Sendable, Equatable {
    /// By keyword, as libpq takes them (postgresql.org/docs, "Parameter Key Words").
    public var parameters: [String: String]

    public init(parameters: [String: String]) {
        self.parameters = parameters
    }

    /// Where it is, for people: no password.
    public var description: String {
        let host = parameters["host"] ?? parameters["hostaddr"] ?? "this machine"
        return parameters["port"].map { "\(host) port \($0)" } ?? host
    }

    /// Each of the servers of a connection string (`host=a,b port=5432 dbname=...` or `postgresql://...`), in its order. libpq
    /// itself would try them in this order too, but has one time limit for all of them where it is not to wait.
    public static func list(_ text: String) throws(PostgresError) -> [Server] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            defer { PQfreemem(message) }
            // libpq quotes what it did not understand, which may be a part of a password.
            throw PostgresError(
                operation: "read the connection string", kind: .misuse,
                message: "it is not KEYWORD=VALUE ... nor postgresql://HOST/DATABASE, with keywords of libpq")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        let names = ["host", "hostaddr", "port"]
        let lists = names.map { name in
            parameters[name].map { $0.split(separator: ",", omittingEmptySubsequences: false) } ?? []
        }
        let count = max(lists[0].count, lists[1].count, 1)
        return (0..<count).map { index in
            var one = parameters
            for (name, list) in zip(names, lists) where !list.isEmpty {
                // One port is for all hosts.
                one[name] = String(index < list.count ? list[index] : list.last ?? "")
            }
            return Server(parameters: one)
        }
    }
}
