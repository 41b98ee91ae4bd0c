import CPostgreSQL

/// The rows that a statement gave. Columns are counted from 0. Null reads as 0, as an empty text or as no bytes.
public final class Rows: RandomAccessCollection {
    private let result: OpaquePointer?
    public let endIndex: Int
    public var startIndex: Int { 0 }
    /// Rows that an insert, update or delete changed.
    public let changes: Int

    /// Owns the result from now on.
    init(_ result: OpaquePointer?) {
        self.result = result
        endIndex = Int(PQntuples(result))
        changes = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    deinit { PQclear(result) }

    public subscript(index: Int) -> Row { Row(rows: self, index: Int32(clamping: index)) }

    public struct Row {
        fileprivate let rows: Rows
        fileprivate let index: Int32

        public func isNull(_ column: Int) -> Bool {
            PQgetisnull(rows.result, index, Int32(clamping: column)) != 0
        }

        /// Of whatever width the column has; 0 where it is no whole number.
        public func integer(_ column: Int) -> Int64 {
            withBytes(column) { bytes in
                guard let first = bytes.byteCount > 0 ? bytes.unsafeLoad(as: UInt8.self) : nil,
                    [1, 2, 4, 8].contains(bytes.byteCount)
                else { return 0 }
                var number: Int64 = first & 0x80 != 0 && bytes.byteCount > 1 ? -1 : 0
                for place in 0..<bytes.byteCount {
                    number =
                        number << 8
                        | Int64(bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self))
                }
                return number
            }
        }

        /// A number that can't be negative, as all of ours: 0 in place of one.
        public func unsigned(_ column: Int) -> UInt64 { UInt64(clamping: integer(column)) }
        public func bool(_ column: Int) -> Bool { integer(column) != 0 }

        public func text(_ column: Int) -> String {
            withBytes(column) { bytes in
                bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
        }

        public func bytes(_ column: Int) -> [UInt8] {
            withBytes(column) { bytes in bytes.withUnsafeBytes { [UInt8]($0) } }
        }

        /// The column's bytes in place; valid within the closure only.
        public func withBytes<Value>(_ column: Int, _ body: (RawSpan) -> Value) -> Value {
            let column = Int32(clamping: column)
            let count = Int(PQgetlength(rows.result, index, column))
            let start = PQgetvalue(rows.result, index, column)
            return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count).bytes)
        }
    }
}

/// Belongs to its connection's thread.
@available(*, unavailable)
extension Rows: Sendable {}
