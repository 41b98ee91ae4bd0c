/// What `config/provinces.toml` adds to the ISO list: the names that people use, and the crossings.
public struct ProvinceOverlay: Sendable, Equatable, Codable {
    public struct Entry: Sendable, Equatable, Codable {
        /// ISO 3166-2 code; must be in the ISO list.
        public let code: String
        /// Takes the place of the ISO spelling, which stays findable; nil keeps the ISO spelling.
        public let english: String?
        public let khmer: String?
        /// Other spellings, old ones too.
        public let names: [String]?
        /// Its place on the console's map: column and row, from 0 in the north west; nil: not on it.
        public let tile: [Int]?

        public init(
            code: String, english: String? = nil, khmer: String? = nil, names: [String]? = nil,
            tile: [Int]? = nil
        ) {
            self.code = code
            self.english = english
            self.khmer = khmer
            self.names = names
            self.tile = tile
        }
    }

    /// The day that the names were checked, `2026-11-24`.
    public let asOf: String
    /// `[[province]]` in the file.
    public let provinces: [Entry]
    /// `[[crossing]]` in the file.
    public let crossings: [Crossing]

    public init(asOf: String, provinces: [Entry] = [], crossings: [Crossing] = []) {
        self.asOf = asOf
        self.provinces = provinces
        self.crossings = crossings
    }

    private enum CodingKeys: String, CodingKey {
        case asOf = "as_of"
        case provinces = "province"
        case crossings = "crossing"
    }
}
