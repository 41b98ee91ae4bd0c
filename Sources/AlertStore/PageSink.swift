public import Alerts

/// Takes the records of a page one after the other, with what a reader of the hub gets of each. The bytes are the store's own
/// and live as long as the call.
public protocol PageSink {
    /// - erased: the digest of an erased payload; empty while the payload is there.
    mutating func add(
        offset: UInt64, received: Timestamp, deliveries: [Record.Delivery], header: RawSpan, payload: RawSpan,
        erased: RawSpan, signature: RawSpan)
}

extension AlertReader {
    /// By way of records: for a store in which a record costs little.
    public func page(
        after: UInt64, topics: Set<UInt32>, limit: Int, bytes: Int, into sink: inout some PageSink
    ) throws(StoreError) -> UInt64 {
        let page = try page(after: after, topics: topics, limit: limit, bytes: bytes)
        for record in page.records {
            let erased = record.erased ?? []
            sink.add(
                offset: record.offset, received: record.received, deliveries: record.deliveries,
                header: record.signed.header.span.bytes, payload: record.signed.payload.span.bytes,
                erased: erased.span.bytes, signature: record.signed.signature.span.bytes)
        }
        return page.through
    }
}
