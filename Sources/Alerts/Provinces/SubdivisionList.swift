import FoundationEssentials

/// The ISO 3166-2 list of Debian's iso-codes package, cut to some countries while it is read: of the 5,000 entries only
/// those few get their names decoded, which makes starting twice as quick.
struct SubdivisionList: DecodableWithConfiguration {
    struct Subdivision {
        let code: String
        let name: String
    }

    var subdivisions: [Subdivision] = []

    /// - configuration: ISO 3166-1 alpha-2 codes of the countries wanted.
    init(from decoder: any Decoder, configuration: [String]) throws {
        let prefixes = configuration.map { "\($0)-" }
        let root = try decoder.container(keyedBy: FieldKey.self)
        var list = try root.nestedUnkeyedContainer(forKey: "3166-2")
        while !list.isAtEnd {
            let entry = try list.nestedContainer(keyedBy: FieldKey.self)
            let code = try entry.decode(String.self, forKey: "code")
            guard prefixes.contains(where: code.hasPrefix) else { continue }
            subdivisions.append(
                Subdivision(code: code, name: try entry.decode(String.self, forKey: "name")))
        }
    }
}
