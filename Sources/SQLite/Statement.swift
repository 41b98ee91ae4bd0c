import CSQLite

/// A prepared statement of a ``Connection``, got from ``Connection/statement(_:)``.
///
/// Bind, then ``run()`` it, or ``step()`` through its rows. A statement left in the middle of its rows holds back the
/// checkpoint: `defer { statement.reset() }` where the loop can end early.
public final class Statement {
    public let sql: String
    private let handle: Handle
    /// Used from one thread, and with each parameter of each row: a check for overlapping uses would cost as much as it does.
    @exclusivity(unchecked) private var pointer: OpaquePointer?

    init(_ handle: Handle, _ sql: String) throws(SQLiteError) {
        guard handle.pointer != nil else { throw .closed("prepare", sql: sql) }
        self.handle = handle
        self.sql = sql
        let code = sqlite3_prepare_v3(
            handle.pointer, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK else {
            throw SQLiteError("prepare", code, connection: handle.pointer, sql: sql)
        }
    }

    deinit {
        finalize()
    }

    func finalize() {
        // Its result repeats the last step's error, which was thrown there.
        sqlite3_finalize(pointer)
        pointer = nil
    }

    func clear() {
        sqlite3_clear_bindings(pointer)
    }

    /// Ends the statement's rows; what is bound stays.
    public func reset() {
        // Its result repeats the last step's error, which was thrown there.
        sqlite3_reset(pointer)
    }

    /// Goes to the next row; false when there is none, and then the statement is reset.
    public func step() throws(SQLiteError) -> Bool {
        guard pointer != nil else { throw .closed("step", sql: sql) }
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        defer { sqlite3_reset(pointer) }
        guard code == SQLITE_DONE else {
            throw SQLiteError("step", code, connection: handle.pointer, sql: sql)
        }
        return false
    }

    /// Runs the statement to its end and resets it; rows are dropped.
    public func run() throws(SQLiteError) {
        while try step() {}
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else {
            throw SQLiteError("bind", code, connection: handle.pointer, sql: sql)
        }
    }
}

/// Belongs to its connection's thread.
@available(*, unavailable)
extension Statement: Sendable {}

/// SQLITE_TRANSIENT: SQLite copies the bytes before the call returns. The macro is a cast that does not import.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

// Parameters, counted from 1 as in SQL (`?1`).
extension Statement {
    public func bind(_ value: Int64, at parameter: Int) throws(SQLiteError) {
        try check(sqlite3_bind_int64(pointer, Int32(clamping: parameter), value))
    }

    /// A number that SQLite can hold: fails above Int64.max instead of storing another number.
    public func bind(_ value: UInt64, at parameter: Int) throws(SQLiteError) {
        guard let value = Int64(exactly: value) else {
            throw SQLiteError(
                operation: "bind", code: .misuse, message: "parameter \(parameter) is above Int64.max",
                sql: sql)
        }
        try bind(value, at: parameter)
    }

    public func bind(_ text: String, at parameter: Int) throws(SQLiteError) {
        let code = text.withCString {
            sqlite3_bind_text64(
                pointer, Int32(clamping: parameter), $0, UInt64(text.utf8.count), transient,
                UInt8(SQLITE_UTF8))
        }
        try check(code)
    }

    public func bind(_ bytes: [UInt8], at parameter: Int) throws(SQLiteError) {
        try bind(bytes.span.bytes, at: parameter)
    }

    /// The bytes are copied before the call returns. No bytes are an empty blob, not null.
    public func bind(_ bytes: RawSpan, at parameter: Int) throws(SQLiteError) {
        let code = bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress, buffer.count > 0 else {
                return sqlite3_bind_zeroblob(pointer, Int32(clamping: parameter), 0)
            }
            return sqlite3_bind_blob64(
                pointer, Int32(clamping: parameter), start, UInt64(buffer.count), transient)
        }
        try check(code)
    }

    public func bindNull(at parameter: Int) throws(SQLiteError) {
        try check(sqlite3_bind_null(pointer, Int32(clamping: parameter)))
    }
}

// Columns of the current row, counted from 0 as in C. Null reads as 0, as an empty text or as no bytes.
extension Statement {
    public enum Kind: Sendable {
        case null, number, text, bytes
    }

    public var columns: Int { Int(sqlite3_column_count(pointer)) }

    /// What the column holds; a floating-point number, which none of our tables has, counts as a number.
    public func kind(_ column: Int) -> Kind {
        switch sqlite3_column_type(pointer, Int32(clamping: column)) {
        case SQLITE_NULL: .null
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .bytes
        default: .number
        }
    }

    public func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(pointer, Int32(clamping: column)) == SQLITE_NULL
    }

    public func integer(_ column: Int) -> Int64 {
        sqlite3_column_int64(pointer, Int32(clamping: column))
    }

    /// A number that can't be negative. A negative one was not written by us: `.corrupt`.
    public func unsigned(_ column: Int) throws(SQLiteError) -> UInt64 {
        guard let value = UInt64(exactly: integer(column)) else {
            throw SQLiteError(
                operation: "read", code: .corrupt, message: "column \(column) holds a negative number",
                sql: sql)
        }
        return value
    }

    public func text(_ column: Int) -> String {
        // The text first, then its length (sqlite.org/c3ref/column_blob.html).
        guard let start = sqlite3_column_text(pointer, Int32(clamping: column)) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, Int32(clamping: column)))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    public func bytes(_ column: Int) -> [UInt8] {
        guard let start = sqlite3_column_blob(pointer, Int32(clamping: column)) else { return [] }
        let count = Int(sqlite3_column_bytes(pointer, Int32(clamping: column)))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The column's bytes in place, without a copy; valid within the closure only.
    public func withBytes<Value>(_ column: Int, _ body: (RawSpan) -> Value) -> Value {
        let start = sqlite3_column_blob(pointer, Int32(clamping: column))
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(pointer, Int32(clamping: column)))
        return body(UnsafeRawBufferPointer(start: start, count: count).bytes)
    }
}
