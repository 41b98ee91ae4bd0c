internal import AlertStore
internal import Alerts
internal import Identity

/// The hash that commits to a record and, through `previous`, to every record before it (PROTOCOL.md, "Hash chain").
///
/// The content enters as a digest of its own, so that a record whose content was erased can still be verified.
func chainHash(after previous: [UInt8], _ record: Record) -> [UInt8] {
    chainHash(after: previous, record, content: contentHash(record))
}

/// Header, payload and seal with the payload's length, so that no byte can be moved from one to the other.
func contentHash(_ record: Record) -> [UInt8] {
    var length: [UInt8] = []
    put(UInt64(record.payload.count), into: &length)
    return blake2b(record.header, length, record.payload, record.signature)
}

func chainHash(after previous: [UInt8], _ record: Record, content: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(160)
    bytes.append(contentsOf: "borderwire record v1\n".utf8)
    bytes.append(contentsOf: previous)
    put(record.offset, into: &bytes)
    put(UInt64(bitPattern: record.received.milliseconds), into: &bytes)
    for delivery in record.deliveries {
        put(UInt64(delivery.topic), into: &bytes)
        put(delivery.sequence, into: &bytes)
    }
    bytes.append(contentsOf: content)
    return blake2b(bytes)
}

private func put(_ value: UInt64, into bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
}
