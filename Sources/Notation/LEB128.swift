/// Numbers of 7 bits a byte, the low ones first, the high bit on all bytes but the last: mostly small numbers take one or two
/// bytes. Each number has one form, its shortest, so that what is decoded and encoded again is the same bytes.
public enum LEB128 {
    public enum Malformed: Error {
        /// The bytes end before the number does.
        case cutShort
        /// It has more than 64 bits.
        case tooLarge
        case notShortest
    }

    @inlinable
    public static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Reads the number at a position, which is behind it afterwards.
    @inlinable
    public static func read(_ bytes: RawSpan, at position: inout Int) throws(Malformed) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < bytes.byteCount else { throw .cutShort }
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            position += 1
            guard shift < 63 || byte <= 1 else { throw .tooLarge }
            guard shift == 0 || byte != 0 else { throw .notShortest }
            number |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return number }
        }
        throw .tooLarge
    }
}
