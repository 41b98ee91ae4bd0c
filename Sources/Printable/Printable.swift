/// Characters of a peer's text that are shown at most, unless a caller says otherwise.
public let longestPrintable = 1_000

/// The one door for texts from outside (a peer, a file, a command line) on their way to a terminal, a log or the service
/// manager. Safe from any thread; costs one pass.
///
/// What comes out holds no control character, no line break, nothing that turns the direction of writing, and nothing
/// that a reader can't see:
///
/// - Control and format characters, line and paragraph separators, private, unassigned and unseen ones are shown as
///   `\u{1B}`. So are marks that have no letter to stand on, and those beyond ``marksOfLetter``, which would be drawn over
///   other lines.
/// - Joiners and spaces without width, which Khmer is typed with, and variation selectors are left out.
/// - It has at most so many characters; what was longer ends in `…`.
///
/// What it gives it leaves as it is.
/// - most: Unicode scalars, at least 1.
public func printable(_ text: String, atMost most: Int = longestPrintable) -> String {
    let most = max(most, 1)
    if isPlain(text, atMost: most) { return text }
    var safe = String.UnicodeScalarView()
    // How much of it there is room for beside the mark of a cut, which never parts what stands for one character.
    var count = 0
    var whole = safe.endIndex
    var marks = marksOfLetter
    for scalar in text.unicodeScalars {
        if isLeftOut(scalar) { continue }
        marks = isMark(scalar) ? marks + 1 : 0
        let isShown = isVisible(scalar) && marks <= marksOfLetter
        let piece = isShown ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        if !isShown { marks = 0 }
        let length = isShown ? 1 : piece.unicodeScalars.count
        guard count + length <= most else {
            safe.removeSubrange(whole...)
            safe.append("…")
            break
        }
        safe.append(contentsOf: piece.unicodeScalars)
        count += length
        if count < most { whole = safe.endIndex }
    }
    return String(safe)
}

/// Marks that are shown on one letter. Khmer, Thai and Vietnamese need fewer.
public let marksOfLetter = 6

/// Most texts are ASCII that may be shown as it is.
private func isPlain(_ text: String, atMost most: Int) -> Bool {
    text.utf8.count <= most && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
}

/// Without width and of no meaning to who reads: spaces between Khmer words, joiners, variation selectors.
private func isLeftOut(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: true
    default: false
    }
}

func isMark(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x300 else { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return true
    default: return false
    }
}

/// Whether a character is shown as it is, its place among others aside.
public func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value >= 0x20 }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
        return false
    default:
        // Fillers of Korean and inherent vowels of Khmer are letters that nobody sees.
        return !properties.isDefaultIgnorableCodePoint
    }
}
