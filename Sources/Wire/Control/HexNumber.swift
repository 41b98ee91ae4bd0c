internal import Notation

/// A log or an epoch in JSON: 16 lower-case hexadecimal digits. As a JSON number it would lose digits in programs that
/// read numbers as doubles; nobody calculates with it. From 1 to ``WireLimits/number``.
public struct HexNumber: Sendable, Hashable, Codable, CustomStringConvertible {
    public var value: UInt64

    public init(_ value: UInt64) {
        self.value = value
    }

    public init?(text: String) {
        guard text.utf8.count == 16, text.isLowerCaseHex, let value = UInt64(text, radix: 16),
            (1...WireLimits.number).contains(value)
        else { return nil }
        self.value = value
    }

    public var description: String {
        var writer = ByteWriter(reserving: 16)
        writer.putHex(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let number = HexNumber(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "16 lower-case hexadecimal digits expected")
        }
        self = number
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
