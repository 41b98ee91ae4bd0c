import SQLite
import Testing

@Suite("The SQLite binding")
struct ConnectionTests {
    let directory: Directory
    let connection: Connection

    init() throws {
        directory = try Directory()
        connection = try Connection(
            path: directory.file("test.db"), mode: .create(permissions: 0o600), busyTimeout: .milliseconds(1))
        try connection.execute(
            "CREATE TABLE things (number INTEGER PRIMARY KEY, name TEXT, data BLOB) STRICT")
    }

    private func count() throws -> Int64 { try connection.number("SELECT count(*) FROM things") }

    @Test("values come back as they were bound")
    func values() throws {
        let insert = try connection.statement("INSERT INTO things VALUES (?1, ?2, ?3)")
        try insert.bind(Int64.min, at: 1)
        try insert.bind("កោះកុង\0end", at: 2)
        try insert.bind([] as [UInt8], at: 3)
        try insert.run()
        let select = try connection.statement("SELECT number, name, data, NULL FROM things")
        #expect(try select.step())
        #expect(select.integer(0) == .min)
        #expect(select.text(1) == "កោះកុង\0end")
        #expect(select.bytes(2).isEmpty && !select.isNull(2))
        #expect(select.isNull(3) && select.text(3).isEmpty && select.bytes(3).isEmpty)
        #expect(throws: SQLiteError.self) { try select.unsigned(0) }
        #expect(try !select.step())
    }

    @Test("a number that SQLite can't hold is refused, not changed")
    func tooLarge() throws {
        let insert = try connection.statement("INSERT INTO things (number) VALUES (?1)")
        #expect(throws: SQLiteError.self) { try insert.bind(UInt64.max, at: 1) }
        try insert.bind(UInt64(Int64.max), at: 1)
        try insert.run()
        #expect(try connection.number("SELECT number FROM things") == .max)
    }

    @Test("an error names the statement and the extended code, never what was bound")
    func errors() throws {
        try connection.execute("INSERT INTO things VALUES (1, 'first', NULL)")
        let insert = try connection.statement("INSERT INTO things (number, name) VALUES (?1, ?2)")
        try insert.bind(Int64(1), at: 1)
        try insert.bind("a name that must not leak", at: 2)
        let error = try #require(throws: SQLiteError.self) { try insert.run() }
        #expect(error.code.rawValue == 1_555, "SQLITE_CONSTRAINT_PRIMARYKEY")
        #expect(ResultCode.constraint ~= error.code)
        #expect(!(ResultCode.busy ~= error.code))
        #expect(error.sql == insert.sql)
        #expect(!error.description.contains("leak"))
    }

    @Test("an error shows the beginning of a script, and not the whole")
    func script() throws {
        let error = try #require(throws: SQLiteError.self) {
            try connection.execute(
                "\n    CREATE TABLE things (name TEXT);\n    CREATE TABLE secrets (name TEXT);")
        }
        #expect(error.description.hasSuffix(": CREATE TABLE things (name TEXT); ..."), "\(error)")
    }

    @Test("a transaction that throws leaves nothing, and the next one works")
    func rollback() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try connection.transaction(.immediate, wrapping: { _ in Stop() }) { () throws(Stop) in
                do { try connection.execute("INSERT INTO things (number) VALUES (1)") } catch { throw Stop() }
                throw Stop()
            }
        }
        #expect(!connection.isInTransaction)
        #expect(try count() == 0)
        try connection.transaction(.immediate) { () throws(SQLiteError) in
            try connection.execute("INSERT INTO things (number) VALUES (1)")
        }
        #expect(try count() == 1)
    }

    @Test("a lock that another connection holds is busy after the timeout")
    func busy() throws {
        let other = try Connection(
            path: directory.file("test.db"), mode: .readWrite, busyTimeout: .microseconds(1))
        try connection.transaction(.immediate) { () throws(SQLiteError) in
            let error = #expect(throws: SQLiteError.self) { try other.transaction(.immediate) {} }
            #expect(error?.code.primary == .busy)
        }
    }

    @Test("a statement does not outlive its connection's use, and says so")
    func closed() throws {
        let select = try connection.statement("SELECT number FROM things")
        try connection.close()
        #expect(throws: SQLiteError.self) { try select.step() }
        #expect(select.integer(0) == 0)
        #expect(throws: SQLiteError.self) { try connection.statement("SELECT 1") }
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT 1") }
    }

    @Test("more statements than are kept still work")
    func manyStatements() throws {
        let first = try connection.statement("SELECT 0")
        for number in 1...2 * Connection.mostStatements {
            #expect(try connection.number("SELECT \(number)") == Int64(number))
        }
        #expect(try first.step())
    }
}
