import FoundationEssentials

/// How the ISO list and the overlay become one directory.
extension ProvinceDirectory {
    /// A province of the ISO list with what the overlay says of it.
    struct Entry {
        let code: String
        let isoName: String
        let overlay: ProvinceOverlay.Entry?

        var english: String { overlay?.english ?? isoName }
        var plainSlug: String {
            let slug = ProvinceDirectory.slug(english)
            return slug.isEmpty ? code.lowercased() : slug
        }
    }

    static func entries(_ isoCodes: [UInt8], _ overlay: ProvinceOverlay) throws(ProvinceDirectoryError)
        -> [Entry]
    {
        let list: SubdivisionList
        do {
            list = try JSONDecoder().decode(
                SubdivisionList.self, from: Data(isoCodes), configuration: countries)
        } catch {
            throw .unreadableList(reason: "not the list of ISO 3166-2 codes in JSON")
        }
        guard !list.subdivisions.isEmpty else { throw .emptyList }
        var codes: Set<String> = []
        for subdivision in list.subdivisions {
            guard isCode(subdivision.code) else {
                throw .unreadableList(reason: "a code in it is none of ISO 3166-2")
            }
            guard codes.insert(subdivision.code).inserted else {
                throw .unreadableList(reason: "\(subdivision.code) is in it twice")
            }
        }
        var additions: [String: ProvinceOverlay.Entry] = [:]
        for entry in overlay.provinces {
            guard additions.updateValue(entry, forKey: entry.code) == nil else {
                throw .repeatedCode(entry.code)
            }
        }
        let entries = list.subdivisions.map {
            Entry(code: $0.code, isoName: $0.name, overlay: additions.removeValue(forKey: $0.code))
        }
        if let stray = overlay.provinces.first(where: { additions[$0.code] != nil }) {
            throw .unknownCode(stray.code, of: "the province \(stray.english ?? stray.code)")
        }
        return entries.sorted { order($0.code) < order($1.code) }
    }

    /// `KH-9`: a country's code and up to three letters or digits.
    private static func isCode(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return (4...6).contains(bytes.count) && bytes[2] == UInt8(ascii: "-")
            && bytes.enumerated().allSatisfy { place, byte in
                place == 2 || (0x41...0x5A).contains(byte) || (place > 2 && (0x30...0x39).contains(byte))
            }
    }

    /// No two provinces stand on one place of the map.
    static func checkTiles(_ entries: [Entry]) throws(ProvinceDirectoryError) {
        var owners: [MapTile: String] = [:]
        for entry in entries {
            guard let place = entry.overlay?.tile else { continue }
            guard let tile = MapTile(place) else { throw .unusableTile(of: entry.english) }
            if let owner = owners.updateValue(entry.english, forKey: tile) {
                throw .sharedTile(tile, [owner, entry.english])
            }
        }
    }

    /// Topics are made of slugs: each must make one, and of two provinces none the same.
    static func check(_ provinces: [Province]) throws(ProvinceDirectoryError) {
        var owners: [String: String] = [:]
        for province in provinces {
            guard Topic(province.topic(.movement).name) != nil else {
                throw .unusableName(province.english, of: province.code)
            }
            if let owner = owners.updateValue(province.code, forKey: province.slug) {
                throw .sharedName(province.slug, [owner, province.code])
            }
        }
    }

    /// Slugs are unique: provinces that would share one get their country's code in front, and where that doesn't tell
    /// them apart their own code.
    static func provinces(_ entries: [Entry]) -> [Province] {
        let plain = Dictionary(grouping: entries, by: \.plainSlug)
        return entries.map { entry in
            let country = entry.code.prefix(2).lowercased()
            let rivals = plain[entry.plainSlug, default: []].filter { $0.code != entry.code }
            let slug =
                if rivals.isEmpty {
                    entry.plainSlug
                } else if rivals.contains(where: { $0.code.prefix(2) == entry.code.prefix(2) }) {
                    "\(entry.plainSlug)-\(entry.code.lowercased())"
                } else {
                    "\(country)-\(entry.plainSlug)"
                }
            var names = [entry.english]
            for name in [entry.overlay?.khmer, entry.isoName].compactMap({ $0 })
                + (entry.overlay?.names ?? [])
            where !names.contains(name) {
                names.append(name)
            }
            return Province(
                code: entry.code, country: country, slug: slug, english: entry.english,
                khmer: entry.overlay?.khmer, names: names,
                tile: entry.overlay?.tile.flatMap { MapTile($0) })
        }
    }

    /// A spelling that the overlay gives to two provinces is a mistake; one that the ISO list gives to two finds neither.
    static func index(
        _ provinces: [Province], _ entries: [Entry]
    ) throws(ProvinceDirectoryError) -> (
        byName: [String: Int], spellings: [(name: [Unicode.Scalar], province: Int)]
    ) {
        var byName: [String: Int] = [:]
        var shared: Set<String> = []
        var spellings: [(name: [Unicode.Scalar], province: Int)] = []
        for (index, province) in provinces.enumerated() {
            let own = [province.code, province.slug, "\(province.country).\(province.slug)"]
            let spoken = Set(province.names.map(foldedName)).subtracting([""])
            for name in spoken.union(own.map(foldedName)) {
                guard let other = byName.updateValue(index, forKey: name) else { continue }
                if entries[index].isGivenByOverlay(name), entries[other].isGivenByOverlay(name) {
                    throw .sharedName(name, [provinces[other].code, province.code])
                }
                // What the overlay says comes before what the ISO list says.
                if entries[other].isGivenByOverlay(name) {
                    byName[name] = other
                } else if !entries[index].isGivenByOverlay(name) {
                    shared.insert(name)
                }
            }
            spellings += spoken.union([foldedName(province.code)]).map { (Array($0.unicodeScalars), index) }
        }
        for name in shared { byName[name] = nil }
        return (byName, spellings)
    }

    /// `Koh Kong` is `koh-kong`: Latin letters and digits, words joined by single hyphens.
    static func slug(_ name: String) -> String {
        name.split { !$0.isLetter && !$0.isNumber }
            .map { String(foldedName(String($0)).filter { $0.isASCII }) }
            .filter { !$0.isEmpty }
            .joined(separator: "-")
    }

    /// Countries in the order of ``countries``, numbers by value: KH-9 before KH-10.
    private static func order(_ code: String) -> (Int, Int, String) {
        let country = countries.firstIndex(of: String(code.prefix(2))) ?? countries.count
        return (country, Int(code.dropFirst(3)) ?? .max, code)
    }
}

extension ProvinceDirectory.Entry {
    fileprivate func isGivenByOverlay(_ folded: String) -> Bool {
        guard let overlay else { return false }
        return ([overlay.english, overlay.khmer].compactMap { $0 } + (overlay.names ?? []))
            .contains { foldedName($0) == folded }
    }
}
