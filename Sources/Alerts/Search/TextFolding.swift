/// Texts as names and searches compare them: two spellings that people take for the same give the same bytes.
///
/// Case, Latin diacritics, apostrophes and invisible characters don't count; whatever else is no letter, mark or digit
/// parts words. Digits become Latin ones. In Khmer, coeng DA becomes coeng TA, which looks the same; the marks of a
/// syllable are put in one order, since the same visible syllable is typed in several and Unicode normalization unifies
/// none of them (github.com/Trey314159/KhmerSyllableReordering); and spaces don't count, since they are put where one likes.
struct TextFolding {
    /// Between the words of a text, and between texts.
    static let gap = UInt8(ascii: " ")
    static let end = UInt8(ascii: "\n")
    /// Marks of one syllable that are put in order; no word has as many.
    static let mostMarks = 16

    /// A mark of a Khmer syllable, or a letter under it with its coeng.
    private struct Mark {
        var rank: UInt8
        var first: UInt32
        var second: UInt32 = 0
    }

    private static let coeng: UInt32 = 0x17D2

    /// What was added so far, in UTF-8: texts parted by ``end``, their words by ``gap``.
    private(set) var bytes: [UInt8] = []
    private var marks: [Mark] = []
    private var isGapDue = false
    private var isAfterKhmer = false
    private var isAfterCoeng = false

    mutating func add(_ text: String) {
        for scalar in text.unicodeScalars { add(scalar) }
        finishSyllable()
        isGapDue = false
        isAfterKhmer = false
        bytes.append(TextFolding.end)
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        switch value {
        case 0x30...0x39, 0x61...0x7A: letter(UInt8(truncatingIfNeeded: value))
        case 0x41...0x5A: letter(UInt8(truncatingIfNeeded: value + 0x20))
        // Apostrophes, the soft hyphen, joiners and marks of direction, inherent vowels, accents by themselves.
        case 0x27, 0xAD, 0x2BC, 0x300...0x36F, 0x17B4, 0x17B5, 0x200B...0x200F, 0x2018, 0x2019,
            0x202A...0x202E, 0x2060...0x206F, 0xFEFF:
            return
        case 0x00...0xBF, 0x17D4...0x17DB, 0x2000...0x206F, 0x3000...0x3003: isGapDue = true
        case 0xC0...0x24F, 0x1E00...0x1EFF: for byte in latinBase(of: scalar) { letter(byte) }
        case 0x1780...0x17B3, 0x17DC: khmer(value)
        case 0x17B6...0x17D3, 0x17DD: mark(value)
        case 0x17E0...0x17E9: digit(value - 0x17E0)
        case 0x0E50...0x0E59: digit(value - 0x0E50)
        case 0x0ED0...0x0ED9: digit(value - 0x0ED0)
        case 0xFF10...0xFF19: digit(value - 0xFF10)
        // Wide Latin letters, and the other wide characters of ASCII.
        case 0xFF21...0xFF3A: letter(UInt8(truncatingIfNeeded: value - 0xFF21 + 0x61))
        case 0xFF41...0xFF5A: letter(UInt8(truncatingIfNeeded: value - 0xFF41 + 0x61))
        case 0xFF07: return
        case 0xFF01...0xFF65: isGapDue = true
        default:
            begin(isKhmer: false)
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { bytes.append(byte) }
        }
    }

    private mutating func letter(_ byte: UInt8) {
        begin(isKhmer: false)
        bytes.append(byte)
    }

    private mutating func digit(_ number: UInt32) { letter(UInt8(truncatingIfNeeded: 0x30 + number)) }

    private mutating func begin(isKhmer: Bool) {
        finishSyllable()
        if isGapDue, !isKhmer, !isAfterKhmer, let last = bytes.last, last != TextFolding.end {
            bytes.append(TextFolding.gap)
        }
        isGapDue = false
        isAfterKhmer = isKhmer
    }

    // MARK: Khmer

