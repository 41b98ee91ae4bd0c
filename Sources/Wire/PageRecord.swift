public import Alerts

/// One alert of a replay page. A page is one frame: its records, one after the other (PROTOCOL.md, "Page").
public struct PageRecord: Sendable, Equatable {
    /// Ascending within a page.
    public var offset: UInt64
    public var received: Timestamp
    /// Of the topics that were asked for, those that the alert was delivered on: at least one, in the
    /// order of the alert's provinces.
    public var deliveries: [Heads.Entry]
    public var header: [UInt8]
    /// Empty once the content was erased.
    public var payload: [UInt8]
    /// What is left of an erased payload, 32 bytes; nil while the payload is there.
    public var erased: [UInt8]?
    public var signature: [UInt8]

    /// Bytes of a payload's digest.
    public static let digestLength = 32

    public init(
        offset: UInt64, received: Timestamp, deliveries: [Heads.Entry], header: [UInt8], payload: [UInt8],
        erased: [UInt8]? = nil, signature: [UInt8]
    ) {
        self.offset = offset
        self.received = received
        self.deliveries = deliveries
        self.header = header
        self.payload = payload
        self.erased = erased
        self.signature = signature
    }

    public static func encode(_ records: [PageRecord]) -> [UInt8] {
        let size = records.reduce(0) { $0 + 40 + $1.header.count + $1.payload.count + $1.signature.count }
        var writer = ByteWriter(reserving: 1 + size)
        writer.put(Preamble.plain)
        for record in records {
            writer.put(record.offset)
            writer.put(record.received.milliseconds)
            writer.putDeliveries(record.deliveries)
            writer.putPiece(record.header)
            writer.putPiece(record.payload)
            if record.payload.isEmpty { writer.put(record.erased ?? []) }
            writer.putPiece(record.signature)
        }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(Malformed) -> [PageRecord] {
        var reader = ByteReader(bytes)
        try Preamble.checkCoding(&reader)
        var records: [PageRecord] = []
        while !reader.isAtEnd {
            let offset = try reader.takeNumber(atLeast: 1, "offset")
            guard offset > records.last?.offset ?? 0 else {
                throw Malformed("offset: \(offset) does not come after \(records.last?.offset ?? 0)")
            }
            let received = Timestamp(milliseconds: try reader.take(Int64.self, "received"))
            let deliveries = try reader.takeDeliveries()
            guard !deliveries.isEmpty else { throw Malformed("deliveries: none") }
            let header = try reader.takePiece("header")
            let payload = try reader.takePiece("payload")
            let erased = payload.isEmpty ? try reader.take(count: digestLength, "digest") : nil
            records.append(
                PageRecord(
                    offset: offset, received: received, deliveries: deliveries, header: header,
                    payload: payload, erased: erased, signature: try reader.takePiece("signature")))
        }
        return records
    }
}
