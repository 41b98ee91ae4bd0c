/// A place where a border is crossed. Reference data with a date: what is open changes, and this is not the place
/// to learn it first.
public struct Crossing: Sendable, Hashable, Codable {
    public enum Way: String, Sendable, Hashable, Codable, CaseIterable {
        case road
        case rail
        case river
        case sea
        case air
    }

    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case open
        case restricted
        case closed
        case unknown
    }

    public let name: String
    public let khmer: String?
    /// ISO 3166-2 code of the province on this side.
    public let province: String
    /// The place on the other side, as text; empty where there is none (a port, an airport).
    public let counterpart: String
    public let kind: Way
    public let status: State
    /// The day that the status is of, `2026-11-24`.
    public let asOf: String

    public init(
        name: String, khmer: String? = nil, province: String, counterpart: String, kind: Way, status: State,
        asOf: String
    ) {
        self.name = name
        self.khmer = khmer
        self.province = province
        self.counterpart = counterpart
        self.kind = kind
        self.status = status
        self.asOf = asOf
    }

    /// Its names on both sides, and the places that are named with the one on the other side.
    var places: [String] {
        [name] + [khmer].compactMap { $0 } + counterpart.split(separator: ",").map(String.init)
    }

    private enum CodingKeys: String, CodingKey {
        case name, khmer, province, counterpart, kind, status
        case asOf = "as_of"
    }
}
