public import Alerts

/// One alert of a replay page. A page is one frame: its records, one after the other (PROTOCOL.md, "Page").
public struct PageRecord: Sendable, Equatable {
    /// Ascending within a page.
    public var offset: UInt64
    public var received: Timestamp
    /// Of the topics that were asked for, those that the alert was delivered on: at least one, in the
    /// order of the alert's provinces.
    public var deliveries: [Heads.Entry]
    /// Its payload is empty once it was erased.
    public var signed: SignedAlert
    /// What is left of an erased payload, 32 bytes; nil while the payload is there.
    public var erased: [UInt8]?

    /// Bytes of a payload's digest.
    public static let digestLength = 32

    public init(
        offset: UInt64, received: Timestamp, deliveries: [Heads.Entry], signed: SignedAlert,
        erased: [UInt8]? = nil
    ) {
        self.offset = offset
        self.received = received
        self.deliveries = deliveries
        self.signed = signed
        self.erased = erased
    }

    public static func encode(_ records: [PageRecord]) -> [UInt8] {
        var page = PageWriter(reserving: records.reduce(0) { $0 + 40 + $1.signed.size })
        for record in records {
            let erased = record.erased ?? []
            page.add(
                offset: record.offset, received: record.received, deliveries: record.deliveries,
                header: record.signed.header.span.bytes, payload: record.signed.payload.span.bytes,
                erased: erased.span.bytes, signature: record.signed.signature.span.bytes)
        }
        return page.bytes
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
                    offset: offset, received: received, deliveries: deliveries,
                    signed: SignedAlert(
                        header: header, payload: payload, signature: try reader.takePiece("signature")),
                    erased: erased))
        }
        return records
    }
}
