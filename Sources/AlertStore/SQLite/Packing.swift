internal import Notation

/// The compact columns of a record, of numbers in LEB128. A delivery takes 4 bytes where a fixed layout takes 12.
package enum Packing {
    package static func pack(_ deliveries: [Record.Delivery]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(deliveries.count * 5)
        for delivery in deliveries {
            LEB128.append(UInt64(delivery.topic), to: &bytes)
            LEB128.append(delivery.sequence, to: &bytes)
        }
        return bytes
    }

    /// nil when the bytes are not what ``pack(_:)-(Delivery)`` makes.
    package static func deliveries(_ bytes: RawSpan) -> [Record.Delivery]? {
        var deliveries: [Record.Delivery] = []
        var position = 0
        while position < bytes.byteCount {
            guard let number = try? LEB128.read(bytes, at: &position), let topic = UInt32(exactly: number),
                let sequence = try? LEB128.read(bytes, at: &position)
            else { return nil }
            deliveries.append(Record.Delivery(topic: topic, sequence: sequence))
        }
        return deliveries
    }

    /// Whether any of the packed deliveries is on one of the topics; nil when the bytes are damaged.
    package static func contains(_ bytes: RawSpan, anyOf topics: Set<UInt32>) -> Bool? {
        var position = 0
        while position < bytes.byteCount {
            guard let number = try? LEB128.read(bytes, at: &position), let topic = UInt32(exactly: number)
            else {
                return nil
            }
            if topics.contains(topic) { return true }
            guard (try? LEB128.read(bytes, at: &position)) != nil else { return nil }
        }
        return false
    }

    /// Each id with its length before it.
    package static func pack(_ references: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for reference in references {
            LEB128.append(UInt64(reference.count), to: &bytes)
            bytes += reference
        }
        return bytes
    }

    package static func references(_ bytes: RawSpan) -> [[UInt8]]? {
        var references: [[UInt8]] = []
        var position = 0
        while position < bytes.byteCount {
            guard let length = try? LEB128.read(bytes, at: &position), let count = Int(exactly: length),
                count <= bytes.byteCount - position
            else { return nil }
            references.append(
                (position..<position + count).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) })
            position += count
        }
        return references
    }
}
