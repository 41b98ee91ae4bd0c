/// A name's folded form: two spellings that people take for the same name fold to the same text.
///
/// Case, Latin diacritics, spaces, hyphens, dots, apostrophes and invisible characters don't count. In Khmer, coeng DA
/// and coeng TA (which look the same) become coeng TA, the marks of a syllable are put in one order, and digits become
/// Latin ones.
func foldedName(_ name: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
        switch scalar.value {
        case 0x41...0x5A:
            folded.append(Unicode.Scalar(UInt8(scalar.value + 0x20)))
        case 0x30...0x39, 0x61...0x7A:
            folded.append(scalar)
        case 0x00...0x7F, 0xA0, 0x17B4, 0x17B5, 0x2000...0x206F, 0xFEFF:
            // Spaces, punctuation, joiners, and the inherent vowels, which nobody sees.
            continue
        case 0x300...0x36F:
            continue
        case 0xC0...0x24F, 0x1E00...0x1EFF:
            folded.append(contentsOf: latinBase(of: scalar))
        case 0x178A where folded.last?.value == 0x17D2:
            folded.append("\u{178F}")
        case 0x17E0...0x17E9:
            folded.append(Unicode.Scalar(UInt8(0x30 + scalar.value - 0x17E0)))
        default:
            folded.append(scalar)
        }
    }
    return String(khmerOrdered(folded))
}

/// The letters under the marks, by the scalar's Unicode name: "LATIN SMALL LETTER E WITH CIRCUMFLEX AND ACUTE" is e.
/// A letter whose name gives no one or two letters is kept.
private func latinBase(of scalar: Unicode.Scalar) -> String.UnicodeScalarView {
    let words = scalar.properties.name?.split(separator: " ") ?? []
    guard let letter = words.firstIndex(of: "LETTER"), letter + 1 < words.count,
        words[letter + 1].utf8.count <= 2
    else { return scalar.properties.lowercaseMapping.unicodeScalars }
    return words[letter + 1].lowercased().unicodeScalars
}

/// Puts the marks after each Khmer base in one order: subscripts with coeng RO last, then shifters, vowels, signs.
/// The same visible syllable is typed in several orders, and Unicode normalization unifies none of them.
private func khmerOrdered(_ name: String.UnicodeScalarView) -> String.UnicodeScalarView {
    guard name.contains(where: { (0x17B6...0x17D3).contains($0.value) }) else { return name }
    var ordered = String.UnicodeScalarView()
    var marks: [(rank: Int, scalars: [Unicode.Scalar])] = []
    func flush() {
        // Stable: marks of equal rank keep the order that they were typed in.
        let sorted = marks.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
        for mark in sorted { ordered.append(contentsOf: mark.element.scalars) }
        marks.removeAll(keepingCapacity: true)
    }
    var rest = name[...]
    while let scalar = rest.popFirst() {
        switch scalar.value {
        case 0x17D2:
            guard let below = rest.popFirst() else {
                marks.append((5, [scalar]))
                continue
            }
            marks.append((below.value == 0x179A ? 1 : 0, [scalar, below]))
        case 0x17C9, 0x17CA: marks.append((2, [scalar]))
        case 0x17B6...0x17C5: marks.append((3, [scalar]))
        case 0x17C6...0x17D3: marks.append((4, [scalar]))
        default:
            flush()
            ordered.append(scalar)
        }
    }
    flush()
    return ordered
}