    private mutating func khmer(_ value: UInt32) {
        guard isAfterCoeng else {
            begin(isKhmer: true)
            return append(value)
        }
        isAfterCoeng = false
        put(
            Mark(
                rank: value == 0x179A ? 1 : 0, first: TextFolding.coeng,
                second: value == 0x178A ? 0x178F : value))
    }

    private mutating func mark(_ value: UInt32) {
        if isAfterCoeng { strayCoeng() }
        switch value {
        case TextFolding.coeng: isAfterCoeng = true
        case 0x17C9, 0x17CA: put(Mark(rank: 2, first: value))
        case 0x17B6...0x17C5: put(Mark(rank: 3, first: value))
        default: put(Mark(rank: 4, first: value))
        }
    }

    /// Subscripts with coeng RO last, then shifters, vowels, signs; those of one rank as they were typed.
    private mutating func put(_ mark: Mark) {
        if marks.count == TextFolding.mostMarks { writeMarks() }
        let place = marks.lastIndex { $0.rank <= mark.rank }.map { $0 + 1 } ?? 0
        marks.insert(mark, at: place)
    }

    private mutating func strayCoeng() {
        isAfterCoeng = false
        put(Mark(rank: 5, first: TextFolding.coeng))
    }

    private mutating func finishSyllable() {
        if isAfterCoeng { strayCoeng() }
        if !marks.isEmpty { writeMarks() }
    }

    /// Under a vowel above the letter, both shifters look like vowel U, and are typed as that.
    private mutating func uniteShifters() {
        guard marks.contains(where: { isAbove($0.first) }) else { return }
        for index in marks.indices {
            switch marks[index].first {
            case 0x17BB, 0x17C9, 0x17CA: marks[index] = Mark(rank: 2, first: 0x17CA)
            default: continue
            }
        }
        // As they were typed where the rank is the same.
        marks = marks.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(
            \.element)
    }

    private func isAbove(_ vowel: UInt32) -> Bool { (0x17B7...0x17BA).contains(vowel) || vowel == 0x17BE }

    private mutating func writeMarks() {
        uniteShifters()
        var index = 0
        while index < marks.count {
            let mark = marks[index]
            index += 1
            // Vowels that look like two others, and are typed as those.
            if mark.first == 0x17C1, index < marks.count, let whole = TextFolding.whole(marks[index].first) {
                index += 1
                append(whole)
                continue
            }
            append(mark.first)
            if mark.second != 0 { append(mark.second) }
        }
        marks.removeAll(keepingCapacity: true)
    }

    /// What vowel E and this one after it look like.
    private static func whole(_ vowel: UInt32) -> UInt32? {
        switch vowel {
        case 0x17B6: 0x17C4
        case 0x17B8: 0x17BE
        default: nil
        }
    }

    /// Three bytes, as all of Khmer has.
    private mutating func append(_ value: UInt32) {
        bytes.append(UInt8(truncatingIfNeeded: 0xE0 | value >> 12))
        bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
        bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    }
}

/// The letters under the marks, by the scalar's Unicode name: "LATIN SMALL LETTER E WITH CIRCUMFLEX AND ACUTE" is e.
/// A letter whose name gives no one or two letters is kept.
private func latinBase(of scalar: Unicode.Scalar) -> [UInt8] {
    let index = scalar.value < 0x1E00 ? scalar.value - 0xC0 : scalar.value - 0x1E00 + 0x190
    return latinBases[Int(index)]
}

/// Of U+00C0 to U+024F and U+1E00 to U+1EFF: names take long to look up.
private let latinBases: [[UInt8]] = (Array(0xC0...0x24F) + Array(0x1E00...0x1EFF)).map { (value: UInt32) in
    guard let scalar = Unicode.Scalar(value) else { return [] }
    let words = scalar.properties.name?.split(separator: " ") ?? []
    guard let letter = words.firstIndex(of: "LETTER"), letter + 1 < words.count,
        words[letter + 1].utf8.count <= 2
    else { return Array(scalar.properties.lowercaseMapping.utf8) }
    return Array(words[letter + 1].lowercased().utf8)
}
