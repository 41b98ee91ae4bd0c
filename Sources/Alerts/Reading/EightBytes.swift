/// Eight bytes of a text, compared at once (SIMD within a register): every alert's bytes are looked at several times, and a
/// branch for each byte is most of what that costs.
struct EightBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private var bits: UInt64

    /// - Returns: the high bit of each byte that is at least the limit. Only for bytes and limits of ASCII, 1 to 0x7F: nothing
    ///   is carried from one byte to the next.
    func atLeast(_ limit: UInt8) -> UInt64 {
        (bits &+ EightBytes.ones &* UInt64(0x80 - limit)) & EightBytes.highBits
    }

    /// The same for bytes within both limits.
    func within(_ low: UInt8, _ high: UInt8) -> UInt64 { atLeast(low) & ~atLeast(high + 1) }

    var isASCII: Bool { bits & EightBytes.highBits == 0 }

    /// Letters in lower case.
    var lowercased: EightBytes { EightBytes(bits: bits | EightBytes.ones &* 0x20) }

    /// Whether any byte is below the limit, which is 0x80 at most; of whatever bytes.
    func hasAny(below limit: UInt8) -> Bool {
        (bits &- EightBytes.ones &* UInt64(limit)) & ~bits & EightBytes.highBits != 0
    }

    /// Whether this byte stands at the same place in both.
    func hasCommon(_ byte: UInt8, with other: EightBytes) -> Bool {
        let wanted = EightBytes.ones &* UInt64(byte)
        return EightBytes(bits: (bits ^ wanted) | (other.bits ^ wanted)).hasAny(below: 1)
    }

    /// Calls the body with all bytes from a place on, the last ones perhaps twice, until it returns false.
    /// - Returns: nil where there are fewer than eight; else whether it never did.
    static func each(
        of bytes: UnsafeRawBufferPointer, from start: Int = 0, _ body: (EightBytes, _ place: Int) -> Bool
    ) -> Bool? {
        let last = bytes.count - 8
        guard start <= last else { return nil }
        var place = start
        while true {
            let bits = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            guard body(EightBytes(bits: bits), place) else { return false }
            if place == last { return true }
            place = min(place + 8, last)
        }
    }

    private init(bits: UInt64) {
        self.bits = bits
    }

    /// At a place that has eight.
    init(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        bits = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
    }
}
