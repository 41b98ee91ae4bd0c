/// The compact columns of a record: numbers of 7 bits a byte, the low ones first, the high bit on all but the last
/// (LEB128). A delivery takes 4 bytes where a fixed layout takes 12.
package enum Packing {
    package static func pack(_ deliveries: [Record.Delivery]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(deliveries.count * 5)
        for delivery in deliveries {
            append(UInt64(delivery.topic), to: &bytes)
            append(delivery.sequence, to: &bytes)
        }
        return bytes
    }

    /// nil when the bytes are not what ``pack(_:)-(Delivery)`` makes.
    package static func deliveries(_ bytes: RawSpan) -> [Record.Delivery]? {
        var deliveries: [Record.Delivery] = []
        var position = 0
        while position < bytes.byteCount {
            guard let number = number(bytes, &position), let topic = UInt32(exactly: number),
                let sequence = Packing.number(bytes, &position)
            else { return nil }
            deliveries.append(Record.Delivery(topic: topic, sequence: sequence))
        }
        return deliveries
    }

    /// Whether any of the packed deliveries is on one of the topics; nil when the bytes are damaged.
    package static func contains(_ bytes: RawSpan, anyOf topics: Set<UInt32>) -> Bool? {
        var position = 0
        while position < bytes.byteCount {
            guard let number = number(bytes, &position), let topic = UInt32(exactly: number) else {
                return nil
            }
            if topics.contains(topic) { return true }
            guard Packing.number(bytes, &position) != nil else { return nil }
        }
        return false
    }

    /// Each id with its length before it.
    package static func pack(_ references: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for reference in references {
            append(UInt64(reference.count), to: &bytes)
            bytes += reference
        }
        return bytes
    }

    package static func references(_ bytes: RawSpan) -> [[UInt8]]? {
        var references: [[UInt8]] = []
        var position = 0
        while position < bytes.byteCount {
            guard let length = number(bytes, &position), let count = Int(exactly: length),
                count <= bytes.byteCount - position
            else { return nil }
            references.append(
                (position..<position + count).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) })
            position += count
        }
        return references
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func number(_ bytes: RawSpan, _ position: inout Int) -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.byteCount {
            let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            position += 1
            let bits = UInt64(byte & 0x7F)
            guard shift < 63 || (shift == 63 && bits <= 1) else { return nil }
            number |= bits << shift
            if byte & 0x80 == 0 { return number }
            shift += 7
        }
        return nil
    }
}
