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
    public var payload: [UInt8]
    public var signature: [UInt8]

    public init(
        offset: UInt64, received: Timestamp, deliveries: [Heads.Entry], header: [UInt8], payload: [UInt8],
        signature: [UInt8]
    ) {
        self.offset = offset
        self.received = received
        self.deliveries = deliveries
        self.header = header
        self.payload = payload
        self.signature = signature
    }

    public static func encode(_ records: [PageRecord]) -> [UInt8] {
        let size = records.reduce(0) { $0 + 40 + $1.header.count + $1.payload.count + $1.signature.count }
        var writer = ByteWriter(reserving: size)
        for record in records {
            writer.put(record.offset)
            writer.put(record.received.milliseconds)
            writer.putVarint(UInt64(record.deliveries.count))
            for delivery in record.deliveries {
                writer.putVarint(UInt64(delivery.topic))
                writer.putVarint(delivery.sequence)
            }
            writer.putPieces(record.header, record.payload, record.signature)
        }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(Malformed) -> [PageRecord] {
        var reader = ByteReader(bytes)
        var records: [PageRecord] = []
        while !reader.isAtEnd {
            let offset = try reader.takeNumber(atLeast: 1, "offset")
            guard offset > records.last?.offset ?? 0 else {
                throw Malformed("offset: \(offset) does not come after \(records.last?.offset ?? 0)")
            }
            let received = Timestamp(milliseconds: try reader.take(Int64.self, "received"))
            var deliveries: [Heads.Entry] = []
            for _ in 0..<(try reader.takeVarint("deliveries")) {
                let number = try reader.takeVarint("topic number")
                guard let topic = UInt32(exactly: number), topic >= 1 else {
                    throw Malformed("topic number: \(number) is out of range")
                }
                let sequence = try reader.takeShortNumber(atLeast: 1, "topic sequence")
                deliveries.append(Heads.Entry(topic: topic, sequence: sequence))
            }
            guard !deliveries.isEmpty else { throw Malformed("deliveries: none") }
            let (header, payload, signature) = try reader.takePieces()
            records.append(
                PageRecord(
                    offset: offset, received: received, deliveries: deliveries, header: header,
                    payload: payload,
                    signature: signature))
        }
        return records
    }
}
