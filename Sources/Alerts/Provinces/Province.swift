/// A subdivision that alerts are about and are routed by.
public struct Province: Sendable, Hashable {
    /// ISO 3166-2, e.g. `KH-9`.
    public let code: String
    /// ISO 3166-1 alpha-2 in lower case, e.g. `kh`.
    public let country: String
    /// Unique over all provinces known: `a-z`, `0-9` and `-`, e.g. `koh-kong`.
    public let slug: String
    /// The usual English name, e.g. `Koh Kong`.
    public let english: String
    public let khmer: String?
    /// Every spelling known, the English and Khmer names included.
    public let names: [String]
    /// Its place on a map of tiles; nil: not on it.
    public let tile: MapTile?

    public func topic(_ kind: Kind) -> Topic {
        Topic(country: country, province: slug, kind: kind)
    }
}

/// A province's place on a map on which each province is one tile, and neighbours touch.
public struct MapTile: Sendable, Hashable {
    /// Columns and rows of the largest map.
    public static let most = 64

    /// From 0, in the west.
    public let column: Int
    /// From 0, in the north.
    public let row: Int

    /// - Returns: nil for anything but a column and a row, each from 0 and below ``most``.
    public init?(_ place: [Int]) {
        guard place.count == 2, place.allSatisfy({ (0..<MapTile.most).contains($0) }) else { return nil }
        (column, row) = (place[0], place[1])
    }

    /// Whether the two stand side by side or corner to corner.
    public func touches(_ other: MapTile) -> Bool {
        max(abs(column - other.column), abs(row - other.row)) <= 1
    }
}
