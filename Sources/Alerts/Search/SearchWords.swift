/// What a search looks for: words that must all occur in an alert, wherever in it.
///
/// A word may be given in any spelling that people take for the same (``TextFolding``).
/// - A word in Latin letters is found where a word begins: `van` in `vans`, not in `caravan`.
/// - A word in Khmer, which runs on without spaces, is found anywhere, but never a part of a syllable.
/// - A word with a digit in it and at least ``shortestNumber`` letters and digits is taken for a number of a plate or a
///   document, and found anywhere, whatever spaces and hyphens are in either.
/// - A province is found by any of its names, an alert by the beginning of its id.
///
/// Several words in one (`Koh Kong`) must follow each other.
public struct SearchWords: Sendable {
    /// Letters and digits.
    public static let shortestNumber = 4
    /// Hexadecimal digits of an id that find it: fewer would be found in the ids of a day.
    public static let shortestID = 8

    private struct Word {
        var bytes: [UInt8]
        var isNumber: Bool
        /// The beginning of an id, without hyphens; nil when it can't be one.
        var id: [UInt8]?
        /// Codes of the provinces of that name.
        var provinces: Set<String>
    }

    private let words: [Word]
    private let hasNumber: Bool

    /// nil when there is no word, or one without a letter or a digit.
    public init?(_ words: [String], in directory: ProvinceDirectory) {
        guard !words.isEmpty else { return nil }
        let names = directory.provinces.map { (code: $0.code, names: SearchWords.names(of: $0)) }
        self.words = words.compactMap { text -> Word? in
            var folding = TextFolding()
            folding.add(text)
            let bytes = Array(folding.bytes.dropLast())
            guard !bytes.isEmpty else { return nil }
            let compact = bytes.filter { $0 != TextFolding.gap }
            let isNumber =
                compact.contains(where: isDigit)
                && compact.count(where: isLatin) >= SearchWords.shortestNumber
            let isID =
                compact.count >= SearchWords.shortestID
                && compact.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }
            return Word(
                bytes: isNumber ? compact : bytes, isNumber: isNumber, id: isID ? compact : nil,
                provinces: Set(names.filter { occurs(bytes, in: $0.names, anywhere: false) }.map(\.code))
                    .union(directory.find(text).map { [$0.code] } ?? []))
        }
        guard self.words.count == words.count else { return nil }
        hasNumber = self.words.contains { $0.isNumber }
    }

    /// Whether every word occurs in an alert.
    public func occur(in alert: Alert) -> Bool {
        var folding = TextFolding()
        folding.addTexts(of: alert)
        let id = words.contains { $0.id != nil } ? alert.id.description.utf8.filter { $0 != 0x2D } : []
        return occur(in: folding.bytes) { word in
            if let start = word.id, id.starts(with: start) { return true }
            return !word.provinces.isEmpty && alert.provinces.contains(where: word.provinces.contains)
        }
    }

    /// Whether every word occurs in the text of what can't be read as an alert.
    public func occur(inUnread payload: [UInt8]) -> Bool {
        var folding = TextFolding()
        folding.add(String(decoding: payload, as: UTF8.self))
        return occur(in: folding.bytes) { _ in false }
    }

    private func occur(in text: [UInt8], or isElsewhere: (Word) -> Bool) -> Bool {
        let compact = hasNumber ? text.filter { $0 != TextFolding.gap } : []
        return words.allSatisfy { word in
            occurs(word.bytes, in: word.isNumber ? compact : text, anywhere: word.isNumber)
                || isElsewhere(word)
        }
    }

    /// In words, and run together: `koh kong`, `kohkong`.
    private static func names(of province: Province) -> [UInt8] {
        var folding = TextFolding()
        for name in [province.code, province.slug] + province.names {
            folding.add(name)
            folding.add(foldedName(name))
        }
        return folding.bytes
    }
}

extension TextFolding {
    /// Everything of an alert that was written by a person, or that they would call it by.
    fileprivate mutating func addTexts(of alert: Alert) {
        add(alert.sender)
        for text in [alert.headline, alert.description, alert.note] {
            add(text?.km)
            add(text?.en)
        }
        add(alert.crossing)
        if let suspect = alert.suspect {
            add(suspect.role.rawValue)
            for alias in suspect.aliases { add(alias) }
            for document in suspect.documents { add(document.number) }
            add(suspect.marks)
            add(suspect.vehicle)
        }
        if let movement = alert.movement {
            add(movement.from)
            add(movement.towards)
            add(movement.lastSeen?.place)
            add(movement.vehicle)
        }
        if let sighting = alert.sighting {
            add(sighting.outcome.rawValue)
            add(sighting.place)
            add(sighting.towards)
            add(sighting.vehicle)
        }
        for person in alert.atRisk { add(person.reference) }
    }

    private mutating func add(_ text: String?) {
        if let text { add(text) }
    }

    private mutating func add(_ vehicle: Vehicle?) {
        guard let vehicle else { return }
        add(vehicle.type.rawValue)
        add(vehicle.plate)
        add(vehicle.colour)
        add(vehicle.make)
    }
}

// MARK: Bytes

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
private func isLatin(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x7A).contains(byte) }

/// - word: not empty. anywhere: also within a word or a syllable.
private func occurs(_ word: [UInt8], in text: [UInt8], anywhere: Bool) -> Bool {
    guard let first = word.first, word.count <= text.count else { return false }
    let (word, text) = (word.span, text.span)
    var start = 0
    search: while start <= text.count - word.count {
        defer { start += 1 }
        guard text[start] == first else { continue }
        for index in 1..<word.count where text[start + index] != word[index] { continue search }
        if anywhere || (isBeginning(start, in: text) && isEnd(start + word.count, in: text)) { return true }
    }
    return false
}

/// Whether a word or syllable begins here: not after another Latin letter, not with a subscript's letter.
private func isBeginning(_ place: Int, in text: Span<UInt8>) -> Bool {
    if place >= 1, isLatin(text[place]), isLatin(text[place - 1]) { return false }
    return place < 3 || text[place - 3] != 0xE1 || text[place - 2] != 0x9F || text[place - 1] != 0x92
}

/// Whether a syllable ends here: no Khmer mark follows.
private func isEnd(_ place: Int, in text: Span<UInt8>) -> Bool {
    guard place + 3 <= text.count, text[place] == 0xE1 else { return true }
    switch (text[place + 1], text[place + 2]) {
    case (0x9E, 0xB6...0xBF), (0x9F, 0x80...0x93), (0x9F, 0x9D): return false
    default: return true
    }
}
