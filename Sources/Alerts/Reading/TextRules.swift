/// What a free text may hold. One pass over its scalars.
///
/// Refused are control characters, marks that turn the writing direction (they make a terminal show something else than
/// what is written), an `@` as in an address, and numbers that look like a telephone's or a document's
/// (``NumberLookout``).
struct TextRules {
    var characters = 0
    var hasControl = false
    var hasTurn = false
    var hasNumber = false
    var hasAt = false
    var hasKhmer = false
    var hasLatin = false
    var isBlank = true

    /// - lines: whether line feeds may be in it.
    init(_ text: String, lines: Bool) {
        let isASCII = text.utf8Span.isKnownASCII
        if isASCII, let rules = TextRules(plain: text.utf8Span.span) {
            self = rules
            return
        }
        var number = NumberLookout()
        if isASCII {
            // Each byte is a scalar: nothing to decode.
            let bytes = text.utf8Span.span
            for index in bytes.indices { see(UInt32(bytes[index]), lines: lines, &number) }
        } else {
            for scalar in text.unicodeScalars { see(scalar.value, lines: lines, &number) }
        }
        number.other()
        hasNumber = number.isFound
    }

    /// Of ASCII as most texts are: letters, spaces and marks, without a digit, an `@` or a control character. nil for any
    /// other, and for a very short one.
    private init?(plain text: Span<UInt8>) {
        var letters: UInt64 = 0
        var visible: UInt64 = 0
        let isPlain = text.withUnsafeBytes { bytes in
            EightBytes.each(of: bytes) { here, _ in
                letters |= here.lowercased.within(0x61, 0x7A)
                visible |= here.atLeast(0x21)
                return !here.hasAny(below: 0x20)
                    && here.atLeast(0x7F) | here.within(0x30, 0x39) | here.within(0x40, 0x40) == 0
            }
        }
        guard isPlain == true else { return nil }
        characters = text.count
        hasLatin = letters != 0
        isBlank = visible == 0
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
        case 0x20: number.separator(scalar)
        case 0x0A where lines: number.separator(scalar)
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0xFFFE, 0xFFFF: hasControl = true
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x061C: hasTurn = true
        case 0xA0, 0x200B...0x200D, 0x2060, 0xFEFF: number.separator(scalar)
        case 0x30...0x39:
            isBlank = false
            number.digit(Int(scalar) - 0x30)
        default:
            isBlank = false
            seeVisible(scalar, &number)
        }
    }

    /// Whatever Unicode gives a number is a digit, and whatever is no letter may stand between digits.
    private mutating func seeVisible(_ scalar: UInt32, _ number: inout NumberLookout) {
        switch scalar {
        case 0x40, 0xFE6B, 0xFF20:
            hasAt = true
            number.separator(scalar)
        case 0x21...0x7E, 0x17B4...0x17D3: number.separator(scalar)
        default:
            guard let properties = Unicode.Scalar(scalar)?.properties else { return }
            if let value = properties.numericType == nil ? nil : properties.numericValue {
                let isShort = value >= 0 && value < 10
                if !isShort { number.digit(1) }
                number.digit(isShort ? Int(value) : 0)
                return
            }
            switch properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
                number.other()
            default: number.separator(scalar)
            }
        }
    }
}
