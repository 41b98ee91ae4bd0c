/// What an alert is about: a person suspected, or people on the move.
public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    case suspect
    case movement
}

/// What a delivery is published under: `country.province.kind.`, e.g. `kh.koh-kong.suspect.`.
///
/// The trailing dot keeps ZeroMQ's prefix match exact: no topic's name begins another's (zmq_setsockopt(3),
/// ZMQ_SUBSCRIBE). A name is at most ``longestName`` bytes of lower-case ASCII letters, digits, `-` and `.`.
public struct Topic: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Filters of 246 bytes and more are corrupted by libzmq 4.3.4 without CURVE; 200 keeps well away.
    public static let longestName = 200

    /// ISO 3166-1 alpha-2 code in lower case, e.g. `kh`.
    public let country: String
    /// The province's slug, e.g. `koh-kong`.
    public let province: String
    public let kind: Kind

    public init(country: String, province: String, kind: Kind) {
        self.country = country
        self.province = province
        self.kind = kind
    }

    /// Reads a topic's name; nil when it is not one.
    public init?(_ name: String) {
        guard name.utf8.count <= Topic.longestName else { return nil }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3].isEmpty, let kind = Kind(rawValue: String(parts[2])) else {
            return nil
        }
        guard parts[0].utf8.count == 2, !parts[1].isEmpty else { return nil }
        for part in parts.prefix(2) {
            guard
                part.utf8.allSatisfy({
                    $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
                })
            else { return nil }
        }
        self.init(country: String(parts[0]), province: String(parts[1]), kind: kind)
    }

    public var name: String { "\(country).\(province).\(kind.rawValue)." }
    public var description: String { name }

    public static func < (left: Topic, right: Topic) -> Bool { left.name < right.name }
}
