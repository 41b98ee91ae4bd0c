/// Why the provinces could not be put together. Its text says which of the two files to look at.
public enum ProvinceDirectoryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not the iso-codes package's `iso_3166-2.json`, or damaged.
    case unreadableList(reason: String)
    /// The list has none of the countries that Borderwire knows.
    case emptyList
    /// The overlay names a province that the ISO list doesn't have.
    case unknownCode(String, of: String)
    /// The overlay has two entries for a province.
    case repeatedCode(String)
    /// A province's English name is too long for a topic.
    case unusableName(String, of: String)
    /// The overlay gives two provinces the same spelling.
    case sharedName(String, [String])
    /// The overlay gives a province a place on the map that is none.
    case unusableTile(of: String)
    /// The overlay gives two provinces the same place on the map.
    case sharedTile(MapTile, [String])

    public var description: String {
        switch self {
        case .unreadableList(let reason):
            "iso_3166-2.json: \(reason). Install the package iso-codes, or name its file in the settings"
        case .emptyList:
            "iso_3166-2.json: no province of \(ProvinceDirectory.countries.joined(separator: ", ")) in it. "
                + "Install the package iso-codes, or name its file in the settings"
        case .unknownCode(let code, let entry):
            "provinces.toml: \(entry) is of \(code), which iso_3166-2.json doesn't have. Correct the code"
        case .repeatedCode(let code):
            "provinces.toml: two entries for \(code). Make them one"
        case .unusableName(let name, let code):
            "provinces.toml: \(name.prefix(40))... is too long a name for \(code). Give it a shorter one as english"
        case .sharedName(let name, let codes):
            "provinces.toml: \(name) is a name of \(codes.joined(separator: " and ")). Leave it to one of them"
        case .unusableTile(let name):
            "provinces.toml: the tile of \(name) is not a column and a row, each from 0 to \(MapTile.most - 1). "
                + "Write tile = [COLUMN, ROW]"
        case .sharedTile(let tile, let names):
            "provinces.toml: tile [\(tile.column), \(tile.row)] is \(names.joined(separator: "'s and "))'s. "
                + "Give one of them another"
        }
    }
}
