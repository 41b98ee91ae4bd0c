internal import Notation

/// Which alerts are meant by a run of sequences: the ids of all of them, combined by exclusive or. A post whose outbox holds
/// other alerts under these sequences (it was restored from an older copy, or copied to another machine) sees it by this.
///
/// In JSON 32 lower-case hexadecimal digits, as an id without its dashes.
public struct AlertSum: Sendable, Hashable, Codable, CustomStringConvertible {
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// Of no alerts.
    public init() {}

    /// Of some alerts, by their ids, in any order.
    public init(_ ids: some Sequence<[UInt8]>) {
        for id in ids { add(id) }
    }

    /// - id: 16 bytes; of others the first 16 count.
    public mutating func add(_ id: [UInt8]) {
        for index in 0..<min(id.count, 16) {
            if index < 8 {
                high ^= UInt64(id[index]) << (56 - 8 * UInt64(index))
            } else {
                low ^= UInt64(id[index]) << (120 - 8 * UInt64(index))
            }
        }
    }

    public init?(text: String) {
        guard text.utf8.count == 32, text.isLowerCaseHex, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    public var description: String {
        var writer = ByteWriter(reserving: 32)
        put(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    func put(into writer: inout ByteWriter) {
        writer.putHex(high)
        writer.putHex(low)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let sum = AlertSum(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "32 lower-case hexadecimal digits expected")
        }
        self = sum
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
