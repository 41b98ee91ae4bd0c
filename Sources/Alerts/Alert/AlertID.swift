internal import Notation

/// An alert's name: a UUID of version 7 (RFC 9562, section 5.7), so that ids sort by the time they were made.
public struct AlertID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Bytes of an id.
    public static let length = 16
    /// Bytes of randomness that ``init(time:random:)`` wants.
    public static let randomLength = 10

    private let high: UInt64
    private let low: UInt64

    private init?(high: UInt64, low: UInt64) {
        // Version 7 in the four bits after the time, variant 0b10 in the two bits after those twelve.
        guard high >> 12 & 0xF == 7, low >> 62 == 0b10 else { return nil }
        self.high = high
        self.low = low
    }

    /// Makes an id from the moment and ``randomLength`` random bytes, of which 74 bits are used.
    /// Missing bytes count as zero, further ones are left out.
    public init(time: Timestamp, random: [UInt8]) {
        var number = (UInt64(0), UInt64(0))
        for (index, byte) in random.prefix(AlertID.randomLength).enumerated() {
            if index < 2 {
                number.0 |= UInt64(byte) << (8 * (1 - index))
            } else {
                number.1 |= UInt64(byte) << (8 * (9 - index))
            }
        }
        let milliseconds = UInt64(clamping: time.milliseconds) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 7 << 12 | number.0 & 0xFFF
        low = 0b10 << 62 | number.1 & (1 << 62 - 1)
    }

    /// The same with another time.
    func made(at time: Timestamp) -> AlertID {
        AlertID(time: time, random: [UInt8(high >> 8 & 0xF), UInt8(high & 0xFF)] + bytes.suffix(8))
    }

    /// Reads 16 bytes; nil when they are not an id of version 7.
    public init?(bytes: [UInt8]) {
        guard bytes.count == AlertID.length else { return nil }
        self.init(
            high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Reads `01936b2e-5c00-7abc-8def-0123456789ab`: lower case, hyphens in place, version 7; nil for anything else.
    public init?(_ text: String) {
        let characters = text.utf8Span.span
        guard characters.count == 36 else { return nil }
        var number = (UInt64(0), UInt64(0))
        var digits = 0
        for index in characters.indices {
            let character = characters[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard character == 0x2D else { return nil }
                continue
            }
            guard let digit = hexValue(character) else { return nil }
            if digits < 16 {
                number.0 = number.0 << 4 | UInt64(digit)
            } else {
                number.1 = number.1 << 4 | UInt64(digit)
            }
            digits += 1
        }
        self.init(high: number.0, low: number.1)
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(AlertID.length)
        for half in [high, low] {
            withUnsafeBytes(of: half.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// When the id was made, by its maker's clock.
    public var time: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// The text form, 36 characters in lower case.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(0x2D) }
            text.append(hexOf: byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    public static func < (left: AlertID, right: AlertID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
