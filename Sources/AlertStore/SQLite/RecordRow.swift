import Alerts
import SQLite

/// A row of `alerts` as a record.
enum RecordRow {
    /// What ``record(_:stream:)`` expects, in its order.
    static let columns =
        "offset, position, sequence, received, id, deliveries, refers, hash, signature, header, payload, erased, chains"
    static let deliveriesColumn = 5

    static func record(_ row: Statement, stream: LogTail.Stream) throws(SQLiteError) -> Record {
        guard let deliveries = row.withBytes(deliveriesColumn, Packing.deliveries),
            let references = row.withBytes(6, Packing.references)
        else { throw damaged(row) }
        var record = Record(
            offset: try row.unsigned(0), post: stream.post, epoch: stream.epoch,
            sequence: try row.unsigned(2),
            received: Timestamp(milliseconds: row.integer(3)), alert: row.bytes(4), references: references,
            deliveries: deliveries, chains: row.bytes(12),
            signed: SignedAlert(header: row.bytes(9), payload: row.bytes(10), signature: row.bytes(8)),
            hash: row.bytes(7))
        if !row.isNull(11) { record.erased = row.bytes(11) }
        return record
    }

    /// Gives the row to a sink without making a record of it.
    /// - Returns: bytes of header, payload and signature.
    static func give(_ row: Statement, to sink: inout some PageSink) throws(SQLiteError) -> Int {
        guard let deliveries = row.withBytes(deliveriesColumn, Packing.deliveries) else { throw damaged(row) }
        let offset = try row.unsigned(0)
        let received = Timestamp(milliseconds: row.integer(3))
        return row.withBytes(9) { header in
            row.withBytes(10) { payload in
                row.withBytes(8) { signature in
                    row.withBytes(11) { erased in
                        sink.add(
                            offset: offset, received: received, deliveries: deliveries, header: header,
                            payload: payload, erased: erased, signature: signature)
                        return header.byteCount + payload.byteCount + signature.byteCount
                    }
                }
            }
        }
    }

    static func damaged(_ row: Statement) -> SQLiteError {
        SQLiteError(
            operation: "read", code: .corrupt, message: "the alert at offset \(row.integer(0)) is damaged",
            sql: row.sql)
    }
}
