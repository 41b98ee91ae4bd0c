/// What an alert is about: a person suspected, people on the move, or what became of such an alert elsewhere.
public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    case suspect
    case movement
    case sighting
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
    public init?(_ name: String) { self.init(bytes: Array(name.utf8)) }

    /// The same from a name's bytes.
    public init?(bytes name: [UInt8]) {
        let dot = UInt8(ascii: ".")
        guard name.count <= Topic.longestName, name.last == dot, name.firstIndex(of: dot) == 2,
            let end = name[3...].firstIndex(of: dot), end > 3, end + 1 < name.count,
            let kind = Kind(rawValue: String(decoding: name[(end + 1)..<(name.count - 1)], as: UTF8.self))
        else { return nil }
        for byte in name[..<end] {
            switch byte {
            case 0x61...0x7A, 0x2D, 0x30...0x39, dot: break
            default: return nil
            }
        }
        self.init(
            country: String(decoding: name[..<2], as: UTF8.self),
            province: String(decoding: name[3..<end], as: UTF8.self), kind: kind)
    }

    public var name: String { "\(country).\(province).\(kind.rawValue)." }
    public var description: String { name }

    public static func < (left: Topic, right: Topic) -> Bool { left.name < right.name }
}
