/// What a free text may hold. One pass over its scalars.
///
/// Refused are control characters, marks that turn the writing direction (they make a terminal show something else than
/// what is written), and numbers that look like a telephone's or a document's:
///
/// - 7 digits or more in a row;
/// - 8 digits or more in groups with at most 3 separators between two groups: spaces, `-`, `.`, `/`, `(`, `)`, `+`,
///   `_`, and characters without width. Three groups that have the shape of a date (`2026-11-24`, `24/11/2026`) are let
///   through, and groups beside a colon (`06:30`) belong to no number.
///
/// Digits are Latin, Khmer, Thai, Lao, Burmese and full-width ones.
struct TextRules {
    /// Digits in one row from which a number looks like a telephone's or a document's.
    static let digitsInARow = 7
    /// The same for digits in groups.
    static let digitsInGroups = 8
    /// Characters between two groups of digits up to which they are one number.
    static let separators = 3

    var characters = 0
    var hasControl = false
    var hasTurn = false
    var hasNumber = false
    var hasKhmer = false
    var hasLatin = false
    var isBlank = true

    /// - lines: whether line feeds may be in it.
    init(_ text: String, lines: Bool) {
        var number = NumberLookout()
        if text.utf8Span.isKnownASCII {
            // Each byte is a scalar: nothing to decode.
            let bytes = text.utf8Span.span
            for index in bytes.indices { see(UInt32(bytes[index]), lines: lines, &number) }
        } else {
            for scalar in text.unicodeScalars { see(scalar.value, lines: lines, &number) }
        }
        number.other()
        hasNumber = number.isFound
    }

    private mutating func see(_ scalar: UInt32, lines: Bool, _ number: inout NumberLookout) {
        characters += 1
        switch scalar {
        // What most texts are made of, before the long list of the rest.
        case 0x41...0x5A, 0x61...0x7A:
            isBlank = false
            hasLatin = true
            number.other()
        case 0x1780...0x17B3:
            isBlank = false
            hasKhmer = true
            number.other()
        case 0x20, 0xA0: number.separator()
        case 0x0A where lines: number.other()
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0xFFFE, 0xFFFF: hasControl = true
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x061C: hasTurn = true
        case 0x200B...0x200D, 0x2060, 0xFEFF: number.separator()
        default:
            isBlank = false
            seeVisible(scalar, &number)
        }
    }

    private mutating func seeVisible(_ scalar: UInt32, _ number: inout NumberLookout) {
        switch scalar {
        case 0x30...0x39, 0x17E0...0x17E9, 0x0E50...0x0E59, 0x0ED0...0x0ED9, 0x1040...0x1049, 0xFF10...0xFF19:
            number.digit()
        case 0x28, 0x29, 0x2B, 0x2D, 0x2E, 0x2F, 0x5F, 0x2010...0x2015:
            number.separator()
        case 0x3A:
            number.colon()
        default:
            number.other()
        }
    }
}

/// Looks out for numbers while a text goes by, one character at a time.
private struct NumberLookout {
    var isFound = false
    /// Digits of the finished groups, how many groups, and the first and the last one's length.
    private var digits = 0
    private var groups = 0
    private var first = 0
    private var last = 0
    private var longestGroup = 0
    /// Digits of the group going on, and whether it stands after a colon.
    private var current = 0
    private var isTime = false
    private var gap = 0
    /// Nothing that could belong to a number has gone by since the last ``close()``: so it is within words.
    private var isIdle = true

    init() {}

    mutating func digit() {
        isIdle = false
        if current == 0, gap > TextRules.separators { close() }
        gap = 0
        current += 1
        if current >= TextRules.digitsInARow { isFound = true }
    }

    mutating func separator() {
        isIdle = false
        endGroup()
        gap += 1
    }

    mutating func colon() {
        isIdle = false
        // What stands before a colon is an hour, what comes after it minutes.
        if gap == 0 { current = 0 }
        close()
        isTime = true
    }

    mutating func other() {
        guard !isIdle else { return }
        endGroup()
        close()
        isIdle = true
    }

    private mutating func endGroup() {
        if current > 0, !isTime {
            groups += 1
            digits += current
            if groups == 1 { first = current }
            last = current
            longestGroup = max(longestGroup, current)
        }
        current = 0
        isTime = false
    }

    private mutating func close() {
        let isDate =
            groups == 3 && longestGroup == 4 && digits <= 8 && (first == 4) != (last == 4)
        if digits >= TextRules.digitsInGroups, !isDate { isFound = true }
        (digits, groups, first, last, longestGroup, current, gap) = (0, 0, 0, 0, 0, 0, 0)
    }
}
