/// Bytes in JSON: pairs of lower-case hexadecimal digits.
public struct HexBytes: Sendable, Equatable, Codable {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let digits = Array(try container.decode(String.self).utf8)
        bytes = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard index + 1 < digits.count, let high = HexBytes.value(digits[index]),
                let low = HexBytes.value(digits[index + 1])
            else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "pairs of hexadecimal digits expected")
            }
            bytes.append(high << 4 | low)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        let digits = Array("0123456789abcdef".utf8)
        var container = encoder.singleValueContainer()
        try container.encode(
            String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self))
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
