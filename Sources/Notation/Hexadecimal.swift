/// Bytes as pairs of hexadecimal digits. Foundation has nothing for it, and libsodium's is for terminated strings.
extension Array where Element == UInt8 {
    /// In lower case.
    public var hex: String {
        String(unsafeUninitializedCapacity: count * 2) { text in
            var place = 0
            for byte in self {
                text[place] = hexDigit(byte >> 4)
                text[place + 1] = hexDigit(byte & 0xF)
                place += 2
            }
            return place
        }
    }

    /// Reads pairs of digits, either case; nil for anything else.
    public init?(hex text: String) {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        for at in stride(from: 0, to: digits.count, by: 2) {
            guard let high = eitherCase(digits[at]), let low = eitherCase(digits[at + 1]) else { return nil }
            append(high << 4 | low)
        }
    }

    /// Appends a byte's two digits, in lower case.
    @inlinable
    public mutating func append(hexOf byte: UInt8) {
        append(hexDigit(byte >> 4))
        append(hexDigit(byte & 0xF))
    }
}

extension String {
    /// Whether it consists of digits in lower case alone.
    public var isLowerCaseHex: Bool { utf8.allSatisfy { hexValue($0) != nil } }
}

/// The digit of a number below 16, in lower case.
@inlinable
public func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// What a digit in lower case stands for; nil: it is none.
@inlinable
public func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}

private func eitherCase(_ digit: UInt8) -> UInt8? {
    let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(digit)
    return hexValue(isCapital ? digit + 0x20 : digit)
}
