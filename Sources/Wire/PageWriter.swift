public import Alerts

/// Writes the records of a page, one after the other, from bytes that lie elsewhere.
public struct PageWriter: Sendable {
    private var writer: ByteWriter
    public private(set) var count = 0

    /// - size: bytes of all records, as far as known.
    public init(reserving size: Int) {
        writer = ByteWriter(reserving: 1 + size)
        writer.put(Preamble.plain)
    }

    public var bytes: [UInt8] { writer.bytes }

    /// As ``PageRecord`` has them.
    public mutating func add(
        offset: UInt64, received: Timestamp, deliveries: [Heads.Entry], header: RawSpan, payload: RawSpan,
        erased: RawSpan, signature: RawSpan
    ) {
        count += 1
        writer.put(offset)
        writer.put(received.milliseconds)
        writer.putDeliveries(deliveries)
        writer.putPiece(header)
        writer.putPiece(payload)
        if payload.isEmpty { writer.put(erased) }
        writer.putPiece(signature)
    }
}
