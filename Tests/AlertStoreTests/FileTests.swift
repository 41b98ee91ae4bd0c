import Alerts
import Foundation
import SQLite
import Testing

@testable import AlertStore

@Suite("A log's file")
struct FileTests {
    let directory: Directory
    var path: String { directory.file("log.db") }

    init() throws {
        directory = try Directory()
    }

    /// A log with three alerts, closed or left as by a crash.
    private func written(closed: Bool = true) throws -> (LogState, Script) {
        let writer = try SQLiteWriter(path: path)
        var script = Script()
        var batch = script.batch([
            script.record(), script.record(from: "prey-veng", on: [1, 2]), script.record(),
        ])
        batch.refusals = [refusal(50)]
        try writer.commit(batch)
        let state = try writer.load()
        if closed { try writer.close() }
        return (state, script)
    }

    @Test("a log that is opened again goes on where it ended")
    func reopen() throws {
        var (state, script) = try written()
        let writer = try SQLiteWriter(path: path)
        #expect(try writer.load() == state)
        var batch = script.batch([script.record(on: [2])], known: [2])
        batch.refusals = [refusal(51)]
        try writer.commit(batch)
        let reader = try SQLiteReader(path: path)
        #expect(try reader.head() == 4)
        #expect(try reader.refusals(limit: 9).map(\.sequence) == [51, 50])
        #expect(try reader.heads(of: [1, 2], through: 4) == [1: 3, 2: 2])
    }

