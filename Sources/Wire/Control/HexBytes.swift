internal import Notation

/// Bytes in JSON: pairs of lower-case hexadecimal digits.
public struct HexBytes: Sendable, Equatable, Codable {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard text.isLowerCaseHex, let bytes = [UInt8](hex: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "pairs of hexadecimal digits expected")
        }
        self.bytes = bytes
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes.hex)
    }
}
