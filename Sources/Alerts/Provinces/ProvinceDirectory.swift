import FoundationEssentials
internal import Spelling

/// The provinces of Cambodia and its neighbours, by code and by any of their names. A value: made once at start.
public struct ProvinceDirectory: Sendable {
    /// ISO 3166-1 alpha-2 codes of the countries whose provinces are known, Cambodia first.
    public static let countries = ["KH", "TH", "LA", "VN"]
    /// Characters of a name that are looked at: no province's is longer.
    static let longestName = 80

    /// Characters of a folded code, `kh25`. A name so short is looked for among codes too.
    static let longestCode = 4

    /// Cambodia's first, then the neighbours', each country by code.
    public let provinces: [Province]
    /// In the overlay's order.
    public let crossings: [Crossing]
    private let byCode: [String: Int]
    /// Folded names. A spelling that is two provinces' own in the ISO list finds neither.
    private let byName: [String: Int]
    private let spellings: [(name: [Unicode.Scalar], province: Int)]

    /// - isoCodes: the bytes of the iso-codes package's `iso_3166-2.json`.
    public init(isoCodes: [UInt8], overlay: ProvinceOverlay) throws(ProvinceDirectoryError) {
        let entries = try ProvinceDirectory.entries(isoCodes, overlay)
        try ProvinceDirectory.checkTiles(entries)
        provinces = ProvinceDirectory.provinces(entries)
        try ProvinceDirectory.check(provinces)
        byCode = Dictionary(uniqueKeysWithValues: provinces.enumerated().map { ($1.code, $0) })
        let known = byCode
        for crossing in overlay.crossings where known[crossing.province] == nil {
            throw .unknownCode(crossing.province, of: "the crossing \(crossing.name)")
        }
        crossings = overlay.crossings
        (byName, spellings) = try ProvinceDirectory.index(provinces, entries)
    }

    /// By ISO 3166-2 code exactly as ISO writes it, in constant time.
    public func province(code: String) -> Province? {
        // Swift's strings are equal by canonical equivalence: U+212A, the Kelvin sign, would do for K. What is equal to a code,
        // which is ASCII, without being it takes more bytes.
        guard let found = byCode[code], provinces[found].code.utf8.count == code.utf8.count else {
            return nil
        }
        return provinces[found]
    }

    /// By any name: code, slug, English, Khmer or old spelling, with or without "province" or ខេត្ត, whatever the case,
    /// diacritics, spaces and hyphens. nil when no province is called so.
    public func find(_ name: String) -> Province? {
        let folded = ProvinceDirectory.folded(name)
        if let found = byName[folded] { return provinces[found] }
        for (prefix, suffix) in [
            ("", "province"), ("province", ""), ("provinceof", ""), ("ខេត្ត", ""), ("រាជធានី", ""), ("", "city"),
            ("", "municipality"),
        ] {
            guard folded.count > prefix.count + suffix.count, folded.hasPrefix(prefix),
                folded.hasSuffix(suffix)
            else { continue }
            let bare = folded.unicodeScalars.dropFirst(prefix.unicodeScalars.count)
                .dropLast(suffix.unicodeScalars.count)
            if let found = byName[String(bare)] { return provinces[found] }
        }
        return nil
    }

    /// The provinces with the names most like this one, the most like first; Cambodia's first among equals.
    public func nearest(_ name: String, count: Int = 3) -> [Province] {
        let wanted = Array(ProvinceDirectory.folded(name).unicodeScalars)
        var least = [Int](repeating: .max, count: provinces.count)
        // Codes are so short that they are near to every short name.
        let likeCode = wanted.count <= ProvinceDirectory.longestCode
        for (spelling, province) in spellings where likeCode || spelling.count > ProvinceDirectory.longestCode
        {
            // The lengths' difference is a lower bound: most spellings need no closer look.
            guard abs(spelling.count - wanted.count) < least[province] else { continue }
            least[province] = min(least[province], editDistance(wanted, spelling))
        }
        return least.indices.sorted { (least[$0], $0) < (least[$1], $1) }.prefix(max(count, 0)).map {
            provinces[$0]
        }
    }

    private static func folded(_ name: String) -> String {
        foldedName(String(name.unicodeScalars.prefix(longestName)))
    }

    /// Whether a crossing, or a place on its other side, is called so.
    func isAtCrossing(_ name: String) -> Bool { ProvinceDirectory.find(name, in: crossings) }

    private static func find(_ name: String, in crossings: [Crossing]) -> Bool {
        let wanted = folded(name)
        return crossings.contains { $0.places.contains { folded($0) == wanted } }
    }

    /// Crossings of some provinces where none of them is called so, the most like the name first; empty where one is, and where
    /// no crossing of theirs is known.
    public func crossings(unlike name: String, of codes: [String]) -> [Crossing] {
        let known = crossings.filter { codes.contains($0.province) }
        if ProvinceDirectory.find(name, in: known) { return [] }
        let wanted = Array(ProvinceDirectory.folded(name).unicodeScalars)
        return known.map {
            ($0, editDistance(wanted, Array(ProvinceDirectory.folded($0.name).unicodeScalars)))
        }
        .sorted { $0.1 < $1.1 }.map(\.0)
    }
}