    @Test("a log behind a symbolic link is opened by nobody; behind a linked directory it is")
    func links() throws {
        _ = try written()
        #expect(symlink(path, directory.file("link.db")) == 0)
        for open in [{ _ = try SQLiteReader(path: $0) }, { _ = try SQLiteWriter(path: $0) }]
            as [(String) throws -> Void]
        {
            #expect {
                try open(directory.file("link.db"))
            } throws: {
                "\($0)".contains("symbolic link")
            }
        }
        let folder = directory.file("folder")
        #expect(symlink(directory.file("."), folder) == 0)
        #expect(try SQLiteReader(path: folder + "/log.db").head() == 3)
    }

    @Test("a writer that opens a log indexes what the last one had not")
    func indexCatchesUp() throws {
        var (_, script) = try written(closed: false)
        let writer = try SQLiteWriter(path: path, indexStride: 6)
        let reader = try SQLiteReader(path: path)
        #expect(try reader.connection.indexed() == 0)
        try writer.commit(script.batch([script.record(on: [1])], known: [1]))
        #expect(try reader.connection.indexed() == 0, "five deliveries")
        try writer.commit(script.batch([script.record(on: [2])], known: [2]))
        #expect(try reader.connection.indexed() == 5)
        #expect(try reader.connection.number("SELECT count(*) FROM deliveries") == 6)
        #expect(
            try reader.connection.number("SELECT sequence FROM deliveries WHERE topic = 1 AND offset = 4")
                == 4)
        #expect(try writer.load().topics == [Script.topic(1, sequence: 4), Script.topic(2, sequence: 2)])
        try writer.close()
        #expect(try SQLiteWriter(path: path).load().topics.map(\.sequence) == [4, 2])
    }

    @Test("a log of format 1 is refused with the reason, and nothing in it is changed")
    func endedFormat() throws {
        do {
            let connection = try Connection(
                path: path, mode: .create(permissions: 0o600), busyTimeout: .zero)
            try connection.execute(
                "CREATE TABLE alerts (offset INTEGER PRIMARY KEY); PRAGMA application_id = \(0x4257_6C67); "
                    + "PRAGMA user_version = 3")
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        for open in [{ _ = try SQLiteWriter(path: path) }, { _ = try SQLiteReader(path: path) }] {
            let error = try #require(throws: StoreError.self) { try open() }
            #expect(error.cause == .endedFormat)
            #expect(error.description.contains("a log of format 1"))
            #expect(error.remedy.contains("begin a new log"))
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("a log without its version is damaged, and is left as it is", arguments: [0, -1])
    func versionless(version: Int) throws {
        try SQLiteWriter(path: path).close()
        let connection = try Connection(path: path, mode: .readWrite, busyTimeout: .zero)
        try connection.execute("PRAGMA user_version = \(version)")
        for open in [{ _ = try SQLiteWriter(path: path) }, { _ = try SQLiteReader(path: path) }] {
            let error = try #require(throws: StoreError.self) { try open() }
            #expect(error.cause == .damaged)
            #expect(error.detail == "a database that has lost its version")
        }
        #expect(try connection.number("PRAGMA user_version") == Int64(version))
    }

    @Test("a log that was not closed loses nothing")
    func dropped() throws {
        var script = Script()
        do {
            let writer = try SQLiteWriter(path: path)
            try writer.commit(script.batch([script.record()]))
        }
        #expect(try SQLiteWriter(path: path).load().offset == 1)
    }

    @Test("only the owner can read the files")
    func modes() throws {
        let writer = try SQLiteWriter(path: path)
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        for name in ["log.db", "log.db-wal", "log.db-shm", "log.db.lock"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
    }

    @Test("a second writer is refused at once, and says why")
    func secondPen() throws {
        let writer = try SQLiteWriter(path: path)
        let error = try #require(throws: StoreError.self) { _ = try SQLiteWriter(path: path) }
        #expect(error.cause == .locked)
        #expect(
            error.description.contains("process \(getpid()) holds \(path).lock: probably another running hub")
        )
        try writer.close()
        _ = try SQLiteWriter(path: path)
    }

    @Test("a database of a newer program is refused and left alone")
    func newer() throws {
        _ = try written()
        let connection = try Connection(path: path, mode: .readWrite, busyTimeout: .seconds(1))
        try connection.execute("PRAGMA user_version = 99")
        try connection.close()
        let expected = StoreError.Cause.newerVersion(found: 99, known: StoreSchema.schema.steps.count)
        #expect(cause { _ = try SQLiteWriter(path: path) } == expected)
        #expect(cause { _ = try SQLiteReader(path: path) } == expected)
    }

    @Test("another program's database is refused and left alone")
    func foreign() throws {
        let connection = try Connection(
            path: path, mode: .create(permissions: 0o600), busyTimeout: .seconds(1))
        try connection.execute("CREATE TABLE things (name TEXT)")
        try connection.close()
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(cause { _ = try SQLiteWriter(path: path) } == .damaged)
        #expect(cause { _ = try SQLiteReader(path: path) } == .damaged)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test("a file that is no database is refused and left alone")
    func garbage() throws {
        let garbage = Data(repeating: 0x42, count: 20_000)
        try garbage.write(to: URL(filePath: path))
        #expect(cause { _ = try SQLiteWriter(path: path) } == .damaged)
        #expect(cause { _ = try SQLiteReader(path: path) } == .damaged)
        #expect(try Data(contentsOf: URL(filePath: path)) == garbage)
    }

    @Test("a database that lost its end is refused")
    func truncated() throws {
        _ = try written()
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
        #expect(cause { _ = try SQLiteWriter(path: path) } == .damaged)
        #expect(cause { _ = try SQLiteReader(path: path) } == .damaged)
    }

    @Test("a damaged row is an error that names its offset, on every way to it")
    func damagedRow() throws {
        _ = try written()
        let connection = try Connection(path: path, mode: .readWrite, busyTimeout: .seconds(1))
        try connection.execute("UPDATE alerts SET deliveries = x'FFFFFF' WHERE offset = 2")
        try connection.close()
        let reader = try SQLiteReader(path: path)
        let error = try #require(throws: StoreError.self) { _ = try reader.record(at: 2) }
        #expect(error.cause == .damaged)
        #expect(error.detail.contains("offset 2"))
        #expect(cause { _ = try reader.page(after: 0, topics: [1], limit: 9, bytes: .max) } == .damaged)
        #expect(try reader.record(at: 1) != nil, "the reader goes on with what is whole")
    }

    @Test("a reader without a log is told so")
    func missing() throws {
        #expect(cause { _ = try SQLiteReader(path: path) } == .missing)
        #expect(cause { _ = try SQLiteWriter(path: directory.file("none/log.db")) } == .missing)
        #expect(FileManager.default.contents(atPath: path) == nil, "a reader makes no file")
    }

    @Test("a reader can't write")
    func readerReads() throws {
        _ = try written()
        let reader = try SQLiteReader(path: path)
        #expect(throws: SQLiteError.self) { try reader.connection.execute("DELETE FROM alerts") }
        #expect(try reader.head() == 3)
    }

    @Test("a directory that can't be written is named as such")
    func readOnlyDirectory() throws {
        // Modes do not bind root, but nobody makes files in /sys.
        let place: String
        if geteuid() == 0 {
            place = "/sys"
        } else {
            place = directory.file("sealed")
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
        }
        #expect(cause { _ = try SQLiteWriter(path: place + "/log.db") } == .readOnly)
    }

    @Test("a full disk changes nothing, and the same batch goes in once there is room")
    func full() throws {
        let writer = try SQLiteWriter(path: path)
        let reader = try SQLiteReader(path: path)
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        let before = try writer.load()
        let pages = try writer.connection.number("PRAGMA page_count")
        try writer.connection.execute("PRAGMA max_page_count = \(pages + 4)")
        var batch = script.batch((0..<200).map { _ in script.record(size: 600) }, known: [1])
        batch.refusals = [refusal(70)]
        batch.positions.append(Position(post: "prey-veng", epoch: 3, through: 0))
        let error = try #require(throws: StoreError.self) { try writer.commit(batch) }
        #expect(error.cause == .full)
        #expect(try writer.load() == before)
        #expect(try reader.head() == 1)
        #expect(try reader.counts() == Counts(stored: 1, refused: 0))
        try writer.connection.execute("PRAGMA max_page_count = 1000000")
        try writer.commit(batch)
        #expect(try reader.head() == 201)
        #expect(try writer.load().positions.contains { $0.post == "prey-veng" && $0.epoch == 3 })
    }

    @Test("a reader between its calls does not hold the write-ahead log back")
    func checkpoint() throws {
        let writer = try SQLiteWriter(path: path)
        let reader = try SQLiteReader(path: path)
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        _ = try reader.page(after: 0, topics: [1], limit: 1, bytes: 1)
        // The first column tells whether someone was in the way.
        #expect(try writer.connection.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
        #expect(try Data(contentsOf: URL(filePath: path + "-wal")).isEmpty)
    }

    @Test(
        "a commit does not copy the write-ahead log; the writer's own thread does, before the next large batch, which begins it anew"
    )
    func checkpoints() throws {
        let writer = try SQLiteWriter(path: path)
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        while writer.connection.walPages < StoreSchema.checkpointPages {
            try writer.commit(script.batch([script.record(size: 60_000)], known: [1]))
        }
        #expect(writer.connection.walPages >= StoreSchema.checkpointPages)
        let large = (0..<SQLiteWriter.patientBatch).map { _ in script.record(size: 9) }
        try writer.commit(script.batch(large, known: [1]))
        #expect(writer.connection.walPages < 9)
        #expect(try SQLiteReader(path: path).head() == script.offset)
    }

    @Test("a log that loses its write-ahead log keeps its name")
    func name() throws {
        var script = Script()
        let log: UInt64
        do {
            let writer = try SQLiteWriter(path: path)
            try writer.commit(script.batch([script.record()]))
            log = try writer.load().log
            // As in a crash: a connection that is closed would copy it.
            try FileManager.default.copyItem(atPath: path, toPath: directory.file("cut.db"))
        }
        let cut = try SQLiteWriter(path: directory.file("cut.db")).load()
        #expect((cut.log, cut.offset) == (log, 0))
    }

    @Test(
        "a log opens, and can be read, where the disk has no room for what only its write-ahead log has",
        .enabled(if: geteuid() == 0, "a small disk is mounted for it"))
    func fullAtStart() throws {
        let disk = directory.file("disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
        try #require(try run("/bin/mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk) == 0)
        defer { _ = try? run("/bin/umount", "-l", disk) }
        let writer = try SQLiteWriter(path: disk + "/log.db")
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        for _ in 0..<15 { try writer.commit(script.batch([script.record(size: 60_000)], known: [1])) }
        // As after a crash: a connection that is closed would copy it.
        for end in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: disk + "/log.db" + end, toPath: disk + "/crashed.db" + end)
        }
        let room = try FileManager.default.attributesOfFileSystem(forPath: disk)[.systemFreeSize] as? Int
        try Data(count: try #require(room) - 131_072).write(to: URL(filePath: disk + "/filler"))
        let opened = try SQLiteWriter(path: disk + "/crashed.db")
        #expect(try opened.load().offset == 16)
        #expect(try SQLiteReader(path: disk + "/crashed.db").record(at: 16) != nil)
    }

    private func run(_ program: String, _ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test(
        "a copy of the write-ahead log that fails is an error of the next commit, once; a full disk is not, for commits say so themselves",
        arguments: [(ResultCode.corrupt, StoreError.Cause?.some(.damaged)), (.full, nil), (.busy, nil)])
    func failingCheckpoint(code: ResultCode, expected: StoreError.Cause?) throws {
        let writer = try SQLiteWriter(path: path)
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        let checkpointer = try Checkpointer(path: path) { _ throws(SQLiteError) in
            throw SQLiteError(operation: "copy", code: code, message: "invented")
        }
        writer.checkpointer = checkpointer
        checkpointer.request()
        checkpointer.finish(atMost: .seconds(30))
        let next = script.batch([script.record()], known: [1])
        #expect(cause { try writer.commit(next) } == expected)
        if expected != nil { try writer.commit(next) }
        #expect(try writer.load().offset == 2)
    }

    @Test("where nobody else copies the write-ahead log, a commit does at its bound")
    func withoutCheckpointer() throws {
        let writer = try SQLiteWriter(path: path, checkpoints: false)
        var script = Script()
        try writer.commit(script.batch([script.record()]))
        var most = 0
        for _ in 0..<400 {
            try writer.commit(script.batch([script.record(size: 60_000)], known: [1]))
            most = max(most, writer.connection.walPages)
        }
        #expect((StoreSchema.mostPages..<StoreSchema.mostPages + 20).contains(most))
        #expect(writer.connection.walPages < StoreSchema.mostPages)
    }

    @Test("each commit is synced")
    func synced() throws {
        let writer = try SQLiteWriter(path: path)
        #expect(try writer.connection.number("PRAGMA synchronous") == 2)
        #expect(try writer.connection.number("PRAGMA page_size") == Int64(StoreSchema.pageSize))
    }

    @Test("a closed store answers with an error")
    func closed() throws {
        let writer = try SQLiteWriter(path: path)
        let reader = try SQLiteReader(path: path)
        try reader.close()
        try writer.close()
        var script = Script()
        #expect(throws: StoreError.self) { try writer.commit(script.batch([script.record()])) }
        #expect(throws: StoreError.self) { _ = try reader.head() }
    }
}
