import Alerts
import SQLite

extension Outbox {
    /// An alert that the outbox has, whatever became of it.
    public struct Kept: Sendable, Equatable {
        public var epoch: UInt64
        public var header: [UInt8]
        /// Empty once it is erased.
        public var payload: [UInt8]
        /// The digest of a content that is gone; nil: it is there.
        public var erased: [UInt8]?
        public var status: Status
    }

    /// The alert of an id; nil where the outbox never had it, or has forgotten it.
    public func kept(_ id: [UInt8]) throws(OutboxError) -> Kept? {
        try call("read") { () throws(SQLiteError) in
            let select = try connection.statement(
                """
                SELECT sequence, id, queued, state, answered, offset, code, reason, epoch, header, payload,
                    erased FROM alerts
                WHERE id = ?1 ORDER BY rowid DESC LIMIT 1
                """)
            defer { select.reset() }
            try select.bind(id, at: 1)
            guard try select.step() else { return nil }
            return Kept(
                epoch: try select.unsigned(8), header: select.bytes(9), payload: select.bytes(10),
                erased: select.isNull(11) ? nil : select.bytes(11), status: try status(select))
        }
    }

    /// Throws `.taken` when an alert of one of the ids is there; within the write of who is about to append them.
    func expectNew(_ ids: [[UInt8]]) throws(OutboxError) {
        for id in ids where try kept(id) != nil {
            throw OutboxError(
                operation: "append", path: path, cause: .taken,
                detail: "another program has just queued an alert of the same id", remedy: "Try again")
        }
    }
}
